"""后续 — shown first, then a named signer's yes to exactly that; carried out in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from service.office.amendment import AmendCampaign, EndCampaign
from service.office.approval import ACT_WORDS, Act, ReleaseRow, is_same_digest
from service.office.calendar import CalendarUnknown
from service.office.change import Change, Record
from service.office.finding import Problem
from service.office.frozen import frozen_campaign
from service.office.ladder import URGED_EVENT
from service.office.needs.exchange import Exchange
from service.office.needs.press import PressError
from service.office.policy import StaffRole
from service.office.record import to_bytes
from service.outgoing.amend.correcting import plan_correction
from service.outgoing.amend.news import News, news_of
from service.outgoing.amend.orders import Correct, Order, Reissue, Supplement, Urge, Withdraw
from service.outgoing.amend.page import proof_files
from service.outgoing.amend.plan import Bench, CannotPlan, Case, Plan, contents_of
from service.outgoing.amend.reissuing import plan_reissue
from service.outgoing.amend.telling import plan_supplement, plan_withdrawal
from service.outgoing.amend.urging import plan_urging

# Words that ask nothing are not judged by what the campaign asks.
_ABOUT_LETTERS = ("left-over", "empty", "too-large", "not-an-address", "proof")
EVENTS = {
    Act.REISSUE: "reissued",
    Act.SUPPLEMENT: "supplemented",
    Act.CORRECTION: "corrected",
    Act.WITHDRAWAL: "withdrawn",
    Act.URGING: "urging-released",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A later release as it would be, laid out for a person; or why it cannot be."""

    refusal: str = ""
    digest: str = ""
    folder: str = ""
    say: str = ""
    lines: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def may_be_signed(self) -> bool:
        """Nothing stands in the way."""
        return not self.refusal and not any(each.is_error for each in self.problems)


@dataclass(frozen=True, slots=True)
class Amended:
    """What became of a signer's yes."""

    is_done: bool
    may_go: bool
    say: str


