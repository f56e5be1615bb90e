"""催报函 — to each unit that every reminder has asked in vain, copied to its superior; never twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from service.office.approval import Act
from service.office.certainty import doubt
from service.office.content import Enclosure, Manifest, Planned
from service.office.dispatch import INFORMS, DispatchKind, DispatchState
from service.office.docket import Docket
from service.office.facts import campaign_facts, date_words, missing_facts, unit_facts
from service.office.frozen import items_for
from service.office.ladder import ON_PAPER, Climbs, climbs_of
from service.office.needs.ledger import Standing
from service.office.needs.press import Imprint, Value
from service.office.roster import Roster, Unit, unit_key
from service.office.title import break_title
from service.outgoing.amend.orders import Urge
from service.outgoing.amend.plan import CannotPlan, Case, Plan
from service.outgoing.amend.telling import letter

LETTER, COPY = "urging", "urging-copy"
TEMPLATE = "templates/letters/urging.docx"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# 上级/地区 may name a place as well as a body; nobody writes to a place.
_PLACE = re.compile(r".{1,12}(省|市|区|县|州|盟|旗|镇|乡|街道|地区)")


@dataclass(frozen=True, slots=True)
class Debtor:
    """A unit that stands on this rung, with what it has not been urged for yet."""

    standing: Standing
    owed: tuple[Docket, ...]

    @property
    def unit(self) -> Unit:
        """Its roster line."""
        return self.standing.unit


@dataclass(slots=True)
class _Sheet:
    """What has been written down so far."""

    planned: list[Planned] = field(default_factory=list)
    packs: dict[str, tuple[Enclosure, ...]] = field(default_factory=dict)
    notes: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def plan_urging(case: Case, order: Urge) -> Plan:
    """Raises CannotPlan while the missing are not known for certain, or where nobody stands on this rung."""
    bench = case.bench
    if not order.reason.strip():
        raise CannotPlan("请用 --reason 写明为什么催报")
    if unsure := doubt(bench.ledger, bench.policy, case.now):
        raise CannotPlan(unsure)
    debtors = tuple(_debtors(case, order))
    if not debtors:
        raise CannotPlan("没有可以发催报函的单位：没有逾期未报的，或者催办还没有发完，或者都已经发过")
    roster = bench.staff_files.roster()
    sheet = _Sheet()
    for debtor in debtors:
        _one(case, order, sheet, debtor, roster)
    manifest = Manifest(
        case.row.key,
        case.row.facts_sha256,
        case.whole.roster_sha256,
        tuple(sheet.planned),
        (),
        (),
        (),
        print_packs=tuple(sheet.packs.items()),
        about=(("urged", "、".join(each.unit.name for each in debtors)),),
    )
    return Plan(
        Act.URGING,
        order.reason,
        manifest,
        case.facts,
        case.whole.inputs_sha256,
        tuple((each.unit, each.rcpt, each, each) for each in sheet.planned),
        (*sheet.lines, "发出前再核对一次：其间报来、延期、免报或待人工的，不发。"),
        named={each.unit.key: tuple(docket.item for docket in each.owed) for each in debtors},
        notes=tuple(sheet.notes),
    )


def _debtors(case: Case, order: Urge) -> Iterator[Debtor]:
    """Who is urged; a unit that was named and may not be is a refusal with its reason."""
    ledger = case.bench.ledger
    dockets = ledger.dockets(case.row.key)
    climbs = climbs_of(ledger, case.row.key, dockets, case.now)
    owed: dict[str, list[Docket]] = {}
    for docket in dockets:
        if docket.is_missing:
            owed.setdefault(docket.unit, []).append(docket)
    named = set(_known(case, order))
    for standing in case.asked:
        unit = standing.unit
        if named and unit.key not in named:
            continue
        mine = tuple(owed.get(unit.key, ()))
        refusal = _not_yet(case, unit, mine, climbs)
        if not refusal:
            yield Debtor(standing, tuple(each for each in mine if _may_be_urged(each, climbs)))
        elif unit.key in order.units:
            raise CannotPlan(refusal)


def _known(case: Case, order: Urge) -> Iterator[str]:
    groups = {group for each in case.asked for group in each.unit.groups}
    unknown = [each for each in order.groups if each not in groups]
    if unknown:
        raise CannotPlan(f"本活动的单位中没有组别“{'、'.join(unknown)}”，现有：{'、'.join(sorted(groups))}")
    yield from order.units
    yield from (each.unit.key for each in case.asked if set(order.groups) & set(each.unit.groups))


def _may_be_urged(docket: Docket, climbs: Climbs) -> bool:
    climb = climbs.get((docket.unit, docket.item))
    return climb is not None and climb.past_at is not None and climb.urged_at is None


def _not_yet(case: Case, unit: Unit, owed: tuple[Docket, ...], climbs: Climbs) -> str:
    """Why a unit is not urged; empty where it is."""
    if any(_may_be_urged(each, climbs) for each in owed):
        return ""
    if not owed:
        return f"“{unit.name}”没有未报的材料，不必催报"
    known = [climb for each in owed if (climb := climbs.get((each.unit, each.item))) is not None]
    urged = max((each.urged_at for each in known if each.urged_at is not None), default=None)
    if urged is not None:
        day = date_words(case.bench.policy.local(urged).date())
        return f"“{unit.name}”已于{day}发过催报函，同一期限只发一次：请打电话，或用 circular 起草通报"
    if known:
        return f"“{unit.name}”还有催办邮件没有发出，请等催办发完再发催报函"
    return f"“{unit.name}”要报的材料还没有到期，不能发催报函"


def _one(case: Case, order: Urge, sheet: _Sheet, debtor: Debtor, roster: Roster) -> None:
    unit = debtor.unit
    superior = _superior(case, unit, roster)
    facts = _facts(case, order, debtor, superior.name if superior else "")
    paper = _paper(case, debtor, facts)
    how = _to_unit(case, sheet, debtor, paper, facts)
    about = [("items", "、".join(each.item for each in debtor.owed)), ("how", how)]
    said = f"{unit.name}：{'、'.join(str(each) for each in _names(case, debtor.owed))}"
    if superior is None:
        sheet.lines.append(f"{said}；没有要抄送的上级{_why_none(case, unit)}")
    else:
        copied, where = _to_superior(case, sheet, debtor, superior, paper, facts)
        about += [("copy", superior.name), ("copy_how", copied)]
        sheet.lines.append(f"{said}；抄送{superior.name}（{where}）")
    sheet.notes.append((unit.key, tuple(about)))


def _names(case: Case, owed: Iterable[Docket]) -> list[str]:
    found = (case.facts.item(each.item) for each in owed)
    return [each.name for each in found if each is not None]


def _superior(case: Case, unit: Unit, roster: Roster) -> Unit | None:
    """The body above it, by today's roster; None where that is ourselves, or only the name of a place."""
    key = unit_key(unit.parent)
    ourselves = {unit_key(case.facts.issuer), unit_key(case.bench.policy.office_name), unit.key}
    if not key or key in ourselves:
        return None
    known = roster.unit(key) or next(
        (each for each in roster.units if key in map(unit_key, each.short_names)), None
    )
    if known is not None:
        return known
    return None if _PLACE.fullmatch(unit.parent.strip()) else Unit(key, unit.parent.strip())


