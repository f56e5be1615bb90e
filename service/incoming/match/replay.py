"""What matching leaves behind for people: every rule with its hit or miss, and two readings side by side."""

from __future__ import annotations

from dataclasses import replace

from service.incoming.match.witnesses import WITNESS_RULES, Testimony
from service.office.letter import LetterFacts
from service.office.matter import Matched, Portion, Witness
from service.office.policy import Policy
from service.office.rule import RuleHit
from service.office.trust import is_refuted, is_verified

MATCH_VERSION = 4
# A doubt is one sentence of a list: so many readings, so many reasons each, so long.
READINGS_MAX = 3
REASONS_MAX = 3
REASON_CHARACTERS = 60
SENDER_VERIFIED = "sender-verified"


def with_sender_held(matched: Matched, facts: LetterFacts, policy: Policy) -> Matched:
    """A letter whose sender our own provider disbelieves is nobody's until a person has asked."""
    if not is_refuted(facts, policy.mail_hosts):
        return matched
    said = "收件服务器核验发件人没有通过，可能是冒用他人邮箱，请打电话向该单位核实"
    doubt = "；".join(filter(None, (said, matched.doubt)))
    return replace(matched, is_certain=False, doubt=doubt)


def with_portions(matched: Matched, portions: tuple[Portion, ...], campaign: str) -> Matched:
    """A letter of several units, each of them sure, is nobody's own and needs no person."""
    if not portions:
        return matched
    every = tuple(each for portion in portions for each in portion.assignments)
    return replace(
        matched,
        campaign=campaign,
        unit=None,
        is_certain=True,
        doubt="",
        assignments=every,
        portions=portions,
    )


def with_readings(matched: Matched, testimony: Testimony) -> Matched:
    """Where signs point to several units, the doubt says for each of them what speaks for it."""
    if matched.is_certain or not matched.doubt:
        return matched
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in (*testimony.witnesses, *testimony.heard):
        if each.unit:
            said = reasons.setdefault((each.campaign, each.unit), [])
            if each.say not in said:
                said.append(each.say)
    if len(reasons) < 2:
        return matched
    has_campaigns = len({campaign for campaign, _ in reasons}) > 1
    readings = [
        f"归“{unit}”{f'（活动 {campaign}）' if has_campaigns else ''}，因为"
        + "、".join(each[:REASON_CHARACTERS] for each in said[:REASONS_MAX])
        for (campaign, unit), said in list(reasons.items())[:READINGS_MAX]
    ]
    more = f"；另有 {len(reasons) - READINGS_MAX} 种可能" if len(reasons) > READINGS_MAX else ""
    return replace(matched, doubt=f"{matched.doubt}。{'；'.join(readings)}{more}")


def hits_of(
    matched: Matched, testimony: Testimony, facts: LetterFacts, policy: Policy
) -> tuple[RuleHit, ...]:
    """Every witness rule, hits first, then those that heard nothing; the sender's test, items, the ruling."""
    heard = dict.fromkeys((*testimony.heard, *testimony.witnesses))
    hits = [RuleHit(each.rule or "witness", MATCH_VERSION, True, _said(each)) for each in heard]
    found = {each.rule for each in heard}
    hits += [
        RuleHit(rule, MATCH_VERSION, False, say) for rule, say in WITNESS_RULES.items() if rule not in found
    ]
    odd = (each for each in matched.misses if each not in testimony.misses)
    hits += [RuleHit("odd-code", MATCH_VERSION, False, say) for say in odd]
    hits.append(_tested(facts, policy))
    hits += [RuleHit(f"item:{each.item}", MATCH_VERSION, True, each.why) for each in matched.assignments]
    if matched.portions:
        whose = "、".join(each.unit for each in matched.portions)
        hits.append(RuleHit("portions", MATCH_VERSION, True, f"几个单位一并报送，各自证据充分：{whose}"))
    verdict = "两方面证据一致，自动登记" if matched.is_certain else matched.doubt or "没有报送材料"
    hits.append(RuleHit("two-witnesses", MATCH_VERSION, matched.is_certain, verdict))
    return tuple(hits)


def _said(witness: Witness) -> str:
    whose = f"“{witness.unit}”" if witness.unit else "这份通知"
    return f"{witness.say}，指向{whose}{'（弱）' if witness.is_weak else ''}"


def _tested(facts: LetterFacts, policy: Policy) -> RuleHit:
    if is_refuted(facts, policy.mail_hosts):
        return RuleHit(SENDER_VERIFIED, MATCH_VERSION, False, "收件服务器核验发件人没有通过")
    if is_verified(facts, policy.mail_hosts):
        return RuleHit(SENDER_VERIFIED, MATCH_VERSION, True, "收件服务器核验发件人通过")
    return RuleHit(SENDER_VERIFIED, MATCH_VERSION, False, "收件服务器没有核验结果，发件人未经验证")
