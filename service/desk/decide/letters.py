"""办理来信 — say whose a letter is, or that it is dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.desk.decide.senders import Learning, learning_of
from service.desk.decide.word import Decided, missing_word, refuse
from service.incoming.check import check_letter, filings_that_stand
from service.journey import Office
from service.office.change import Change, ClearStumble, Record
from service.office.chased import READING, unread
from service.office.frozen import open_campaign
from service.office.holding import held_alone, let_go
from service.office.keeping import GONE
from service.office.letter import Letter, LetterFacts, Stage
from service.office.matter import Assignment, Brought, Matched
from service.office.needs.ledger import Ledger
from service.office.reading import Advance, NoteHits, PutFindings, PutMatter
from service.office.record import from_bytes, to_bytes
from service.office.rule import RuleHit, Then
from service.office.splitting import SPLIT_EVENT

# A letter that may be anybody's holds a whole group; nobody reads more names than these.
OTHERS_SAID_MAX = 5
_OPEN = (Stage.REVIEW, Stage.ASKED, Stage.REFUSED)
_FILED = (Stage.FILED, Stage.ACKNOWLEDGED)


def assign(
    office: Office,
    letter: int,
    *,
    campaign: str,
    unit: str,
    item: str | None,
    by: str,
    reason: str,
    now: datetime,
    learn: bool = True,
    also: Sequence[Change] = (),
) -> Decided:
    """Say whose letter it is; it is then checked, filed and answered like any other.

    `also` stands or falls with it, here and in the other decisions.
    """
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    ledger = office.doors.ledger
    row = ledger.letter(letter)
    if row is None:
        return refuse(f"没有编号为 {letter} 的来信")
    if row.stage not in (Stage.REVIEW, Stage.ASKED, Stage.NOTED, Stage.IGNORED) and not _is_aside(
        ledger, row
    ):
        return refuse(
            f"来信 {letter} 已经归档（{row.outcome}）；登记有误的，"
            "用 reassign 改登到别的单位或材料，或先用 undo 撤回登记"
        )
    given = given_to(office, row, campaign, unit, item, by=by, reason=reason, now=now, learn=learn)
    if isinstance(given, Decided):
        return given
    others = _others_held(office, letter, campaign, unit)
    if not ledger.apply([*given.changes, *also]):
        return refuse("这封来信刚刚被别人处理过，请重新查看")
    done = f"来信 {letter} 已登记到“{unit}”，将照常初审、归档、答复"
    return Decided(True, "。".join(each for each in (done, given.say, others) if each))


@dataclass(frozen=True, slots=True)
class Given:
    """What giving a letter to a unit does, not yet done; `say` is about its sender."""

    changes: list[Change]
    say: str


def given_to(
    office: Office,
    row: Letter,
    campaign: str,
    unit: str,
    item: str | None,
    *,
    by: str,
    reason: str,
    now: datetime,
    learn: bool,
    forgotten: str = "",
) -> Given | Decided:
    """A letter as a unit's, from whatever stage it stands at; or why that cannot be.

    `forgotten`: a unit that its sender stops speaking for in the same transaction.
    """
    ledger, archive = office.doors.ledger, office.doors.archive
    facts_of = open_campaign(campaign, ledger, archive)
    if ledger.events(letter=row.id, kind=SPLIT_EVENT):
        return refuse(f"来信 {row.id} 已经拆开（{row.outcome}），请分别处理拆出来的来信")
    if row.keeping in GONE:
        return refuse(f"来信 {row.id} 已过保存期限，原件已清理，不能再登记：请对方重新报送")
    if facts_of is None:
        return refuse(f"没有已签发的活动“{campaign}”")
    standing = ledger.standing(campaign, unit)
    third_party = standing is None and any(each.is_open_to_third_parties for each in facts_of.items)
    if standing is None and not third_party:
        return refuse(f"“{unit}”不在“{campaign}”的名单中，请核对单位全称")
    names = "、".join(each.key for each in facts_of.items)
    if item is not None and facts_of.item(item) is None:
        return refuse(f"“{campaign}”没有材料“{item}”，可选：{names}")
    facts = from_bytes(LetterFacts, archive.get(row.facts_sha256))
    matched = _settled(office, row, facts, campaign, unit, item, by, reason)
    if not matched.assignments:
        return refuse("来信里没有可以归档的材料；请用 --item 写明报送的是哪一项")
    if any(facts_of.item(each.item) is None for each in matched.assignments):
        return refuse(f"请用 --item 写明报送的是“{campaign}”的哪一项：{names}")
    matched = replace(matched, third_party=unit if standing is None else "")
    changes = _assign_changes(office, row, matched, by, reason, now)
    learned = Learning()
    if learn:
        learned = learning_of(office, row, facts, campaign, unit, by, now, forgotten)
    return Given([*changes, *learned.changes], learned.say)


def _others_held(office: Office, letter: int, campaign: str, unit: str) -> str:
    """Whom else it may have reported for: filed under one unit, it keeps the others off 未报 no more."""
    held = held_alone(office.doors.ledger, letter)
    others = tuple(dict.fromkeys(each.unit for each in held if each.unit != unit))
    if not others:
        return ""
    named = "、".join(others[:OTHERS_SAID_MAX])
    named += f" 等 {len(others)} 个单位" if len(others) > OTHERS_SAID_MAX else ""
    return (
        f"注意：这封信也可能涉及{named}，归档后它们不再因这封信暂缓催办；"
        f"如果其中也有它们的材料，请把附件存下，用 record {campaign} 单位 材料 --file 文件 分别登记"
        "（一封信有几个单位的，归档以前可用 split 拆开）"
    )


def _settled(
    office: Office,
    row: Letter,
    facts: LetterFacts,
    campaign: str,
    unit: str,
    item: str | None,
    by: str,
    reason: str,
) -> Matched:
    ledger, archive = office.doors.ledger, office.doors.archive
    sha256 = ledger.matter(row.id, "match")
    known = from_bytes(Matched, archive.get(sha256)) if sha256 else Matched(None, None, False)
    assignments = known.assignments
    if item is not None and {each.item for each in assignments} != {item}:
        brought = Brought.FILES if facts.parts else Brought.BODY
        assignments = (
            Assignment(item, brought, tuple(each.sha256 for each in facts.parts), why=f"{by}确认"),
        )
    return replace(
        known,
        campaign=campaign,
        unit=unit,
        is_certain=True,
        assignments=assignments,
        brings_something=True,
        meaning=Then.PERSON,
        doubt="",
        hits=(*known.hits, f"{by}确认：{reason}"),
    )


def _assign_changes(
    office: Office, row: Letter, matched: Matched, by: str, reason: str, now: datetime
) -> list[Change]:
    ledger, archive = office.doors.ledger, office.doors.archive
    campaign = matched.campaign or ""
    unit = matched.unit or ""
    facts = from_bytes(LetterFacts, archive.get(row.facts_sha256))
    # Taken back from another item of the same unit, it is no earlier version of itself.
    known = tuple(each for each in filings_that_stand(ledger, campaign, unit) if each.letter != row.id)
    checked = check_letter(facts, matched, open_campaign(campaign, ledger, archive), known=known)
    checked = replace(checked, then="file") if checked.then == "quarantine" else checked
    outcome = f"{by}确认：{reason}"
    changes: list[Change] = [
        Advance(row.id, row.stage, Stage.CHECKED, now, None, campaign, unit, outcome),
        NoteHits(row.id, "match", (RuleHit("person", 1, True, outcome),)),
        PutMatter(row.id, "match", archive.put(to_bytes(matched))),
        PutMatter(row.id, "check", archive.put(to_bytes(checked))),
        PutFindings(row.id, checked.findings),
        Record("assigned", now, by, campaign, unit, letter=row.id, about=(("reason", reason),)),
        Record("checked-file", now, by, campaign, unit, letter=row.id),
    ]
    # What the letter held waits until it is filed: in between nobody must stand on a list of 未报.
    return changes + _taken_up(ledger, row)


def _is_aside(ledger: Ledger, row: Letter) -> bool:
    """Set aside by the machine before it was filed: only a person brings it on."""
    return any(each.id == row.id for each in unread(ledger).aside)


def _taken_up(ledger: Ledger, row: Letter) -> list[Change]:
    """A person has taken it up: it stands aside no more, and holds no reminder."""
    return [ClearStumble(READING[row.stage], str(row.id))] if _is_aside(ledger, row) else []


def note(
    office: Office, letter: int, *, by: str, reason: str, now: datetime, also: Sequence[Change] = ()
) -> Decided:
    """A letter in review or with a question has been dealt with and answers nothing."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    ledger = office.doors.ledger
    row = ledger.letter(letter)
    if row is None or (row.stage not in (*_OPEN, *_FILED) and not _is_aside(ledger, row)):
        return refuse(f"来信 {letter} 不在待人工之列")
    why = (("reason", reason),)
    if row.stage in _FILED:
        # Filed already: only that a person has seen it (something urgent, a question beside a return).
        seen = Record("noted", now, by, row.campaign or "", row.unit or "", letter=row.id, about=why)
        ledger.apply([seen, *also])
        return Decided(True, f"来信 {letter} 已阅")
    # What is marked 密级 stays sealed, dealt with or not [law 10].
    to = Stage.REFUSED if row.stage is Stage.REFUSED else Stage.NOTED
    changes: list[Change] = [
        Advance(row.id, row.stage, to, now, outcome=f"{by}：{reason}"),
        Record(
            "noted", now, by, row.campaign or "", row.unit or "", letter=row.id, about=(("reason", reason),)
        ),
    ]
    changes += [*let_go(ledger, row.id, now, by), *_taken_up(ledger, row), *also]
    if not ledger.apply(changes):
        return refuse("这封来信刚刚被别人处理过，请重新查看")
    return Decided(True, f"来信 {letter} 已办结")
