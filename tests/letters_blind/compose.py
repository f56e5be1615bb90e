"""From an entry to a letter's bytes, against an office that has really sent both campaigns' notices."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from service.office.roster import Unit
from tests.letters_blind import files as made
from tests.letters_blind.entries import Entry
from tests.stories.mail_programs import Sheet, raw_gbk, write
from tests.stories.sample_office import OFFICE, SHANXI, SampleOffice

SHANGHAI = "shanghai-2021-accreditation-day"
CAMPAIGNS = {"shanxi": SHANXI, "shanghai": SHANGHAI}


@dataclass
class Composer:
    """Writes letters to one office; it knows only the mail that its units received."""

    office: SampleOffice
    units: dict[str, tuple[str, Unit, str]] = field(default_factory=dict)  # name: campaign, unit, code
    _mails: dict[str, list[tuple[str, Message]]] = field(default_factory=dict)  # by code

    def __post_init__(self) -> None:
        for campaign in CAMPAIGNS.values():
            for each in self.office.ledger.standings(campaign):
                self.units[each.unit.key] = (campaign, each.unit, each.code)
        for sent in self.office.world.accepted:
            mail = message_from_bytes(sent.mime, policy=policy.default)
            code = re.match(r"\[([0-9A-Z-]{9})\]", str(mail["Subject"]))
            if code:
                self._mails.setdefault(code.group(1), []).append((sent.rcpt, mail))

    def full_name(self, alias: str) -> str:
        """大同 is 大同市市场监督管理局; a name that no unit bears stands for itself."""
        for name in (f"{alias}市市场监督管理局", f"上海市{alias}区市场监督管理局"):
            if name in self.units:
                return name
        inside = [name for name in self.units if name.startswith(f"上海市{alias}")]
        inside = inside or [name for name in self.units if alias in name]
        assert len(inside) <= 1, f"{alias}: {inside}"
        return inside[0] if inside else alias

    def touched(self, entry: Entry) -> set[str]:
        """Names and addresses that no other letter of the same round may share."""
        aliases = {entry.unit, entry.answers, *(unit for unit, _ in entry.wanted)}
        aliases |= {owner for recipe in entry.files for owner in re.findall(r"@([^:(]+):", recipe)}
        names = {self.full_name(each) for each in aliases if each}
        found = names | {self.sender(entry)}
        for name in names & set(self.units):
            found |= {each.key for each in self.units[name][1].addresses}
        return found

    def sender(self, entry: Entry) -> str:
        """The address a letter comes from."""
        if entry.sender:
            return entry.sender
        return str(self.units[self.full_name(entry.unit)][1].addresses[0]) if entry.unit else OFFICE

    def original(self, entry: Entry) -> Message:
        """The notice or reminder that is answered, the sender's own copy where there is one."""
        code = self._code(entry)
        found = self._mails[code]
        is_wanted = [
            each for each in found if ("提醒" in str(each[1]["Subject"])) == (entry.to == "reminder")
        ]
        assert is_wanted, f"{entry.id}: nothing to answer"
        own = [mail for rcpt, mail in is_wanted if rcpt == self.sender(entry)]
        return (own or [is_wanted[0][1]])[-1]

    def bytes_of(self, entry: Entry) -> bytes:
        """The letter."""
        if entry.machine:
            return MACHINES[entry.machine](self, entry)
        sender, name = self.sender(entry), self._name(entry)
        desk = self._desk(entry)
        carried = [made.make(recipe, desk, entry.id) for recipe in entry.files]
        summary = made.summary_text(desk.campaign, desk.owner, entry.id)
        code = self._code(entry) if entry.answers else ""
        text = entry.text.replace("{summary}", summary).replace("{code}", code)
        original = self.original(entry) if entry.to != "none" else None
        subject = entry.subject
        if subject is not None:
            ours = str(original["Subject"]) if original is not None else ""
            subject = subject.replace("{code}", code).replace("{subject}", ours)
        if entry.program == "raw_gbk":
            assert subject is not None and len(carried) == 1, entry.id
            return raw_gbk(sender, name, subject, text, carried[0], self.office.now)
        mark = entry.mark if entry.mark is not None else "转发：" if entry.program == "forward" else "回复："
        return write(
            Sheet(
                sender=sender,
                words=text,
                at=self.office.now,
                name=name,
                files=carried,
                original=original,
                quote=entry.program,
                subject=subject,
                mark=mark,
                is_thread=not entry.is_stripped,
                html_only=entry.is_html,
                below=entry.below,
                headers=entry.headers,
                logos=[(each, made.logo(each)) for each in entry.logos],
            )
        )

    def _name(self, entry: Entry) -> str:
        if entry.name is not None:
            return entry.name
        unit = self.units[self.full_name(entry.unit)][1]
        address = self.sender(entry)
        own = [each.name for each in unit.contacts if address in map(str, each.addresses)]
        return own[0] if own else ""

    def _code(self, entry: Entry) -> str:
        return self.units[self.full_name(entry.answers)][2] if entry.answers else ""

    def _desk(self, entry: Entry) -> made.Desk:
        owner = self.full_name(entry.unit) if entry.unit else ""
        known = self.units.get(owner)
        campaign = known[0] if known else SHANXI
        person = known[1].contacts[0] if known and known[1].contacts else None
        return made.Desk(
            campaign="shanghai" if campaign == SHANGHAI else "shanxi",
            full_name=self.full_name,
            owner=owner or "我单位",
            blank=lambda: self._enclosed(entry, "登记表"),
            public_form=self.office.public_form,
            notice=lambda: self._enclosed(entry, "通知"),
            contact=person.name if person else "沈和煦",
            phone=person.phone if person else "",
        )

    def _enclosed(self, entry: Entry, word: str) -> bytes:
        found = [mail for _, mail in self._mails[self._code(entry)] if "提醒" not in str(mail["Subject"])]
        for part in found[0].walk():
            if word in str(part.get_filename() or ""):
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                return payload
        raise AssertionError(f"{entry.id}: nothing named {word} in the notice")


