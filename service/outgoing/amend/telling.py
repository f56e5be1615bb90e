"""补充通知 and 撤回 — words to those who have the notice; nothing is asked back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.office.amendment import Exempting, Voiding
from service.office.approval import Act
from service.office.content import Content, Enclosure, Manifest, Planned
from service.office.dispatch import CHASES, INFORMS, SIGNED, DispatchKind
from service.office.facts import campaign_facts, date_words, unit_facts
from service.office.frozen import items_for
from service.office.needs.press import Value
from service.office.record import to_bytes
from service.office.roster import Unit
from service.outgoing.amend.orders import Supplement, Withdraw
from service.outgoing.amend.plan import CannotPlan, Case, Plan, enclosed, has_or_will_have, pairs


def plan_supplement(case: Case, order: Supplement) -> Plan:
    """To everybody of these groups or units who has the notice, or is about to."""
    if not order.message.strip() and not order.files:
        raise CannotPlan("请用 --text 或 --docx 写明补充什么")
    chosen = _chosen(case, order)
    enclosures = enclosed(case.bench, order.files)
    rows = [each for each in case.dispatches if each.kind in INFORMS and has_or_will_have(each)]
    message = {"message": order.message.strip()}
    planned = [
        letter(case, DispatchKind.SUPPLEMENT, "supplement", unit, rcpt, enclosures, message)
        for unit, rcpt in pairs(rows)
        if unit in chosen and not case.is_gone(unit, rcpt)
    ]
    if not planned:
        raise CannotPlan("这些单位都还没有收到通知，没有可以补充告知的邮箱")
    reached = {each.unit for each in planned}
    lines = [
        f"{each.unit.name} 没有收到过通知邮件，请另行告知"
        for each in case.asked
        if each.unit.key in chosen and each.unit.key not in reached
    ]
    targets = tuple((each.unit, each.rcpt, each, each) for each in planned)
    whom = ("groups", "、".join(order.groups) or "、".join(order.units) or "全部")
    manifest = _manifest(case, tuple(planned), (whom,))
    inputs = case.whole.inputs_sha256
    return Plan(Act.SUPPLEMENT, order.reason, manifest, case.facts, inputs, targets, tuple(lines))


def _chosen(case: Case, order: Supplement) -> set[str]:
    known = {group for each in case.asked for group in each.unit.groups}
    unknown = [each for each in order.groups if each not in known]
    if unknown:
        raise CannotPlan(f"本活动的单位中没有组别“{'、'.join(unknown)}”，现有：{'、'.join(sorted(known))}")
    if not order.groups and not order.units:
        return {each.unit.key for each in case.asked}
    wanted = set(order.groups)
    return {each.unit.key for each in case.asked if wanted & set(each.unit.groups)} | set(order.units)


def plan_withdrawal(case: Case, order: Withdraw) -> Plan:
    """To everybody the notice may have reached; what has not gone out never will."""
    if not order.reason.strip():
        raise CannotPlan("请用 --reason 写明为什么撤回")
    enclosures = enclosed(case.bench, order.files)
    told = (*INFORMS, DispatchKind.COPY)
    rows = [each for each in case.dispatches if each.kind in told and has_or_will_have(each)]
    reason = {
        "reason": order.reason.strip(),
        "withdrawn_on": date_words(case.bench.policy.local(case.now).date()),
    }
    planned = [
        letter(case, DispatchKind.WITHDRAWAL, "withdrawal", unit, rcpt, enclosures, reason)
        for unit, rcpt in pairs(rows)
        if not case.is_gone(unit, rcpt)
    ]
    why = f"通知已撤回：{order.reason.strip()}"
    return Plan(
        Act.WITHDRAWAL,
        order.reason,
        _manifest(case, tuple(planned), ()),
        case.facts,
        case.whole.inputs_sha256,
        tuple((each.unit, each.rcpt, None, each) for each in planned),
        ("还没有发出的通知和催办不再发出；未报的各项改为免报；已报的保留。",),
        voids=(Voiding((*SIGNED, *CHASES), why),),
        exempts=tuple(Exempting(each.key, why) for each in case.facts.items),
        unchased=None,
        ends="withdrawn",
    )


def letter(
    case: Case,
    kind: DispatchKind,
    name: str,
    unit: str,
    rcpt: str,
    enclosures: tuple[Enclosure, ...],
    more: Mapping[str, Value],
    *,
    reader: str = "",
) -> Planned:
    """One letter of a later release; the code stands in its subject, so that answers still find home.

    `reader`: who gets a copy of what is said to the unit; the code is the unit's alone and is left out.
    """
    policy, standing = case.bench.policy, case.standing(unit)
    addressed = standing.unit if standing else Unit(unit, unit)
    code = standing.code if standing and not reader else ""
    items = items_for(case.facts, addressed.groups)
    facts = campaign_facts(case.facts, policy.calendar, policy.zone, items)
    wording = case.bench.words.write(
        name,
        case.row.key,
        {
            "campaign": facts,
            "unit": unit_facts(addressed),
            "code": code,
            "office": policy.office_name,
            "contacts": facts["contacts"],
            "enclosures": [each.name for each in enclosures],
            "message": "",
            "reason": "",
            **more,
        },
    )
    subject = f"[{code}] {wording.subject}" if code else wording.subject
    content = Content(subject, wording.text, enclosures, code, html=wording.html)
    sha256 = case.bench.archive.put(to_bytes(content))
    return Planned(unit, reader or addressed.name, rcpt, kind.value, sha256, code)


def _manifest(case: Case, planned: tuple[Planned, ...], about: tuple[tuple[str, str], ...]) -> Manifest:
    roster_sha256 = case.whole.roster_sha256
    manifest = Manifest(case.row.key, case.row.facts_sha256, roster_sha256, planned, (), (), ())
    return replace(manifest, about=about)
