"""通讯录核对 — every address of a campaign's units: what became of it, and what somebody should put right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from service.office.board import AddressRow
from service.office.dispatch import Dispatch, DispatchState
from service.office.needs.ledger import ConfirmedSender, Standing

GOOD = "正常"
_MEND = "打电话核对，改正 config/units.xlsx，再补发"
_MISSING = "有邮箱的，补进 config/units.xlsx；没有的，用 OA、电话联系"
_NEWS = "通讯录里没有：核实后补进 config/units.xlsx"

Failures = Mapping[tuple[str, str], Dispatch]


def address_rows(
    standings: Sequence[Standing],
    confirmed: Sequence[ConfirmedSender] = (),
    dispatches: Sequence[Dispatch] = (),
) -> tuple[AddressRow, ...]:
    """One line per address, and one for whoever has none.

    Addresses that a clerk confirmed follow those of the unit's roster line.
    """
    learned: dict[str, list[ConfirmedSender]] = defaultdict(list)
    for each in confirmed:
        learned[each.unit].append(each)
    failed = _failures(dispatches)
    return tuple(
        row for standing in standings for row in _of_unit(standing, learned[standing.unit.key], failed)
    )


def _of_unit(
    standing: Standing, confirmed: Sequence[ConfirmedSender], failed: Failures
) -> Iterator[AddressRow]:
    unit = standing.unit
    gone = {each.lower() for each in standing.gone}
    about = (unit.name, "、".join(unit.groups), unit.parent)
    for contact in unit.contacts:
        who = (*about, contact.name, contact.phone)
        for address in contact.addresses:
            state, advice = _standing_of(address.key, unit.key, gone, failed)
            yield AddressRow(*who, str(address), state, advice)
        if not contact.addresses:
            # Another person of the unit may have one; only a unit without any is out of reach.
            yield AddressRow(*who, "", "没有邮箱", "" if unit.addresses else _MISSING)
    if not unit.contacts:
        yield AddressRow(*about, "", "", "", "没有联系人", _MISSING)
    for sender in confirmed:
        yield AddressRow(*about, "", "", sender.address, f"名册外，{sender.by}确认", _NEWS)


def _standing_of(address: str, unit: str, gone: set[str], failed: Failures) -> tuple[str, str]:
    if address in gone:
        return "邮箱不存在", _MEND
    refused = failed.get((unit, address))
    if refused is None:
        return GOOD, ""
    code = f"（{refused.last_code}）" if refused.last_code and refused.last_code >= 400 else ""
    return f"最近一次退信{code}", _MEND


def _failures(dispatches: Sequence[Dispatch]) -> Failures:
    """By unit and address: what was refused, unless something later went through."""
    failed: dict[tuple[str, str], Dispatch] = {}
    for each in sorted(dispatches, key=lambda dispatch: (dispatch.due_at, dispatch.id)):
        key = (each.unit, each.rcpt.lower())
        if each.state is DispatchState.DEAD:
            failed[key] = each
        elif each.state is DispatchState.SENT:
            failed.pop(key, None)
    return failed