def _why_none(case: Case, unit: Unit) -> str:
    if not unit.parent.strip():
        return "（通讯录没有写上级）"
    if unit_key(unit.parent) in {unit_key(case.facts.issuer), unit_key(case.bench.policy.office_name)}:
        return "（上级就是发文机关）"
    return f"（“{unit.parent}”像是地名）"


def _to_unit(case: Case, sheet: _Sheet, debtor: Debtor, paper: Enclosure, facts: Mapping[str, Value]) -> str:
    """One mail to the address that took the notice; on paper where no mail reaches it."""
    unit = debtor.unit
    rcpt = _address(case, debtor.standing)
    if rcpt is None:
        sheet.packs[unit.key] = (paper,)
        return ON_PAPER
    sheet.planned.append(letter(case, DispatchKind.URGING, LETTER, unit.key, rcpt, (paper,), facts))
    return "mail"


def _to_superior(
    case: Case,
    sheet: _Sheet,
    debtor: Debtor,
    superior: Unit,
    paper: Enclosure,
    facts: Mapping[str, Value],
) -> tuple[str, str]:
    """The same letter to the superior, in a mail of its own; returns how, and how in words."""
    unit = debtor.unit
    living = [each.text for each in superior.addresses if not case.is_gone(superior.key, each.text)]
    if not living:
        printed = replace(paper, name=f"抄送　{unit.name}　{paper.name}")
        sheet.packs[superior.name] = (*sheet.packs.get(superior.name, ()), printed)
        return ON_PAPER, "没有邮箱，备打印件"
    rcpt = living[0]
    own = {each.key for each in unit.addresses}
    if rcpt.lower() in own:
        return "same", "与该单位是同一个邮箱，不另发"
    reader = f"{superior.name}（抄送，{unit.name}）"
    copy = letter(case, DispatchKind.URGING, COPY, unit.key, rcpt, (paper,), facts, reader=reader)
    sheet.planned.append(copy)
    return "mail", rcpt


