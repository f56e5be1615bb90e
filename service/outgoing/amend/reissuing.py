"""补发 — to units added later and to corrected addresses; what was signed goes out again, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from service.office.address import Address
from service.office.amendment import Voiding
from service.office.approval import Act
from service.office.asking import dockets_of
from service.office.content import Enclosure, Manifest, Planned
from service.office.dispatch import CHASES, INFORMS, SIGNED, Dispatch, DispatchKind, DispatchState
from service.office.docket import DocketState
from service.office.needs.ledger import Standing
from service.office.roster import Roster, Unit
from service.office.schedule import chasing_anew, chasing_timers
from service.outgoing.amend.orders import Reissue
from service.outgoing.amend.plan import CannotPlan, Case, Plan, has_or_will_have, kept_roster

_NOT_REACHED = (DocketState.NOT_SENT, DocketState.UNDELIVERED)
_GONE_OUT = (DispatchState.SENT, DispatchState.SENDING, DispatchState.IN_DOUBT)
WHY_REPLACED = "邮箱已更正，改发新邮箱"


@dataclass(slots=True)
class _Sheet:
    """What has been written down so far."""

    planned: list[Planned] = field(default_factory=list)
    packs: list[tuple[str, tuple[Enclosure, ...]]] = field(default_factory=list)
    replaced: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def plan_reissue(case: Case, order: Reissue) -> Plan:
    """Raises CannotPlan where a unit has had its notice, or is not one the campaign asks."""
    roster = case.bench.staff_files.roster()
    errors = [each for each in roster.problems if each.is_error]
    if errors:
        raise CannotPlan("通讯录有错误，请先改正：" + "；".join(each.sentence() for each in errors[:3]))
    if not order.units:
        raise CannotPlan("请用 --units 写明补发给哪些单位，几个单位用逗号分开")
    units = tuple(_unit(case, roster, key) for key in dict.fromkeys(order.units))
    priors = _priors(case)
    fresh = _fresh(case, roster, tuple(each for each in units if each.key not in priors))
    sheet = _Sheet()
    for unit in units:
        _one(case, sheet, unit, priors.get(unit.key), fresh)
    new = tuple(each for each in units if _is_new(case, each))
    unreached = tuple(each.key for each in units if not _is_new(case, each) and _is_unreached(case, each))
    owed = [each for key in unreached for each in case.bench.ledger.dockets(case.row.key, key)]
    _, roster_sha256 = kept_roster(case.bench.archive, units)
    codes = dict(fresh.codes) if fresh else {}
    keys = {each.key for each in new}
    manifest = Manifest(
        case.row.key,
        case.row.facts_sha256,
        roster_sha256,
        tuple(sheet.planned),
        tuple((code, unit) for code, unit in codes.items() if unit in keys),
        tuple(each.key for each in units if not each.addresses),
        (),
        print_packs=tuple(sheet.packs),
        about=tuple(("replaced", f"{unit} {rcpt}") for unit, rcpt in sheet.replaced),
    )
    return Plan(
        Act.REISSUE,
        order.reason,
        manifest,
        case.facts,
        case.whole.inputs_sha256,
        tuple((each.unit, each.rcpt, each, None) for each in sheet.planned),
        tuple(sheet.lines),
        units=units,
        codes=manifest.codes,
        dockets=tuple(dockets_of(case.facts, new, case.bench.policy)),
        voids=_voids(sheet),
        unchased=unreached,
        timers=(
            *chasing_timers(case.facts, new, case.bench.policy, case.now),
            *chasing_anew(case.facts, owed, case.bench.policy, case.now, str(case.rev)),
        ),
    )


def _unit(case: Case, roster: Roster, key: str) -> Unit:
    unit = roster.unit(key)
    if unit is None:
        raise CannotPlan(f"通讯录（config/units）中没有“{key}”，请先把它加进通讯录")
    standing = case.standing(key)
    if standing is not None and not standing.unit.is_third_party:
        # What it is asked was signed with its groups of then; only how it is reached has changed.
        return replace(unit, groups=standing.unit.groups)
    if not set(unit.groups) & set(case.facts.groups):
        asked = "、".join(case.facts.groups)
        raise CannotPlan(f"“{key}”不属于本活动通知的组别（{asked}），请核对通讯录的组别")
    return unit


def _is_new(case: Case, unit: Unit) -> bool:
    standing = case.standing(unit.key)
    return standing is None or standing.unit.is_third_party


def _rows(case: Case, unit: str) -> list[Dispatch]:
    return [each for each in case.dispatches if each.unit == unit and each.kind in SIGNED]


def _is_unreached(case: Case, unit: Unit) -> bool:
    dockets = case.bench.ledger.dockets(case.row.key, unit.key)
    return all(each.state in _NOT_REACHED or each.resting in _NOT_REACHED for each in dockets)


def _priors(case: Case) -> dict[str, str]:
    """The letter each unit was to be sent as of the newest release, by the newest that says so."""
    found: dict[str, str] = {}
    for release in reversed(case.releases):
        manifest = case.manifest(release)
        for each in manifest.planned if manifest else ():
            if each.kind == DispatchKind.NOTICE.value:
                found.setdefault(each.unit, each.content_sha256)
        if release.is_whole:
            break
    return found


def _fresh(case: Case, roster: Roster, wanted: tuple[Unit, ...]) -> Manifest | None:
    """What must be filled now: nothing was ever filled for these. Only from the files that were signed."""
    if not wanted:
        return None
    bench = case.bench
    reading = bench.drafting.reading_of(case.row.key)
    if not case.is_as_signed(reading):
        names = "、".join(each.name for each in wanted[:5])
        raise CannotPlan(
            f"签发以后，活动文件或信文有改动，不能照原样为“{names}”填写通知："
            "要么把文件恢复原样，要么先用 correct 更正"
        )
    return bench.drafting.for_units(case.facts, reading, roster, wanted)


def _one(case: Case, sheet: _Sheet, unit: Unit, prior: str | None, fresh: Manifest | None) -> None:
    standing = case.standing(unit.key)
    rows = _rows(case, unit.key)
    wanted = _unwritten(unit, rows, standing)
    sha256 = prior or _filled(fresh, unit.key)
    if not unit.addresses:
        _pack(case, sheet, unit, fresh)
        return
    if not wanted or sha256 is None:
        raise CannotPlan(_nothing_to_do(unit, rows))
    code = standing.code if standing else ""
    code = code or next((code for code, key in (fresh.codes if fresh else ()) if key == unit.key), "")
    notice = DispatchKind.NOTICE.value
    sheet.planned += [Planned(unit.key, unit.name, each.text, notice, sha256, code) for each in wanted]
    listed = {each.key for each in unit.addresses}
    old = {each.rcpt.lower() for each in rows if each.rcpt.lower() not in listed}
    unsent = {each.rcpt.lower() for each in rows if each.state not in _GONE_OUT and each.rcpt.lower() in old}
    sheet.replaced += [(unit.key, rcpt) for rcpt in sorted(unsent)]
    whom = "、".join(each.text for each in wanted)
    how = "新加入的单位" if standing is None else "邮箱已改"
    sheet.lines.append(f"{unit.name}（{how}）→ {whom}")
    sheet.lines += [f"{unit.name}：原邮箱 {rcpt} 还没有发出的，不再发" for rcpt in sorted(unsent)]


def _unwritten(unit: Unit, rows: list[Dispatch], standing: Standing | None) -> list[Address]:
    """Addresses that have not had the notice, are not about to, and exist as far as anybody knows."""
    informed = [each for each in rows if each.kind in INFORMS and has_or_will_have(each)]
    had = {each.rcpt.lower() for each in informed}
    # A refused address is for a person to try again: settle N --to ready.
    refused = {each.rcpt.lower() for each in rows if each.state is DispatchState.DEAD}
    gone = {each.lower() for each in standing.gone} if standing else set()
    return [each for each in unit.addresses if each.key not in had | refused | gone]


def _filled(fresh: Manifest | None, unit: str) -> str | None:
    planned = fresh.planned if fresh else ()
    return next((each.content_sha256 for each in planned if each.unit == unit), None)


def _pack(case: Case, sheet: _Sheet, unit: Unit, fresh: Manifest | None) -> None:
    if fresh is None or not _is_new(case, unit):
        raise CannotPlan(f"“{unit.name}”在通讯录中没有邮箱；打印材料另行送达后，请用 delivered 登记")
    sheet.packs += [each for each in fresh.print_packs if each[0] == unit.key]
    sheet.lines.append(f"{unit.name}（新加入的单位）没有邮箱：备打印材料，送达后用 delivered 登记")


def _nothing_to_do(unit: Unit, rows: list[Dispatch]) -> str:
    dead = [each for each in rows if each.state is DispatchState.DEAD]
    if dead:
        again = f"邮箱没有错的，请用 settle {dead[-1].id} --to ready 重发；有错的，请先改通讯录"
        return f"“{unit.name}”的邮箱拒收过这份通知，通讯录里的邮箱还是原来的：{again}"
    return f"“{unit.name}”通讯录里的邮箱都已经发过（或正要发）这份通知，不再重发"


def _voids(sheet: _Sheet) -> tuple[Voiding, ...]:
    if not sheet.replaced:
        return ()
    units = tuple(dict.fromkeys(unit for unit, _ in sheet.replaced))
    kinds = (*SIGNED, *CHASES)
    return (Voiding(kinds, WHY_REPLACED, units, tuple(sheet.replaced), also_dead=True),)
