"""复核 — list everything wrong before a person signs. [条例25]"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.office.address import NotAnAddress, read_address
from service.office.approval import DraftRow
from service.office.calendar import CalendarUnknown
from service.office.campaign import Campaign, ItemKind, Obligation
from service.office.change import Record
from service.office.content import Content, Manifest
from service.office.deadline import fix_deadline
from service.office.finding import Problem
from service.office.needs.archive import Archive
from service.office.needs.exchange import Exchange
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.record import from_bytes
from service.outgoing.proof.page import proof_page, text_page

# A folder a person opens: more units than this are listed, not copied out one by one.
UNITS_SHOWN_MAX = 300
_LEFT_OVERS = ("{{", "}}", "{%", "｛｛", "｝｝", "None", "TBD", "XXX", "×××")


@dataclass(frozen=True, slots=True)
class Proofed:
    """What a person reads before signing: everything wrong, where to look, and the digest to sign."""

    digest: str
    problems: tuple[Problem, ...]
    folder: str
    manifest: Manifest

    @property
    def may_be_signed(self) -> bool:
        """No error stands in the way."""
        return not any(each.is_error for each in self.problems)


@dataclass(frozen=True, slots=True)
class Proof:
    """Proofs the newest draft of a campaign."""

    ledger: Ledger
    archive: Archive
    exchange: Exchange
    policy: Policy

    def check(self, campaign: str, now: datetime, earlier: tuple[Problem, ...] = ()) -> Proofed:
        """All problems of the draft, and its proof folder; raises LookupError where nothing was drafted."""
        draft = self.ledger.draft(campaign)
        if draft is None:
            raise LookupError(f"“{campaign}”还没有起草，请先运行 huizhi draft {campaign}")
        manifest = from_bytes(Manifest, self.archive.get(draft.manifest_sha256))
        facts = from_bytes(Campaign, self.archive.get(manifest.campaign_sha256))
        contents = self._contents(manifest)
        problems = (*earlier, *self.problems(facts, manifest, contents, now))
        folder = self._folder(draft, manifest, facts, contents, problems, now)
        about = (("digest", draft.digest), ("errors", str(sum(1 for each in problems if each.is_error))))
        self.ledger.apply([Record("proofed", now, "系统", campaign, about=about)])
        return Proofed(draft.digest, problems, folder, manifest)

    def problems(
        self, campaign: Campaign, manifest: Manifest, contents: Mapping[str, Content], now: datetime
    ) -> tuple[Problem, ...]:
        """Everything wrong in a draft, a later release's as well."""
        return (
            *_campaign_problems(campaign, self.policy, now),
            *_unit_problems(manifest, campaign),
            *content_problems(contents, manifest, self.policy),
        )

    def _contents(self, manifest: Manifest) -> dict[str, Content]:
        wanted = {each.content_sha256 for each in manifest.planned}
        return {sha256: from_bytes(Content, self.archive.get(sha256)) for sha256 in sorted(wanted)}

    def _folder(
        self,
        draft: DraftRow,
        manifest: Manifest,
        campaign: Campaign,
        contents: Mapping[str, Content],
        problems: tuple[Problem, ...],
        now: datetime,
    ) -> str:
        files: dict[str, bytes] = {}
        shown = manifest.planned[:UNITS_SHOWN_MAX]
        for planned in shown:
            content = contents[planned.content_sha256]
            for enclosure in content.enclosures:
                files[f"{planned.unit_name}/{enclosure.name}"] = self.archive.get(enclosure.sha256)
            files[f"{planned.unit_name}/信文.txt"] = text_page(planned, content).encode()
        for unit, pack in manifest.print_packs[:UNITS_SHOWN_MAX]:
            for enclosure in pack:
                files[f"无邮箱单位/{unit}/{enclosure.name}"] = self.archive.get(enclosure.sha256)
        for enclosure in manifest.public:
            files[f"公开版/{enclosure.name}"] = self.archive.get(enclosure.sha256)
        page = proof_page(draft, manifest, campaign, contents, problems, self.policy, now)
        files["index.html"] = page.encode()
        return self.exchange.put_folder(f"校样/{campaign.key}", files)