@dataclass(frozen=True, slots=True)
class Amend:
    """Everything that follows the first release."""

    bench: Bench
    exchange: Exchange

    def prepare(self, order: Order, now: datetime) -> Prepared:
        """Draft and proof what was asked for; nothing is sent."""
        try:
            case, plan = self._planned(order, now)
        except CannotPlan as error:
            return Prepared(str(error))
        contents = contents_of(self.bench.archive, plan.manifest)
        files = proof_files(case, plan, contents, self.bench.archive, now)
        folder = self.exchange.put_folder(f"校样/{case.row.key}-{case.rev}{ACT_WORDS[plan.act]}", files)
        digest = plan.digest(case.rev)
        errors = sum(each.is_error for each in plan.problems)
        about = (("digest", digest), ("errors", str(errors)), ("act", plan.act.value))
        self.bench.ledger.apply([Record("proofed", now, "系统", case.row.key, about=about)])
        return Prepared("", digest, folder, _said(plan), plan.lines, plan.problems)

    def sign(self, order: Order, signer: str, digest: str, now: datetime, *, really: bool) -> Amended:
        """Check signer and digest against what would be done now; with `really`, do it."""
        try:
            refused = self._wrong_signer(signer)
            if refused:
                return Amended(False, False, refused)
            case, plan = self._planned(order, now)
        except CannotPlan as error:
            return Amended(False, False, str(error))
        whole = plan.digest(case.rev)
        if not is_same_digest(digest, whole):
            return Amended(
                False, False, "校验码与现在要做的不符：文件、通讯录或台账已有变动，请重新查看校样再签"
            )
        refused = self._unproofed(case.row.key, whole)
        if refused:
            return Amended(False, False, refused)
        if not really:
            return Amended(False, True, f"将{_said(plan)}。确认后加 --really")
        if not self.bench.ledger.apply(self._changes(case, plan, whole, signer, now)):
            return Amended(False, False, "台账刚刚有变动，没有签发，请重新查看校样再签")
        return Amended(True, True, f"已签发：{_said(plan)}")

    def news(self, campaign: str) -> News:
        """What the roster says now and no notice has yet; nothing for a campaign that has ended."""
        row = self.bench.ledger.campaign(campaign)
        if row is None or not row.is_open:
            return News((), ())
        facts = frozen_campaign(row, self.bench.archive)
        roster = self.bench.staff_files.roster()
        ledger = self.bench.ledger
        return news_of(facts, roster, ledger.standings(campaign), ledger.dispatches(campaign))

    def _planned(self, order: Order, now: datetime) -> tuple[Case, Plan]:
        case = self._case(order.campaign, now)
        try:
            match order:
                case Reissue():
                    plan = plan_reissue(case, order)
                case Supplement():
                    plan = plan_supplement(case, order)
                case Correct():
                    plan = plan_correction(case, order)
                case Withdraw():
                    plan = plan_withdrawal(case, order)
                case Urge():
                    plan = plan_urging(case, order)
                case _:
                    assert_never(order)
        except PressError as error:
            raise CannotPlan(error.problem.sentence()) from error
        except CalendarUnknown as error:
            raise CannotPlan(str(error)) from error
        return case, replace(plan, problems=(*plan.problems, *self._problems(case, plan, now)))

    def _case(self, campaign: str, now: datetime) -> Case:
        ledger = self.bench.ledger
        row = ledger.campaign(campaign)
        if row is None:
            raise CannotPlan(f"“{campaign}”还没有签发，请先 proof，再 release")
        if not row.is_open:
            how = "撤回" if row.is_withdrawn else "办结"
            raise CannotPlan(f"“{campaign}”已由{row.ended_by}{how}（{row.ended_why}），不能再发")
        return Case(
            self.bench,
            row,
            frozen_campaign(row, self.bench.archive),
            ledger.releases(campaign),
            ledger.standings(campaign),
            ledger.dispatches(campaign),
            now,
        )

    def _problems(self, case: Case, plan: Plan, now: datetime) -> tuple[Problem, ...]:
        contents = contents_of(self.bench.archive, plan.manifest)
        found = self.bench.proofreading.problems(plan.facts, plan.manifest, contents, now)
        if plan.act in (Act.SUPPLEMENT, Act.WITHDRAWAL, Act.URGING):
            return tuple(each for each in found if each.code in _ABOUT_LETTERS)
        unchanged = {f"材料“{each.name}”" for each in plan.facts.items if case.facts.item(each.key) == each}
        kept = (each for each in found if each.code != "nobody" or plan.manifest.print_packs == ())
        # A date that passed since the first release is no mistake of this one.
        return tuple(
            replace(each, is_error=False) if each.code == "due-past" and each.place in unchanged else each
            for each in kept
        )

    def _wrong_signer(self, signer: str) -> str:
        person = self.bench.policy.person(signer)
        if person is None:
            return f"“{signer}”不在 config/office.yaml 的 staff 名单中"
        return "" if person.role is StaffRole.SIGNER else f"“{signer}”不是签发人（role: signer）"

    def _unproofed(self, campaign: str, digest: str) -> str:
        proofed = [
            about
            for event in self.bench.ledger.events(campaign=campaign, kind="proofed")
            if (about := dict(event.about)).get("digest") == digest
        ]
        if not proofed:
            return "这份后续发文还没有出过校样：请先不带 --by 运行一次，看过校样再签"
        return "" if proofed[-1].get("errors") == "0" else "校样里的问题还没有改完，改好后请重新查看校样"

    def _changes(self, case: Case, plan: Plan, digest: str, signer: str, now: datetime) -> list[Change]:
        archive, policy, manifest = self.bench.archive, self.bench.policy, plan.manifest
        release = ReleaseRow(
            case.row.key,
            case.rev,
            digest,
            plan.inputs_sha256,
            signer,
            now,
            manifest.roster_sha256,
            plan.act,
            plan.reason,
            archive.put(to_bytes(manifest)),
        )
        facts = (plan.facts.title, archive.put(to_bytes(plan.facts))) if plan.changes_facts else ("", "")
        amend = AmendCampaign(
            case.row.key,
            release,
            signer,
            now,
            *facts,
            items=plan.items,
            units=plan.units,
            codes=plan.codes,
            dockets=plan.dockets,
            voids=plan.voids,
            plans=tuple(plan.plannings(case.rev, policy, now)),
            redates=plan.redates,
            exempts=plan.exempts,
            unchased=plan.unchased,
            timers=plan.timers,
        )
        about = (("rev", str(case.rev)), ("digest", digest), ("reason", plan.reason), *manifest.about)
        changes: list[Change] = [amend, Record(EVENTS[plan.act], now, signer, case.row.key, about=about)]
        for unit in plan.units:
            changes.append(Record(EVENTS[plan.act], now, signer, case.row.key, unit.key, about=about[:3]))
        for unit_key, said in plan.notes:
            changes.append(
                Record(URGED_EVENT, now, signer, case.row.key, unit_key, about=(*about[:1], *said))
            )
        if plan.ends:
            changes.append(EndCampaign(case.row.key, plan.ends, signer, plan.reason, now))
        return changes


def _said(plan: Plan) -> str:
    units = len({unit for unit, _, _, _ in plan.targets})
    packs = len(plan.manifest.print_packs)
    on_paper = f"，{packs} 个没有邮箱的单位另备打印材料" if packs else ""
    return f"{ACT_WORDS[plan.act]}：{units} 个单位、{len(plan.targets)} 个邮箱{on_paper}"
