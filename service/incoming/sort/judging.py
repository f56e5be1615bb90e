"""The order of questions that tells what stands behind a letter."""

from __future__ import annotations

from datetime import timedelta

from service.incoming.sort.automatic import automatic_reasons
from service.incoming.sort.bounces import is_delay, undelivered
from service.office.letter import Kind, LetterFacts, Verdict
from service.office.rule import KINDS, Rule, Rulebook

_REPORT = "report-type="


def judge(
    facts: LetterFacts,
    rules: Rulebook,
    own_addresses: frozenset[str],
    own_header: str,
    waited: timedelta | None = None,
) -> Verdict:
    """Own copy → bounce or delay → read receipt → auto-reply → calendar → person, with the reasons.

    `own_addresses` are lower-case; `own_header` is the name of the header our own mail carries; `waited` is
    how long after our mail that it answers the letter came, where that is known.
    """
    if facts.trouble and not facts.headers:
        return Verdict(Kind.UNREADABLE, facts.trouble)
    own = _own(facts, own_addresses, own_header)
    if own:
        return Verdict(Kind.OWN, (own,))
    rule, _ = rules.sender(facts)
    if facts.statuses:
        return _undelivered(facts, rule)
    kind = KINDS.get(rule.then, Kind.PERSON)
    if kind is not Kind.PERSON:
        return Verdict(kind, (rule.reason, *_also(facts, rules, rule, kind)), (), rule.name, rule.version)
    reasons = automatic_reasons(facts, waited)
    if reasons:
        return Verdict(Kind.AUTO_REPLY, reasons)
    return Verdict(Kind.PERSON, (rule.reason,), (), rule.name, rule.version)


def _own(facts: LetterFacts, own_addresses: frozenset[str], own_header: str) -> str:
    if own_header and facts.header(own_header.lower()) and not facts.statuses:
        return "带有本系统自己的邮件头，是我方发出的邮件"
    if facts.sender and facts.sender.key in own_addresses and not facts.statuses:
        return "发件人是我方自己的邮箱"
    return ""


def _undelivered(facts: LetterFacts, rule: Rule) -> Verdict:
    recipients = undelivered(facts)
    addresses = "、".join(each.address for each in recipients[:3]) + (" 等" if len(recipients) > 3 else "")
    if is_delay(facts):
        say = f"对方服务器说还在继续投递，尚未送达：{addresses}"
        return Verdict(Kind.DELAY, (say, *_shape(facts)), recipients, rule.name, rule.version)
    say = f"这是退信，没有送达：{addresses}"
    return Verdict(Kind.BOUNCE, (say, *_shape(facts)), recipients, rule.name, rule.version)


def _shape(facts: LetterFacts) -> tuple[str, ...]:
    """What else gives a report away."""
    found: list[str] = []
    if _REPORT in facts.content_type:
        found.append("邮件是标准的投递报告（multipart/report）")
    if facts.header("return-path").strip() == "<>":
        found.append("退信地址为空，是机器发出的")
    if facts.sender and facts.sender.key.startswith(("postmaster@", "mailer-daemon@")):
        found.append(f"发件人是邮件系统 {facts.sender}")
    return tuple(found)


def _also(facts: LetterFacts, rules: Rulebook, hit: Rule, kind: Kind) -> tuple[str, ...]:
    """Further rows that say the same, so that a doubtful reader sees every signal."""
    others = (
        rule for rule in rules.senders if rule is not hit and rule.when and KINDS.get(rule.then) is kind
    )
    return tuple(
        rule.reason
        for rule in others
        if all(each.holds(facts) for each in rule.when) and not any(each.holds(facts) for each in rule.unless)
    )