def _report(sender: str, subject: str, entry: Entry, original: Message, shape: str) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, OFFICE, subject
    seed = hashlib.sha256(f"{entry.id}{shape}".encode()).hexdigest()[:20]
    mail["Message-ID"] = f"<{seed}@report.example>"
    mail["In-Reply-To"] = str(original["Message-ID"])
    return mail


def _joined(mail: EmailMessage, kind: str, parts: list[tuple[str, bytes]]) -> bytes:
    """A multipart/report of these parts, written by hand: the standard library makes no such mail."""
    edge = "=_report_0001"
    del mail["MIME-Version"]
    head = bytes(mail).rstrip(b"\r\n").decode("ascii")
    kinds = f'multipart/report; report-type={kind}; boundary="{edge}"'
    body = f"{head}\r\nMIME-Version: 1.0\r\nContent-Type: {kinds}\r\n\r\n".encode("ascii")
    for content_type, data in parts:
        body += (
            f"--{edge}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
        )
        body += data + b"\r\n"
    return body + f"--{edge}--\r\n".encode()


def _qq_bounce(composer: Composer, entry: Entry) -> bytes:
    original, rcpt = composer.original(entry), composer.sender(entry)
    mail = _report("PostMaster@qq.com", "来自qq.com的退信", entry, original, "qq")
    mail["Auto-Submitted"] = "auto-generated"
    page = (
        "<p>很抱歉您发送的邮件被退回，以下是该邮件的相关信息：</p>"
        f"<p>被退回邮件 主 题：{original['Subject']}</p>"
        f"<p>无法发送到 {rcpt}</p><p>退信原因 收件人邮件地址不存在</p>"
        f"<p>host mx.qq.com said: 550 5.1.1 Mailbox not found</p>"
    )
    return _joined(
        mail,
        "delivery-status",
        [
            ('text/html; charset="utf-8"', page.encode()),
            ("application/octet-stream", bytes(original)[:3000]),
        ],
    )


