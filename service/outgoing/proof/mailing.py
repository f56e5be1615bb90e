"""送签 — the proof to the signer by mail: what it says, the sample, and a one-time code for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.office.approval import short_digest
from service.office.assent import (
    ApprovalRow,
    PutApproval,
    hash_approval_code,
    make_approval_code,
    shown_code,
)
from service.office.change import QueueDispatch, Record
from service.office.content import Content, Enclosure
from service.office.difference import bounded
from service.office.dispatch import DispatchKind, NewDispatch, approval_key
from service.office.facts import due_words
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.needs.press import Value
from service.office.needs.wording import Words
from service.office.policy import Person, Policy, StaffRole, moment_words
from service.office.record import to_bytes
from service.outgoing.proof.pack import page_alone
from service.outgoing.proof.page import Pack

# A mail is read on a telephone: so many lines of differences and problems, the rest stands on the page.
LINES_MAX = 20
# Units of the sample whose own documents travel along, size permitting.
SAMPLE_UNITS_MAX = 5
PAGE = "校样.html"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of the asking, in one sentence."""

    is_done: bool
    say: str


@dataclass(frozen=True, slots=True)
class AskSigner:
    """Puts a proof before a signer by mail; only the outbox sends it."""

    ledger: Ledger
    archive: Archive
    words: Words
    policy: Policy

    def ask(self, pack: Pack, signer: str, by: str, now: datetime) -> Asked:
        """Queue the mail and remember the question; an older question of the campaign is superseded.

        Raises PressError where the text `approval` cannot be written.
        """
        person = self.policy.person(signer)
        refused = _refusal(pack, person, signer)
        if refused or person is None:
            return Asked(False, refused)
        campaign, digest = pack.campaign.key, pack.draft.digest
        nonce = f"{len(self.ledger.approvals(campaign)) + 1}-{now.timestamp():.0f}"
        code = make_approval_code(self.policy.code_key, campaign, digest, nonce)
        key = approval_key(campaign, digest, nonce)
        expires_at = self._expires_at(pack, now)
        row = ApprovalRow(
            campaign=campaign,
            digest=digest,
            inputs_sha256=pack.draft.inputs_sha256,
            code_hash=hash_approval_code(self.policy.code_key, code),
            signer=person.name,
            address=person.address,
            dispatch_key=key,
            asked_by=by,
            at=now,
            expires_at=expires_at,
        )
        dispatch = NewDispatch(
            dedupe_key=key,
            kind=DispatchKind.APPROVAL,
            campaign=campaign,
            unit=person.name,
            rcpt=person.address,
            account=self.policy.account,
            message_id=make_message_id(self.policy.code_key, key, self.policy.sender_domain),
            content_sha256=self.archive.put(to_bytes(self._content(pack, person, code, expires_at))),
            due_at=now,
        )
        # Neither the code nor its hash stands in the record.
        about = (("digest", digest), ("signer", person.name), ("to", person.address))
        asked = Record("approval-asked", now, by, campaign, about=about)
        if not self.ledger.apply([PutApproval(row), QueueDispatch(dispatch), asked]):
            return Asked(False, "这份校样刚刚已经送签，请稍候再试")
        until = moment_words(expires_at, self.policy.zone)
        return Asked(True, f"已送签：{person.name}（{person.address}），签发码有效至 {until}")

    def _expires_at(self, pack: Pack, now: datetime) -> datetime:
        """Closing time of the last working day; a planned hour ends the waiting."""
        policy = self.policy
        last = policy.calendar.add_workdays(policy.local(now).date(), policy.approval_workdays)
        closing = datetime.combine(last, policy.hours.end, policy.zone)
        starts_at = pack.manifest.starts_at
        return min(closing, starts_at) if starts_at else closing

    def _content(self, pack: Pack, signer: Person, code: str, expires_at: datetime) -> Content:
        policy, campaign = self.policy, pack.campaign
        notes = tuple(each.sentence() for each in pack.problems if not each.is_error)
        changes = pack.changes
        notices = [each for each in pack.manifest.planned if each.kind == "notice"]
        items: list[Value] = [
            {"name": each.name, "due_words": due_words(each, policy.calendar, policy.zone)}
            for each in campaign.items
        ]
        planned = pack.manifest.starts_at
        wording = self.words.write(
            "approval",
            campaign.key,
            {
                "campaign": {"title": campaign.title, "doc_number": campaign.doc_number, "items": items},
                "signer": signer.name,
                "office": policy.office_name,
                "digest": short_digest(pack.draft.digest),
                "code": shown_code(code),
                "until_words": moment_words(expires_at, policy.zone),
                "units": str(len({each.unit for each in notices})),
                "letters": str(len(pack.manifest.planned)),
                "without_address": list(pack.manifest.without_address[:LINES_MAX]),
                "start_words": moment_words(planned, policy.zone) if planned else "签发后即发",
                "timing_words": pack.timing.words(policy),
                "is_first": changes is None,
                "changes": list(bounded(changes or (), LINES_MAX)),
                "notes": list(bounded(notes, LINES_MAX)),
            },
        )
        return Content(wording.subject, wording.text, tuple(self._enclosures(pack)), html=wording.html)

    def _enclosures(self, pack: Pack) -> Iterator[Enclosure]:
        """The page, then the sample's documents, each content once, as long as there is room."""
        page = page_alone(pack)
        yield Enclosure(PAGE, self.archive.put(page), "text/html", len(page), "proof")
        room = self.policy.enclosure_bytes_max - len(page)
        sample = {each.unit: each for each in pack.sample[:SAMPLE_UNITS_MAX]}
        seen: set[str] = set()
        for planned in pack.manifest.planned:
            if planned.unit not in sample:
                continue
            for each in pack.contents[planned.content_sha256].enclosures:
                if each.sha256 in seen or each.size > room:
                    continue
                seen.add(each.sha256)
                room -= each.size
                own = f"样张 {planned.unit_name} " if each.role == "form" else ""
                yield Enclosure(f"{own}{each.name}", each.sha256, each.type, each.size, each.role)


def _refusal(pack: Pack, person: Person | None, signer: str) -> str:
    if person is None:
        return f"“{signer}”不在 config/office.yaml 的 staff 名单中"
    if person.role is not StaffRole.SIGNER:
        return f"“{signer}”不是签发人（role: signer）"
    if pack.errors:
        return "校样还有错误，没有送签：请改好后再复核"
    return ""
