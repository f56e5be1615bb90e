"""签发 — a named person's yes, bound to the digest of exactly what was proofed. [条例22]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.office.approval import ReleaseRow, is_same_digest
from service.office.asking import dispatch_of, dockets_of
from service.office.assent import EndApprovals
from service.office.campaign import Campaign, Item, Obligation
from service.office.change import Change, ItemRow, OpenCampaign, Record
from service.office.content import Manifest
from service.office.doc_number import NumberState, SettleNumber
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.policy import Policy, StaffRole
from service.office.record import from_bytes
from service.office.roster import Roster
from service.office.schedule import chasing_timers, untimely


@dataclass(frozen=True, slots=True)
class Released:
    """The outcome of asking for a release: what would go out, or why it may not."""

    may_go: bool
    say: str
    notices: int = 0
    copies: int = 0
    units: int = 0
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """Opens a campaign: dockets, codes, timers and the outbox in one transaction."""

    ledger: Ledger
    archive: Archive
    policy: Policy

    def sign(
        self,
        campaign: str,
        signer: str,
        digest: str,
        inputs_sha256: str,
        now: datetime,
        *,
        really: bool,
        at: datetime | None = None,
        since: Sequence[str] = (),
        also: Sequence[Change] = (),
    ) -> Released:
        """Check the signer, the digest and that nothing changed since; with `really`, release.

        `at` must be the planned hour that was proofed; `since` says in words what changed after the proof,
        for the refusal; `also` is done in the same transaction.
        """
        refused = self._refusal(campaign, signer, digest, inputs_sha256, since)
        if refused:
            return Released(False, refused)
        draft = self.ledger.draft(campaign)
        if draft is None:
            return Released(False, f"“{campaign}”还没有起草")
        manifest = from_bytes(Manifest, self.archive.get(draft.manifest_sha256))
        facts = from_bytes(Campaign, self.archive.get(manifest.campaign_sha256))
        roster = from_bytes(Roster, self.archive.get(manifest.roster_sha256))
        refused = untimely(manifest, facts, roster, self.policy, now, at)
        if refused:
            return Released(False, refused)
        row = ReleaseRow(
            campaign,
            1,
            draft.digest,
            inputs_sha256,
            signer,
            now,
            manifest.roster_sha256,
            manifest_sha256=draft.manifest_sha256,
        )
        opening = self._opening(facts, manifest, roster, row, manifest.starts_at or now)
        notices = sum(1 for each in manifest.planned if each.kind == "notice")
        copies = len(manifest.planned) - notices
        units = len(opening.units)
        say = f"{units} 个单位，{notices} 封通知，{copies} 件抄送"
        if not really:
            return Released(True, f"将发出：{say}。确认后加 --really", notices, copies, units)
        about = (("digest", draft.digest), ("signer", signer), ("notices", str(notices)))
        changes: list[Change] = [opening, Record("released", now, signer, campaign, about=about), *also]
        changes += [*self._issue_number(facts, signer, now), EndApprovals(campaign, now, "已经签发")]
        if not self.ledger.apply(changes):
            if self.ledger.release(campaign) is None:
                return Released(False, "刚才有变动（例如预留的发文字号已作废），没有签发：请重新复核")
            return Released(False, f"“{campaign}”已经签发过，不能再签发一次")
        return Released(True, f"已签发：{say}", notices, copies, units, is_done=True)

    def _issue_number(self, campaign: Campaign, signer: str, now: datetime) -> list[Change]:
        """A number reserved for this campaign and printed on it is issued with it."""
        held = self.ledger.doc_number(campaign.key)
        if held is None or held.state is not NumberState.RESERVED or held.text != campaign.doc_number:
            return []
        about = (("number", held.text),)
        issued = Record("number-issued", now, signer, campaign.key, about=about)
        return [SettleNumber(held, NumberState.ISSUED, signer, now), issued]

    def _refusal(
        self, campaign: str, signer: str, digest: str, inputs_sha256: str, since: Sequence[str]
    ) -> str:
        person = self.policy.person(signer)
        if person is None:
            return f"“{signer}”不在 config/office.yaml 的 staff 名单中"
        if person.role is not StaffRole.SIGNER:
            return f"“{signer}”不是签发人（role: signer）"
        if self.ledger.release(campaign) is not None:
            return f"“{campaign}”已经签发过，不能再签发一次"
        draft = self.ledger.draft(campaign)
        if draft is None:
            return f"“{campaign}”还没有起草，请先运行 huizhi draft {campaign}"
        if not is_same_digest(digest, draft.digest):
            return "校验码与最近一次校样不符，请重新运行 huizhi proof 并核对" + _listed(since)
        if inputs_sha256 != draft.inputs_sha256:
            return "起草以后，活动文件或通讯录有改动，这份校样已作废，请重新起草、复核" + _listed(since)
        return self._unproofed(campaign, draft.digest)

    def _unproofed(self, campaign: str, digest: str) -> str:
        """What stands in the way of signing exactly this draft: it was not proofed, or errors were found."""
        proofed = [
            dict(event.about)
            for event in self.ledger.events(campaign=campaign, kind="proofed")
            if dict(event.about).get("digest") == digest
        ]
        if not proofed:
            return f"这份草稿还没有复核，请先运行 huizhi proof {campaign}"
        if proofed[-1].get("errors") != "0":
            return "复核时发现的问题还没有改完，改好后请重新起草、复核"
        return ""

    def _opening(
        self, campaign: Campaign, manifest: Manifest, roster: Roster, row: ReleaseRow, now: datetime
    ) -> OpenCampaign:
        units = roster.in_groups(campaign.groups)
        return OpenCampaign(
            campaign=campaign.key,
            title=campaign.title,
            facts_sha256=manifest.campaign_sha256,
            zone=str(self.policy.zone),
            release=row,
            items=tuple(_item_row(n, item) for n, item in enumerate(campaign.items)),
            units=units,
            codes=manifest.codes,
            dockets=tuple(dockets_of(campaign, units, self.policy)),
            dispatches=tuple(
                dispatch_of(each, campaign.key, row.rev, self.policy, now) for each in manifest.planned
            ),
            timers=tuple(chasing_timers(campaign, units, self.policy, now)),
        )


def _listed(since: Sequence[str]) -> str:
    return "。改动有：" + "；".join(since) if since else ""


def _item_row(order: int, item: Item) -> ItemRow:
    required = any(scope.obligation is Obligation.REQUIRED for scope in item.scopes)
    obligation = Obligation.REQUIRED if required else item.scopes[0].obligation
    return ItemRow(item.key, item.name, order, obligation)