def _coremail(status: str, reason: str) -> Callable[[Composer, Entry], bytes]:
    def made_by(composer: Composer, entry: Entry) -> bytes:
        original, rcpt = composer.original(entry), composer.sender(entry)
        mail = _report("Postmaster@163.com", "系统退信", entry, original, "coremail")
        mail["Return-Path"] = "<>"
        mail["X-Mailer"] = "Coremail MTA server"
        mail["X-CM-Original-Message-ID"] = str(original["Message-ID"]).strip("<>")
        text = f"抱歉，您的邮件被退回来了……\r\n收件人：{rcpt}\r\n退信原因：{reason}\r\n"
        block = (
            f"Final-Recipient: RFC822; {rcpt}\r\nAction: failed\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; 550 rejected by system\r\n"
        )
        return _joined(
            mail,
            "delivery-status",
            [
                ('text/plain; charset="gb2312"', text.encode("gb18030")),
                ("message/delivery-status", block.encode()),
            ],
        )

    return made_by


def _rfc(action: str) -> Callable[[Composer, Entry], bytes]:
    def made_by(composer: Composer, entry: Entry) -> bytes:
        original, rcpt = composer.original(entry), composer.sender(entry)
        failed = action == "failed"
        subject = "Undelivered Mail Returned to Sender" if failed else "Delayed Mail (still being retried)"
        mail = _report("MAILER-DAEMON@mail.example", subject, entry, original, "rfc")
        mail["Return-Path"] = "<>"
        mail["Auto-Submitted"] = "auto-replied"
        status = "5.1.1" if failed else "4.4.1"
        said = "550 no such user" if failed else "connection timed out"
        block = (
            f"Reporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; {rcpt}\r\nAction: {action}\r\n"
            f"Status: {status}\r\nDiagnostic-Code: smtp; {said}\r\n"
        )
        head = "".join(f"{key}: {original[key]}\r\n" for key in ("From", "To", "Message-ID"))
        return _joined(
            mail,
            "delivery-status",
            [
                ("text/plain", b"I'm sorry to have to inform you ...\r\n"),
                ("message/delivery-status", block.encode()),
                ("text/rfc822-headers", head.encode()),
            ],
        )

    return made_by


def _read_receipt(composer: Composer, entry: Entry) -> bytes:
    original, rcpt = composer.original(entry), composer.sender(entry)
    mail = _report(rcpt, f"已读：{original['Subject']}", entry, original, "mdn")
    block = (
        f"Final-Recipient: rfc822;{rcpt}\r\nOriginal-Message-ID: {original['Message-ID']}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    return _joined(
        mail,
        "disposition-notification",
        [
            ('text/plain; charset="utf-8"', "您的邮件已被阅读。\r\n".encode()),
            ("message/disposition-notification", block.encode()),
        ],
    )


def _calendar(composer: Composer, entry: Entry) -> bytes:
    mail = _report(
        composer.sender(entry), entry.subject or "邀请", entry, composer.original(entry), "calendar"
    )
    del mail["In-Reply-To"]
    mail.set_content(entry.text)
    method = "REPLY" if "接受" in (entry.subject or "") else "REQUEST"
    page = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{entry.id}@cal.example\r\n"
        f"DTSTART:20240905T010000Z\r\nSUMMARY:{entry.subject}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail.add_alternative(page.encode(), maintype="text", subtype="calendar", params={"method": method})
    return bytes(mail)


def _own(composer: Composer, entry: Entry) -> bytes:
    wanted = str(composer.original(entry)["Message-ID"])
    return next(each.mime for each in composer.office.world.accepted if each.message_id == wanted)


MACHINES: dict[str, Callable[[Composer, Entry], bytes]] = {
    "qq-bounce": _qq_bounce,
    "coremail-bounce": _coremail("5.1.1", "收件人不存在"),
    "coremail-policy": _coremail("5.0.0", "您的邮件内容疑似垃圾邮件"),
    "rfc-failed": _rfc("failed"),
    "rfc-delayed": _rfc("delayed"),
    "read-receipt": _read_receipt,
    "calendar": _calendar,
    "own": _own,
}
