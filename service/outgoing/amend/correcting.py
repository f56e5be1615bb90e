"""更正 — the edited campaign against the one that was signed: who is told what, and which terms change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from service.office.amendment import Voiding
from service.office.approval import Act, digest_of
from service.office.campaign import Campaign, Item, Obligation
from service.office.content import Content, Enclosure, Manifest, Planned
from service.office.dispatch import CHASES, INFORMS, DispatchKind, DispatchState
from service.office.facts import OBLIGATION_WORDS, due_words
from service.office.needs.press import Value
from service.office.needs.staff_files import CampaignReading
from service.office.record import from_bytes
from service.office.roster import Unit
from service.office.schedule import chasing_anew
from service.outgoing.amend.orders import Correct
from service.outgoing.amend.plan import CannotPlan, Case, Plan, enclosed, kept_roster, pairs
from service.outgoing.amend.telling import letter
from service.outgoing.amend.terms import Terms, refuse_more, terms_of

LETTER = "correction-notice"
WHY = "通知已更正，改发更正后的"


def plan_correction(case: Case, order: Correct) -> Plan:
    """Raises CannotPlan where nothing differs, or where more would be asked than before."""
    if not order.reason.strip():
        raise CannotPlan("请用 --reason 写明为什么更正")
    bench = case.bench
    reading, edited = _edited(case)
    refuse_more(case.facts, edited)
    units = tuple(each.unit for each in case.asked)
    dockets = bench.ledger.dockets(case.row.key)
    terms = terms_of(case.facts, edited, dockets, units, bench.policy, order.reason.strip())
    facts = _with_withdrawn(case.facts, edited)
    told = _told(case, facts, units, terms) if order.only_affected else {each.key for each in units}
    roster, roster_sha256 = kept_roster(bench.archive, units)
    files = bench.drafting.files_of(reading)
    inputs = digest_of((("campaign", edited.sha256), *files))
    if case.is_as_signed(reading):
        raise CannotPlan("活动文件和信文与上次签发时一样，没有要更正的；请先改 campaign.yaml 或模板")
    fresh = bench.drafting.for_units(facts, reading, roster, units)
    after = replace(case, facts=facts, row=replace(case.row, title=facts.title))
    amendments = _amendments(case, after, order, fresh, told)
    targets = tuple(_targets(case, fresh, amendments, told, is_partial=order.only_affected))
    # Whoever is told nothing new is still kept here: a corrected address later gets what holds now.
    every = [each for each in fresh.planned if each.kind == DispatchKind.NOTICE.value]
    every += [each for _, _, unsent, had in targets for each in (unsent, had) if each]
    planned = {(each.kind, each.unit, each.rcpt.lower()): each for each in every}
    manifest = replace(
        fresh,
        roster_sha256=roster_sha256,
        files=files,
        planned=tuple(planned.values()),
        print_packs=_packs(after, case, order, fresh, told),
        about=tuple(_about(case.facts, facts, case)),
    )
    chased = tuple(each for each in terms.after if each.unit in terms.affected)
    voids = _voids(told, terms.affected, is_partial=order.only_affected)
    return Plan(
        Act.CORRECTION,
        order.reason,
        manifest,
        facts,
        inputs,
        targets,
        tuple(f"{name}：{say}" for name, say in manifest.about),
        problems=tuple(each for each in reading.problems if not each.is_error),
        voids=voids,
        redates=terms.redates,
        exempts=terms.exempts,
        unchased=tuple(sorted(terms.affected)),
        timers=tuple(chasing_anew(facts, chased, bench.policy, case.now, str(case.rev))),
        items=_renamed(case.facts, facts),
        changes_facts=True,
    )


def _edited(case: Case) -> tuple[CampaignReading, Campaign]:
    reading = case.bench.drafting.reading_of(case.row.key)
    errors = [each.sentence() for each in reading.problems if each.is_error]
    if reading.campaign is None or errors:
        raise CannotPlan("活动文件有错误，请先改正：" + "；".join(errors[:5]))
    return reading, reading.campaign


def _with_withdrawn(was: Campaign, now: Campaign) -> Campaign:
    """What is no longer asked stays known, so that whatever still comes for it is filed."""
    kept = {each.key for each in now.items}
    dropped = tuple(replace(each, is_withdrawn=True) for each in was.items if each.key not in kept)
    return replace(now, items=(*now.items, *dropped))


def _told(case: Case, facts: Campaign, units: tuple[Unit, ...], terms: Terms) -> set[str]:
    """Units for which something that they are asked has changed."""
    changed = {each.key for each in case.facts.items if _is_changed(each, facts.item(each.key))}
    return {
        unit.key
        for unit in units
        if unit.key in terms.affected
        or any(
            each.key in changed and case.facts.obligation(each, unit.groups) is not None
            for each in case.facts.items
        )
    }


def _is_changed(was: Item, now: Item | None) -> bool:
    """Whether an item itself differs; who owes it is another matter."""
    return now is None or replace(was, scopes=()) != replace(now, scopes=())


def _amendments(
    case: Case, after: Case, order: Correct, fresh: Manifest, told: set[str]
) -> dict[tuple[str, str], Planned]:
    """A letter to every address that had the notice: what changed, and the corrected documents whole."""
    archive = case.bench.archive
    extra = enclosed(case.bench, order.files)
    wanted = (*INFORMS, DispatchKind.COPY)
    rows = [
        each for each in case.dispatches if each.kind in wanted and each.state is not DispatchState.CANCELLED
    ]
    whole = {each.unit: each for each in fresh.planned}
    found: dict[tuple[str, str], Planned] = {}
    for unit, rcpt in pairs(rows):
        standing, new = case.standing(unit), whole.get(unit)
        if case.is_gone(unit, rcpt) or new is None or (standing is not None and unit not in told):
            continue
        enclosures = (*extra, *from_bytes(Content, archive.get(new.content_sha256)).enclosures)
        more = _words(case, after, order, standing.unit if standing else None)
        found[unit, rcpt.lower()] = letter(
            after, DispatchKind.AMENDMENT, LETTER, unit, rcpt, enclosures, more
        )
    return found


def _targets(
    case: Case,
    fresh: Manifest,
    amendments: Mapping[tuple[str, str], Planned],
    told: set[str],
    *,
    is_partial: bool,
) -> list[tuple[str, str, Planned | None, Planned | None]]:
    """Where the first notice never left, the corrected one takes its place; elsewhere the correction."""
    fitting = {each.unit: each for each in fresh.planned}
    copied = {each.name for each in case.facts.copies_to}
    found: list[tuple[str, str, Planned | None, Planned | None]] = []
    for (unit, _), amendment in amendments.items():
        if is_partial and unit in copied:
            continue
        found.append((unit, amendment.rcpt, replace(fitting[unit], rcpt=amendment.rcpt), amendment))
    return found


def _voids(told: set[str], affected: Collection[str], *, is_partial: bool) -> tuple[Voiding, ...]:
    kinds = (DispatchKind.NOTICE, DispatchKind.COPY, DispatchKind.AMENDMENT)
    voids = [Voiding(kinds, WHY, tuple(sorted(told)) if is_partial else ())] if told else []
    if affected:
        # A reminder names dates; whose dates stay the same is reminded as before.
        voids.append(Voiding(CHASES, WHY, tuple(sorted(affected))))
    return tuple(voids)


def _words(case: Case, after: Case, order: Correct, unit: Unit | None) -> dict[str, Value]:
    changes: list[Value] = []
    for before in case.facts.items:
        owed = case.facts.obligation(before, unit.groups) if unit else Obligation.REQUIRED
        now = after.facts.item(before.key)
        if owed is None or before.is_withdrawn or now is None:
            continue
        still = after.facts.obligation(now, unit.groups) if unit else Obligation.REQUIRED
        if still is owed and not _is_changed(before, now):
            continue
        is_dropped = now.is_withdrawn or still is None
        was_words, now_words = (_due(case, each) for each in (before, now))
        changes.append(
            {
                "name": now.name,
                "is_withdrawn": is_dropped,
                "was_due": was_words if was_words != now_words else "",
                "now_due": now_words if was_words != now_words else "",
                "obligation": OBLIGATION_WORDS[still] if still and still is not owed else "",
            }
        )
    return {"reason": order.reason.strip(), "changes": changes}


def _due(case: Case, item: Item) -> str:
    return due_words(item, case.bench.policy.calendar, case.bench.policy.zone)


def _packs(
    after: Case, case: Case, order: Correct, fresh: Manifest, told: set[str]
) -> tuple[tuple[str, tuple[Enclosure, ...]], ...]:
    """Units without mail are told on paper: what changed lies on top of the corrected documents."""
    archive = case.bench.archive
    packs = []
    for unit, pack in fresh.print_packs:
        if unit not in told:
            continue
        standing = case.standing(unit)
        more = _words(case, after, order, standing.unit if standing else None)
        page = letter(after, DispatchKind.AMENDMENT, LETTER, unit, "", (), more)
        words = from_bytes(Content, archive.get(page.content_sha256))
        data = f"{words.subject}\n\n{words.text}".encode()
        slip = Enclosure("更正通知.txt", archive.put(data), "text/plain", len(data), "cover")
        packs.append((unit, (slip, *pack)))
    return tuple(packs)


def _about(was: Campaign, now: Campaign, case: Case) -> list[tuple[str, str]]:
    """What changes, in words a signer reads and signs."""
    found: list[tuple[str, str]] = []
    for before in was.items:
        after = now.item(before.key)
        if after is None or after == before:
            continue
        if after.is_withdrawn:
            found.append((before.name, "不再要求报送"))
            continue
        old, new = _due(case, before), _due(case, after)
        say = f"{old} 改为 {new}" if old != new else "要求有改动"
        found.append((after.name, say))
    if not found:
        found.append(("通知", "文字或附件有改动，各项材料的要求不变"))
    return found


def _renamed(was: Campaign, now: Campaign) -> tuple[tuple[str, str], ...]:
    names = {each.key: each.name for each in was.items}
    return tuple((each.key, each.name) for each in now.items if names.get(each.key) != each.name)