def _problem(say: str, *, place: str = "", code: str = "proof", is_error: bool = True) -> Problem:
    return Problem("复核", place, say, code, is_error)


def _campaign_problems(campaign: Campaign, policy: Policy, now: datetime) -> list[Problem]:
    found: list[Problem] = []
    for item in campaign.items:
        place = f"材料“{item.name}”"
        if item.kind is ItemKind.FORM and not item.form_template:
            found.append(_problem("是登记表，但没有写明表格文件（form）", place=place, code="form-missing"))
        if item.fields and item.form_template and not _is_attached(campaign, item.key):
            say = f"的空白表 {item.form_template} 没有列入附件"
            found.append(_problem(say, place=place, code="form-not-attached"))
        if item.due is None:
            continue
        try:
            is_workday = policy.calendar.is_workday(item.due.on)
            deadline = fix_deadline(item.due, policy.calendar, policy.zone)
        except CalendarUnknown as error:
            found.append(_problem(str(error), place=place, code="calendar-unknown"))
            continue
        if not is_workday and item.due.carries_over is None:
            day = f"{item.due.on.month}月{item.due.on.day}日"
            say = f"截止日 {day} 是休息日，请在 due 下写明 carries_over: true（顺延）或 false（不顺延）"
            found.append(_problem(say, place=place, code="due-on-holiday"))
        if deadline.until <= now and not any(scope.obligation is Obligation.ROLLING for scope in item.scopes):
            found.append(_problem("截止时间已过，请核对日期", place=place, code="due-past"))
    if not campaign.contacts:
        found.append(_problem("没有联系人，单位不知道该问谁", place="contacts", code="no-contact"))
    return found


def _is_attached(campaign: Campaign, item: str) -> bool:
    return any(each.item == item for each in campaign.attachments)


def _unit_problems(manifest: Manifest, campaign: Campaign) -> list[Problem]:
    found: list[Problem] = []
    if not manifest.planned:
        groups = "、".join(campaign.groups)
        say = f"通讯录中没有属于“{groups}”的单位，请核对 groups 与通讯录的组别"
        found.append(_problem(say, code="nobody"))
    for unit in manifest.without_address:
        say = "没有邮箱，已备好打印材料，请另行送达；材料报来后用 record 登记"
        found.append(_problem(say, place=unit, code="no-address", is_error=False))
    for planned in manifest.planned:
        try:
            read_address(planned.rcpt)
        except NotAnAddress as error:
            found.append(_problem(str(error), place=planned.unit, code="not-an-address"))
    for body in campaign.copies_to:
        if not body.addresses:
            say = "抄送单位没有写邮箱，不会收到邮件"
            found.append(_problem(say, place=body.name, code="copy-without-address", is_error=False))
        for text in body.addresses:
            try:
                read_address(text)
            except NotAnAddress as error:
                found.append(_problem(str(error), place=body.name, code="not-an-address"))
    return found


def content_problems(contents: Mapping[str, Content], manifest: Manifest, policy: Policy) -> list[Problem]:
    """What is wrong in the mails themselves: blanks left open, nothing said, too much enclosed."""
    found: list[Problem] = []
    whose = {each.content_sha256: each.unit_name for each in manifest.planned}
    for sha256, content in contents.items():
        unit = whose[sha256]
        # Our own code is made of letters too, and may spell anything.
        words = f"{content.subject}\n{content.text}".replace(content.code or "\0", "")
        for mark in _LEFT_OVERS:
            if mark in words:
                say = f"信文中留有“{mark}”，像是没有填好的空白"
                found.append(_problem(say, place=unit, code="left-over"))
        if not content.subject.strip() or not content.text.strip():
            found.append(_problem("信文或主题是空的", place=unit, code="empty"))
        size = sum(each.size for each in content.enclosures)
        if size > policy.enclosure_bytes_max:
            limit = policy.enclosure_bytes_max // 1_000_000
            say = f"附件共 {size // 1_000_000} MB，超过 {limit} MB，多数邮箱会拒收，请压缩图片或改用链接"
            found.append(_problem(say, place=unit, code="too-large"))
    return found
