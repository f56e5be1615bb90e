"""The terms of every docket under corrected facts: new instants, extensions kept, items no longer asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from service.office.amendment import Exempting, Redating
from service.office.campaign import Campaign, Item, Obligation
from service.office.docket import Docket
from service.office.facts import deadline_of
from service.office.policy import Policy
from service.office.roster import Unit
from service.outgoing.amend.plan import CannotPlan

_Stand = tuple[str, int, datetime | None, Obligation, int]
_Terms = tuple[datetime | None, Obligation, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a correction does to the dockets of a campaign."""

    redates: tuple[Redating, ...]
    exempts: tuple[Exempting, ...]
    after: tuple[Docket, ...]  # every docket of a roster unit as it will stand
    affected: frozenset[str]  # units of which some docket changes


def refuse_more(was: Campaign, now: Campaign) -> None:
    """A correction may take away and put right; asking more, or others, needs a notice of its own."""
    known = {each.key: each for each in was.items}
    added = [each.name for each in now.items if each.key not in known]
    if added:
        raise CannotPlan(f"更正不能增加材料（{'、'.join(added)}），也不能改材料的 key：请另发一份通知")
    revived = [each.name for each in now.items if known[each.key].is_withdrawn]
    if revived:
        raise CannotPlan(f"“{'、'.join(revived)}”已经撤回，不能再要：请另发一份通知")
    if was.groups != now.groups:
        raise CannotPlan("更正不能改 groups（通知哪些组别）：少要的用 exempt，多要的另发通知或用 reissue")
    changed = [each.name for each in now.items if known[each.key].media != each.media]
    if changed:
        raise CannotPlan(f"更正不能改报送形式（{'、'.join(changed)} 的 media）：请另发一份通知")


def terms_of(
    was: Campaign,
    now: Campaign,
    dockets: Iterable[Docket],
    units: Iterable[Unit],
    policy: Policy,
    reason: str,
) -> Terms:
    """Raises CannotPlan where somebody would be asked what it was not, CalendarUnknown as deadlines do."""
    by_key = {each.key: each for each in units}
    stands: dict[_Stand, dict[_Terms, list[str]]] = defaultdict(lambda: defaultdict(list))
    freed: dict[str, list[str]] = defaultdict(list)
    after: list[Docket] = []
    affected: set[str] = set()
    seen: set[tuple[str, str]] = set()
    for docket in dockets:
        unit = by_key.get(docket.unit)
        if unit is None or docket.is_third_party:
            continue
        seen.add((docket.unit, docket.item))
        item = now.item(docket.item)
        obligation = now.obligation(item, unit.groups) if item is not None else None
        if item is None or obligation is None:
            before = was.item(docket.item)
            if before is not None and not before.is_withdrawn:
                freed[docket.item].append(docket.unit)
                affected.add(docket.unit)
            continue
        terms = (_until(docket, was.item(docket.item), item, policy), obligation, item.grace_days)
        stand = (docket.item, docket.due_rev, docket.due_until, docket.obligation, docket.grace_days)
        stands[stand][terms].append(docket.unit)
        moved = terms != (docket.due_until, docket.obligation, docket.grace_days)
        after.append(_after(docket, terms) if moved else docket)
        affected |= {docket.unit} if moved else set()
    _refuse_new_duties(now, by_key.values(), seen)
    return Terms(tuple(_redates(stands)), tuple(_exempts(freed, reason)), tuple(after), frozenset(affected))


def _until(docket: Docket, was: Item | None, now: Item, policy: Policy) -> datetime | None:
    """The corrected instant; whoever was granted more keeps the later of the two."""
    before = deadline_of(was, policy.calendar, policy.zone) if was is not None else None
    later = deadline_of(now, policy.calendar, policy.zone)
    corrected = later.until if later else None
    is_extended = docket.due_until is not None and docket.due_until != (before.until if before else None)
    if is_extended and corrected is not None and docket.due_until is not None:
        return max(docket.due_until, corrected)
    return corrected


def _after(docket: Docket, terms: _Terms) -> Docket:
    until, obligation, grace_days = terms
    return replace(
        docket, due_until=until, obligation=obligation, grace_days=grace_days, due_rev=docket.due_rev + 1
    )


def _redates(stands: dict[_Stand, dict[_Terms, list[str]]]) -> Iterable[Redating]:
    for (item, rev, until, obligation, grace), outcomes in stands.items():
        for (new_until, new_obligation, grace_days), units in outcomes.items():
            if (new_until, new_obligation, grace_days) == (until, obligation, grace):
                continue
            # Where all that stand alike fare alike, one statement moves them; else they are named.
            named = tuple(units) if len(outcomes) > 1 else ()
            yield Redating(
                item, rev, until, obligation, len(units), new_until, new_obligation, grace_days, named
            )


def _exempts(freed: dict[str, list[str]], reason: str) -> Iterable[Exempting]:
    for item, units in freed.items():
        yield Exempting(item, f"已撤回这项材料：{reason}", tuple(units))


def _refuse_new_duties(now: Campaign, units: Iterable[Unit], seen: set[tuple[str, str]]) -> None:
    for unit in units:
        for item in now.items:
            if now.obligation(item, unit.groups) is not None and (unit.key, item.key) not in seen:
                raise CannotPlan(
                    f"更正后“{unit.name}”要报原来不要它报的“{item.name}”：更正不能扩大对象，请另发一份通知"
                )
