"""Undelivered mail: how final each refusal is, and whether the mailbox still exists.

Only a mailbox that does not exist retires an address. What is full, slow, too large, judged spam or refused
by policy today may be delivered tomorrow, and a wrongly retired address is a unit that is never asked again.
"""

from __future__ import annotations

import re

from service.incoming.sort.refusals import PHRASES, Phrase
from service.office.letter import BounceClass, DeliveryStatus, LetterFacts, Undelivered

_HARD, _SOFT, _POLICY, _UNKNOWN = BounceClass.HARD, BounceClass.SOFT, BounceClass.POLICY, BounceClass.UNKNOWN
# What a refusal says beyond this is a server's small print.
_WORDS_MAX = 2_000
_EXPLANATION_MAX = 1_500


# Enhanced status codes, for refusals whose words say nothing [RFC 3463].
_BY_STATUS: tuple[tuple[str, BounceClass, bool, str], ...] = (
    (r"5\.1\.(?:1|10|351|6)$", _HARD, True, "对方邮箱不存在，请核对地址"),
    (r"5\.1\.2$", _HARD, False, "收件人的邮箱域名不存在或不收邮件，请核对地址"),
    (r"5\.1\.(?:0|3|4)$", _HARD, False, "收件地址写法不对，请核对地址"),
    (r"5\.1\.[789]$|5\.7\.", _POLICY, False, "被对方按策略拒收，地址仍有效"),
    (r"5\.2\.2$|4\.2\.2$", _SOFT, False, "对方邮箱已满，请换一个地址或电话联系"),
    (r"5\.2\.3$|5\.3\.4$", _SOFT, False, "邮件太大，对方不收，请减小附件"),
    (r"4\.|5\.[34]\.|5\.2\.1", _SOFT, False, "对方暂时收不了，可稍后再发"),
)
# A server that knows the user's name only after the text arrived filters rather than looks up.
_AFTER_DATA = re.compile(
    r"in reply to (?:end of )?DATA|>>> ?DATA\b|after I sent the message|RCPT.{0,5}failed after", re.IGNORECASE
)
# Some filters say these words of a mailbox that they only will not let us reach.
_BARE_WORDS = re.compile(
    r"user unknown|unknown user|no such user|doesn't have an? .{1,60}account|recipient not found",
    re.IGNORECASE,
)
# What was asked when the refusal came: the recipient, and nothing but the recipient.
_AT_RCPT = re.compile(r"\bRCPT\b|does not like recipient|recipient address rejected", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_LISTING = re.compile(r"spamhaus|dnsbl|blacklist|blocklist|spamcop|barracuda|sorbs", re.IGNORECASE)
_SAYS_UNKNOWN = "对方没有说明原因，请电话核实"


def undelivered(facts: LetterFacts) -> tuple[Undelivered, ...]:
    """Every recipient a report speaks of, with what its refusal means."""
    found: dict[str, Undelivered] = {}
    # With one recipient the whole explanation speaks of them; with several it may speak of another.
    explanation = facts.text[:_EXPLANATION_MAX] if len(facts.statuses) == 1 else ""
    for status in facts.statuses:
        bounce_class, retires, says = classify(status, explanation)
        if status.action == "delayed":
            retires = False
            bounce_class = _SOFT if bounce_class is _UNKNOWN else bounce_class
        said = " ".join((status.diagnostic or status.words).split())[:300]
        entry = Undelivered(
            status.recipient, status.status, bounce_class, retires, f"{says}：{said}" if said else says
        )
        found.setdefault(status.recipient.lower(), entry)
    return tuple(found.values())


def is_delay(facts: LetterFacts) -> bool:
    """Whether every recipient is still being tried."""
    return bool(facts.statuses) and all(each.action == "delayed" for each in facts.statuses)


def classify(status: DeliveryStatus, explanation: str = "") -> tuple[BounceClass, bool, str]:
    """Class, whether the address is retired, and the sentence for staff.

    The server's own words come before its number: 163 answers 5.0.0 to what it takes for spam.
    """
    for words in (status.diagnostic, status.words, explanation):
        text = _without(words[:_WORDS_MAX], status.recipient)
        row = _first(text)
        if row is None:
            continue
        if row.bounce_class is _HARD:
            return _checked(row, status, text)
        return row.bounce_class, False, row.says
    code = _telling_code(status)
    for shape, bounce_class, retires, says in _BY_STATUS:
        if re.match(shape, code):
            return bounce_class, retires, says
    return _UNKNOWN, False, _SAYS_UNKNOWN


def _telling_code(status: DeliveryStatus) -> str:
    """The enhanced code; where the report's own says nothing (5.0.0), the one inside the server's words."""
    if status.status and not status.status.endswith(".0.0"):
        return status.status
    inner = re.search(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])", status.diagnostic)
    return inner.group(0) if inner else status.status


def _first(text: str) -> Phrase | None:
    return next((row for row in PHRASES if row.shape.search(text)), None)


def _checked(row: Phrase, status: DeliveryStatus, text: str) -> tuple[BounceClass, bool, str]:
    """A mailbox said to be gone, held against the rest of what the report knows."""
    if status.status.startswith("4."):
        return _SOFT, False, row.says
    if row.retires and re.search(r"\b5\.7\.\d", f"{status.status} {text}"):
        return _UNKNOWN, False, "对方按策略拒收，又说查无此人，请电话核实"
    is_named = status.status.startswith("5.1.")
    if row.retires and not is_named and _AFTER_DATA.search(f"{text} {status.words}") and "RCPT" not in text:
        return _UNKNOWN, False, "对方收下后才说查无此人，请电话核实"
    if row.retires and _is_bare(status, text):
        return _UNKNOWN, False, "对方说查无此人，却没有给出状态码，也看不出是在哪一步拒收的，请电话核实"
    return _HARD, row.retires, row.says


def _is_bare(status: DeliveryStatus, text: str) -> bool:
    """Two words and nothing beside them: no code that says so, and not in answer to the recipient's name."""
    if status.status and not status.status.endswith(".0.0"):
        return False
    whole = f"{text} {status.words}"
    return (
        _BARE_WORDS.search(text) is not None
        and not re.search(r"(?<![\d.])5\.1\.\d", whole)
        and not _AT_RCPT.search(whole)
    )


def _without(words: str, recipient: str) -> str:
    """The words without addresses and links: a mailbox called spam@ must not sound like spam."""
    words = _LINK.sub(
        lambda link: " dnsbl " if _LISTING.search(link.group(0)) else " ", words.replace(recipient, " ")
    )
    return re.sub(r"\S+@\S+", " ", words)
