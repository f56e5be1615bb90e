"""拆件 — a person says which files of a letter are which unit's, where the letter itself leaves it open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.incoming.match.apart import take_apart
from service.incoming.match.items import Brings, counted, place
from service.journey import Office
from service.office.campaign import Campaign, Item
from service.office.change import Change, Record
from service.office.frozen import items_for, open_campaign
from service.office.holding import HELD_EVENT, let_go
from service.office.keeping import GONE
from service.office.letter import Letter, LetterFacts, Part, Stage
from service.office.matter import Assignment, Brought, Matched, Portion
from service.office.record import from_bytes
from service.office.rule import RuleHit, Then
from service.office.splitting import PORTIONS_MAX, SPLIT_EVENT

_OPEN = (Stage.REVIEW, Stage.ASKED, Stage.NOTED, Stage.IGNORED)


@dataclass(frozen=True, slots=True)
class Share:
    """One unit's files, by their numbers in the letter (from 1) or their names; `item` where it is open."""

    unit: str
    files: tuple[str, ...]
    item: str | None = None


class _Unclear(Exception):
    """Why a share cannot be given, as one sentence."""


def split(
    office: Office,
    letter: int,
    *,
    campaign: str,
    shares: Sequence[Share],
    by: str,
    reason: str,
    now: datetime,
) -> Decided:
    """Take a letter of several units apart; each portion is then checked, filed and answered by itself."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    ledger, archive = office.doors.ledger, office.doors.archive
    row = ledger.letter(letter)
    facts_of = open_campaign(campaign, ledger, archive)
    if row is None:
        return refuse(f"没有编号为 {letter} 的来信")
    if facts_of is None:
        return refuse(f"没有已签发的活动“{campaign}”")
    if refused := _refusal(office, row, facts_of, shares):
        return refuse(refused)
    facts = from_bytes(LetterFacts, archive.get(row.facts_sha256))
    sha256 = ledger.matter(row.id, "match")
    known = from_bytes(Matched, archive.get(sha256)) if sha256 else Matched(None, None, False)
    try:
        _each_file_once(facts, shares)
        found = tuple(_portion(office, facts_of, facts, known, each, by, reason) for each in shares)
    except _Unclear as error:
        return refuse(str(error))
    matched = replace(known, campaign=campaign, unit=None, is_certain=True, doubt="", portions=found)
    matched = replace(matched, assignments=tuple(each for one in found for each in one.assignments))
    if not ledger.apply(_changes(office, row, facts, matched, by, reason, now)):
        return refuse("这封来信刚刚被别人处理过，请重新查看")
    done = f"来信 {letter} 已拆给 {len(found)} 个单位，各自照常初审、归档、答复"
    given = {sha256 for each in found for sha256 in each.parts}
    left = [part.name for part in counted(facts.parts) if part.sha256 not in given]
    return Decided(True, done + (f"。没有分出去的附件：{'、'.join(left)}" if left else ""))


def _refusal(office: Office, row: Letter, campaign: Campaign, shares: Sequence[Share]) -> str:
    if row.stage not in _OPEN:
        return f"来信 {row.id} 已经归档（{row.outcome}），登记有误的请先用 undo 撤回登记"
    if office.doors.ledger.events(letter=row.id, kind=SPLIT_EVENT):
        return f"来信 {row.id} 已经拆开过（{row.outcome}），请分别处理拆出来的来信"
    if row.keeping in GONE:
        return f"来信 {row.id} 已过保存期限，原件已清理，不能再登记：请对方重新报送"
    if not 2 <= len(shares) <= PORTIONS_MAX:
        return f"拆件要写 2 到 {PORTIONS_MAX} 个单位；只归一个单位的用 assign"
    units = [each.unit for each in shares]
    if len(set(units)) != len(units):
        return "同一个单位写了两次：一个单位的附件请写在一起，用逗号隔开"
    may_be_new = any(each.is_open_to_third_parties for each in campaign.items)
    for each in units:
        if not may_be_new and office.doors.ledger.standing(campaign.key, each) is None:
            return f"“{each}”不在“{campaign.key}”的名单中，请核对单位全称"
    return ""


def _each_file_once(facts: LetterFacts, shares: Sequence[Share]) -> None:
    given: dict[str, str] = {}
    for share in shares:
        for part in _parts(facts, share):
            if part.sha256 in given:
                raise _Unclear(f"附件“{part.name}”同时分给了“{given[part.sha256]}”和“{share.unit}”")
            given[part.sha256] = share.unit


def _parts(facts: LetterFacts, share: Share) -> tuple[Part, ...]:
    if not share.files:
        raise _Unclear(f"没有写明“{share.unit}”的附件：写附件的序号，如 {share.unit}=1,2（序号见 show）")
    return tuple(_part(facts, each) for each in share.files)


def _part(facts: LetterFacts, named: str) -> Part:
    if named.isdigit():
        if not 1 <= int(named) <= len(facts.parts):
            raise _Unclear(f"来信只有 {len(facts.parts)} 个附件，没有第 {named} 个")
        return facts.parts[int(named) - 1]
    found = [part for part in facts.parts if named in (part.name, part.name.rpartition(".")[0])]
    if len(found) != 1:
        listed = "、".join(f"{number}.{part.name}" for number, part in enumerate(facts.parts[:20], start=1))
        raise _Unclear(f"来信里{'不止一个' if found else '没有'}附件“{named}”，请写序号：{listed}")
    return found[0]


def _portion(
    office: Office,
    campaign: Campaign,
    facts: LetterFacts,
    known: Matched,
    share: Share,
    by: str,
    reason: str,
) -> Portion:
    standing = office.doors.ledger.standing(campaign.key, share.unit)
    is_third_party = standing is None or standing.unit.is_third_party
    groups = standing.unit.groups if standing else ()
    items = items_for(campaign, groups, is_third_party=is_third_party, with_withdrawn=not is_third_party)
    parts = _parts(facts, share)
    said = (f"{by}确认：{reason}",)
    shas = tuple(part.sha256 for part in parts)
    assignments = _assignments(campaign, items, facts, known, share, parts, by)
    return Portion(share.unit, shas, assignments, said, share.unit if standing is None else "")


def _assignments(
    campaign: Campaign,
    items: tuple[Item, ...],
    facts: LetterFacts,
    known: Matched,
    share: Share,
    parts: tuple[Part, ...],
    by: str,
) -> tuple[Assignment, ...]:
    """What the files answer by themselves, or all of them the item that the person names."""
    shas = tuple(part.sha256 for part in parts)
    own = replace(facts, parts=parts, links=())
    reads = tuple(read for read in known.reads if read.sha256 in shas)
    brings = place(own, reads, {}, campaign, items, Then.PERSON) if items else Brings(())
    if share.item is not None and {each.item for each in brings.assignments} != {share.item}:
        return (Assignment(share.item, Brought.FILES, shas, why=f"{by}确认"),)
    if not brings.assignments or (brings.unplaced and share.item is None):
        keys = "、".join(each.key for each in items) or "（没有这个单位要报的材料）"
        raise _Unclear(f"看不出“{share.unit}”的附件是哪项材料：写成 {share.unit}/材料=序号，可选：{keys}")
    return brings.assignments


def _changes(
    office: Office,
    row: Letter,
    facts: LetterFacts,
    matched: Matched,
    by: str,
    reason: str,
    now: datetime,
) -> list[Change]:
    ledger, archive = office.doors.ledger, office.doors.archive
    units = {each.unit for each in matched.portions}
    held: dict[str, tuple[str, ...]] = {}
    for event in ledger.events(letter=row.id, kind=HELD_EVENT):
        if event.campaign == matched.campaign and event.unit in units:
            held[event.unit] = tuple(dict.fromkeys((*held.get(event.unit, ()), event.item)))
    keep = {(matched.campaign or "", unit, item) for unit, items in held.items() for item in items}
    said = RuleHit("person", 1, True, f"{by}确认：{reason}")
    return [
        *take_apart(row, facts, matched, (said,), archive, now, by, held),
        Record("assigned", now, by, matched.campaign or "", letter=row.id, about=(("reason", reason),)),
        # Whoever brings nothing here is called missing again, unless another letter speaks for it.
        *let_go(ledger, row.id, now, by, keep),
    ]
