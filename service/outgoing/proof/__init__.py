"""复核 — list everything wrong before a person signs. [条例25]"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.office.address import NotAnAddress, read_address
from service.office.approval import DraftRow, PutProof
from service.office.calendar import CalendarUnknown
from service.office.campaign import Campaign, ItemKind, Obligation
from service.office.change import Record
from service.office.content import Content, Manifest
from service.office.deadline import fix_deadline
from service.office.difference import Standpoint, bounded, differences
from service.office.finding import Problem
from service.office.needs.archive import Archive
from service.office.needs.exchange import Exchange
from service.office.needs.ledger import Ledger
from service.office.needs.workbook import Workbook
from service.office.outcome import DoorError
from service.office.policy import Policy
from service.office.record import from_bytes
from service.office.roster import Roster
from service.office.sources import Sources
from service.outgoing.proof.pack import Wish, files_of
from service.outgoing.proof.page import Pack
from service.outgoing.proof.shares import chosen, shares_of
from service.outgoing.proof.timing import timing_of, timing_problems

__all__ = ["Proof", "Proofed", "Wish"]

_LEFT_OVERS = ("{{", "}}", "{%", "｛｛", "｝｝", "None", "TBD", "XXX", "×××")


@dataclass(frozen=True, slots=True)
class Proofed:
    """What a person reads before signing: everything wrong, where to look, and the digest to sign."""

    digest: str
    problems: tuple[Problem, ...]
    folder: str
    manifest: Manifest
    pack: Pack

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
    workbook: Workbook
    policy: Policy

    def check(
        self, campaign: str, now: datetime, earlier: tuple[Problem, ...] = (), wish: Wish | None = None
    ) -> Proofed:
        """All problems of the draft, and its proof pack; raises LookupError where nothing was drafted."""
        draft = self.ledger.draft(campaign)
        if draft is None:
            raise LookupError(f"“{campaign}”还没有起草，请先运行 huizhi draft {campaign}")
        pack = self._pack(draft, now, earlier, wish or Wish())
        files = files_of(pack, self.archive, self.workbook)
        folder = self.exchange.put_folder(f"校样/{campaign}", files)
        about = (("digest", draft.digest), ("errors", str(len(pack.errors))))
        self.ledger.apply([PutProof(draft), Record("proofed", now, "系统", campaign, about=about)])
        return Proofed(draft.digest, pack.problems, folder, pack.manifest, pack)

    def since(self, campaign: str, digest: str, sources: Sources) -> tuple[str, ...]:
        """What changed, in words, since the proof that this digest (or its beginning) names."""
        row = next((each for each in self.ledger.proofs(campaign) if each.digest.startswith(digest)), None)
        if row is None or sources.campaign is None or len(digest) < 12:
            return ()
        before = self._standpoint(row)
        after = Standpoint(sources.campaign, sources.roster, sources.files, sources.rules)
        if before is None:
            return ()
        found = differences(before, after, self.policy.zone)
        newest = self.ledger.draft(campaign)
        if not found and newest is not None and newest.digest != row.digest:
            drafted = self._standpoint(newest)
            found = differences(before, drafted, self.policy.zone) if drafted else ()
        return bounded(found)

    def _pack(self, draft: DraftRow, now: datetime, earlier: tuple[Problem, ...], wish: Wish) -> Pack:
        manifest = from_bytes(Manifest, self.archive.get(draft.manifest_sha256))
        facts = from_bytes(Campaign, self.archive.get(manifest.campaign_sha256))
        roster = from_bytes(Roster, self.archive.get(manifest.roster_sha256))
        contents = self._contents(manifest)
        timing = timing_of(manifest, self.policy, now)
        shares = shares_of(facts, manifest, roster, contents, self.policy)
        sample = chosen(shares, wish.sample, wish.units)
        changes, previous_at = self._compared(draft)
        problems = (
            *earlier,
            *self.problems(facts, manifest, contents, now),
            *timing_problems(
                timing, facts, manifest, roster, self.policy, now, may_any_hour=wish.may_any_hour
            ),
            *_number_problems(self.ledger, facts, self.policy),
        )
        return Pack(
            draft=draft,
            manifest=manifest,
            campaign=facts,
            shares=shares,
            sample=sample,
            laid_out=wish.laid_out(shares, sample),
            problems=tuple(dict.fromkeys(problems)),
            timing=timing,
            changes=changes,
            previous_at=previous_at,
            policy=self.policy,
            now=now,
            contents=contents,
        )

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

    def _compared(self, draft: DraftRow) -> tuple[tuple[str, ...] | None, datetime | None]:
        """The difference to the newest proof of another draft."""
        before = next(
            (each for each in self.ledger.proofs(draft.campaign) if each.digest != draft.digest), None
        )
        was = self._standpoint(before) if before else None
        now = self._standpoint(draft)
        if before is None or was is None or now is None:
            return None, None
        return differences(was, now, self.policy.zone), before.at

    def _standpoint(self, row: DraftRow) -> Standpoint | None:
        """A draft as it was; None where the archive has lost it, which `verify` tells."""
        try:
            manifest = from_bytes(Manifest, self.archive.get(row.manifest_sha256))
            facts = from_bytes(Campaign, self.archive.get(manifest.campaign_sha256))
            roster = from_bytes(Roster, self.archive.get(manifest.roster_sha256))
        except DoorError:
            return None
        return Standpoint(
            facts, roster, manifest.files, manifest.rules, manifest.schedule, manifest.starts_at
        )


def _number_problems(ledger: Ledger, campaign: Campaign, policy: Policy) -> list[Problem]:
    """A number of the ledger's series that is another campaign's, or held and not used, or still wanted."""
    found: list[Problem] = []
    held = ledger.doc_number(campaign.key)
    for each in ledger.doc_numbers():
        if each.text == campaign.doc_number and each.campaign != campaign.key:
            say = f"发文字号 {each.text} 已给了“{each.campaign}”，不能再用"
            found.append(_problem(say, place="doc_number", code="number-taken"))
    if held is not None and held.text != campaign.doc_number:
        say = f"台账为它预留了 {held.text}，文件上写的是 {campaign.doc_number}：不用的请作废（number --void）"
        found.append(_problem(say, place="doc_number", code="number-unused", is_error=False))
    if held is None and policy.number_series and not campaign.doc_number:
        say = f"还没有发文字号：由台账编号的，请运行 huizhi number {campaign.key} --by 姓名"
        found.append(_problem(say, place="doc_number", code="number-wanted", is_error=False))
    return found


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