def _address(case: Case, standing: Standing) -> str | None:
    """The unit's first address that took the notice and is not known to be gone."""
    unit = standing.unit
    took = {
        each.rcpt.lower()
        for each in case.dispatches
        if each.unit == unit.key and each.kind in INFORMS and each.state is DispatchState.SENT
    }
    usable = [each.text for each in unit.addresses if not case.is_gone(unit.key, each.text)]
    reached = [each for each in usable if each.lower() in took]
    return next(iter((*reached, *usable)), None)


def _facts(case: Case, order: Urge, debtor: Debtor, superior: str) -> dict[str, Value]:
    """What letter and paper say; nothing here changes within a day, so that the proof may be signed."""
    policy, unit = case.bench.policy, debtor.unit
    today = policy.local(case.now).date()
    names = _names(case, debtor.owed)
    what = names[0] if len(names) == 1 else f"{names[0]}等{len(names)}项材料" if names else "材料"
    title = f"{case.facts.issuer}关于催报{what}的函"
    return {
        "campaign": campaign_facts(
            case.facts, policy.calendar, policy.zone, items_for(case.facts, unit.groups)
        ),
        "missing": missing_facts(debtor.owed, case.facts, case.now, policy.zone),
        "urging": {
            "doc_number": order.doc_number.strip(),
            "title": title,
            "title_lines": list(break_title(case.facts.issuer, title)),
            "signed_on": date_words(today),
            "reminded_words": "、".join(date_words(each) for each in _reminded(case, debtor)),
            "superior": superior,
        },
    }


def _reminded(case: Case, debtor: Debtor) -> list[date]:
    """The days on which a reminder about any of it went out."""
    items = {each.item for each in debtor.owed}
    sent = [
        each.sent_at
        for each in case.dispatches
        if each.kind is DispatchKind.REMINDER
        and each.unit == debtor.unit.key
        and each.sent_at is not None
        and items & set(each.dockets)
    ]
    return sorted({case.bench.policy.local(each).date() for each in sent})


def _paper(case: Case, debtor: Debtor, facts: Mapping[str, Value]) -> Enclosure:
    bench, unit = case.bench, debtor.unit
    today = bench.policy.local(case.now).date()
    template = bench.words.urging(case.row.key, case.facts.issuer, today)
    campaign = facts["campaign"]
    contacts = campaign["contacts"] if isinstance(campaign, Mapping) else []
    known: dict[str, Value] = {
        **facts,
        "unit": unit_facts(unit),
        "code": debtor.standing.code,
        "office": bench.policy.office_name,
        "contacts": contacts,
    }
    data = bench.press.render(template, TEMPLATE, known, Imprint(title="催报函"))
    name = f"催报函（{today.month}月{today.day}日）.docx"
    return Enclosure(name, bench.archive.put(data), _DOCX, len(data), "attachment")
