"""The play: draft, proof and release, then everybody's deeds in order of time, until the scenario ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import assert_never

from service.desk import decide
from service.office.tree_names import short_title
from service.outgoing.amend import Urge
from service.rehearsal.book import write_paper
from service.rehearsal.folder import NoRehearsal
from service.rehearsal.narration import Narrator
from service.rehearsal.scenario import (
    Assign,
    DraftCircular,
    Grant,
    Look,
    Note,
    PaperInBook,
    RecordPaper,
    Scenario,
    Step,
    UrgeMissing,
)
from service.rehearsal.units.acts import CannotAct, Write
from service.rehearsal.units.papers import NoSuchLabel
from service.rehearsal.world import World

_SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(slots=True)
class Play:
    """One scenario in one world. `differences` gathers what went otherwise than written on the way."""

    world: World
    scenario: Scenario
    narrator: Narrator
    differences: list[str] = field(default_factory=list)

    def run(self) -> None:
        """From the first draft to the last day. Raises NoRehearsal where nothing can go on."""
        self._release()
        self._settle()
        steps = sorted(self.scenario.steps, key=lambda step: step.at)
        while True:
            due = [step for step in steps if step.at <= self.world.now]
            steps = steps[len(due) :]
            for step in due:
                self._take(step)
                self._settle()
            now = self._next(steps)
            if now is None:
                break
            self.world.clock.set(now)
            self._settle()
        self.world.clock.set(self.scenario.ends_at)
        self._settle()

    def _next(self, steps: list[Step]) -> datetime | None:
        """The next instant at which anything happens; None when the scenario is over."""
        found = [steps[0].at] if steps else []
        own = self.world.next_instant()
        if own is not None:
            found.append(own)
        instant = min(found, default=None)
        return instant if instant is not None and instant <= self.scenario.ends_at else None

    def _settle(self) -> None:
        self.world.settle()
        self.narrator.tell_news()

    def _release(self) -> None:
        office, campaign, now = self.world.opened.office, self.scenario.campaign, self.world.now
        drafted = office.draft.whole(campaign, now)
        errors = [each for each in drafted.problems if each.is_error]
        if drafted.manifest is None:
            raise NoRehearsal("起草没有完成：\n" + "\n".join(each.sentence() for each in errors))
        units = len({each.unit for each in drafted.manifest.planned if each.kind == "notice"})
        self.narrator.say(now, f"起草：{units} 个有邮箱的单位，每个单位一份信文和附件")
        proofed = office.proof.check(campaign, now, drafted.problems)
        if not proofed.may_be_signed:
            wrong = [each.sentence() for each in proofed.problems if each.is_error]
            raise NoRehearsal("复核没有通过：\n" + "\n".join(wrong))
        page = self.world.folder / "交换" / "校样" / campaign / "index.html"
        self.narrator.say(now, f"复核：没有错误，{len(proofed.problems)} 处提示；校样在 {page}")
        released = office.release.sign(
            campaign, self.scenario.signer, proofed.digest, drafted.inputs_sha256, now, really=True
        )
        if not released.is_done:
            raise NoRehearsal(f"签发没有完成：{released.say}")
        self.narrator.say(now, f"签发：{self.scenario.signer}，{released.say}")
        self.world.publish()

    def _take(self, step: Step) -> None:
        deed = step.does
        if isinstance(deed, Write):
            self.narrator.say(step.at, f"{step.who}：{step.says}（{deed.client.value}）")
            try:
                self.world.people[step.who].write(deed, step.at)
            except (CannotAct, NoSuchLabel) as error:
                self.differences.append(f"{step.at:%Y-%m-%d %H:%M} {step.who}：{error}")
            return
        self.narrator.say(step.at, f"{step.who}：{step.says}")
        if isinstance(deed, Look):
            self._look(step, deed)
            return
        if isinstance(deed, PaperInBook):
            self._write_in_book(step, deed)
            return
        refusal = self._climb(step, deed) if isinstance(deed, UrgeMissing | DraftCircular) else ""
        if not isinstance(deed, UrgeMissing | DraftCircular):
            done = self._decide(step, deed)
            refusal = "" if done.is_done else done.say
        if refusal:
            self.differences.append(f"{step.at:%Y-%m-%d %H:%M} {step.who}：{refusal}")

    def _climb(self, step: Step, deed: UrgeMissing | DraftCircular) -> str:
        """One rung above the reminders; why it could not be climbed, or nothing."""
        office, now, key = self.world.opened.office, self.world.now, self.scenario.campaign
        if isinstance(deed, DraftCircular):
            board = office.report.board(key, now)
            drafted = office.circular.draft(board, short_title(board.title), now)
            if drafted.units != deed.units:
                return drafted.refusal or f"通报草稿应列 {deed.units} 个单位，实列 {drafted.units} 个"
            self.narrator.say(now, f"　草稿：交换/{drafted.path}")
            return ""
        order = Urge(key, deed.reason)
        prepared = office.amend.prepare(order, now)
        if not prepared.may_be_signed:
            return prepared.refusal or "；".join(each.sentence() for each in prepared.problems)
        signed = office.amend.sign(order, step.who, prepared.digest, now, really=True)
        self.narrator.say(now, f"　{signed.say}")
        return "" if signed.is_done else signed.say

    def _write_in_book(self, step: Step, deed: PaperInBook) -> None:
        """Typed and saved like staff do; that it was read back shows in what the ledger says in the end."""
        office = self.world.opened.office
        names = {each.key: each.name for each in office.doors.ledger.items(self.scenario.campaign)}
        book = self.world.folder / "交换" / "台账" / "台账.xlsx"
        # The daemon keeps the books; a rehearsal's fast clock writes them when somebody wants to read one.
        office.report.handle(self.scenario.campaign, self.world.now)
        day = office.policy.local(self.world.now).date()
        refusal = write_paper(book, deed.unit, names.get(deed.item, deed.item), day, deed.reason, step.who)
        if refusal:
            self.differences.append(f"{step.at:%Y-%m-%d %H:%M} {step.who}：{refusal}")
            return
        office.report.handle(self.scenario.campaign, self.world.now)

    def _look(self, step: Step, look: Look) -> None:
        docket = self.world.opened.office.doors.ledger.docket(self.scenario.campaign, look.unit, look.item)
        state = docket.state.value if docket else "没有这一行"
        is_overdue = docket is not None and docket.is_overdue(step.at)
        if (state, is_overdue) != (look.state, look.is_overdue):
            self.differences.append(
                f"{step.at:%Y-%m-%d %H:%M} {look.unit}“{look.item}”应为 {look.state}"
                f"（逾期 {look.is_overdue}），实为 {state}（逾期 {is_overdue}）"
            )

    def _decide(self, step: Step, deed: Assign | Note | RecordPaper | Grant) -> decide.Decided:
        world, now, key = self.world, self.world.now, self.scenario.campaign
        office = world.opened.office
        match deed:
            case Assign(sender, unit, item, reason):
                letter = world.waiting_letter(sender).id
                return decide.assign(
                    office, letter, campaign=key, unit=unit, item=item, by=step.who, reason=reason, now=now
                )
            case Note(sender, reason):
                letter = world.waiting_letter(sender).id
                return decide.note(office, letter, by=step.who, reason=reason, now=now)
            case RecordPaper(unit, item, reason, scan):
                files = [(scan, _SCAN)] if scan else []
                return decide.record(
                    office,
                    key,
                    unit,
                    item,
                    via=decide.Via.PAPER,
                    on=office.policy.local(now).date(),
                    by=step.who,
                    reason=reason,
                    now=now,
                    files=files,
                )
            case Grant(unit, item, until, reason, sender):
                if sender:
                    decide.note(office, world.waiting_letter(sender).id, by=step.who, reason=reason, now=now)
                day = date.fromisoformat(until)
                return decide.extend(office, key, unit, item, until=day, by=step.who, reason=reason, now=now)
            case _:
                assert_never(deed)
