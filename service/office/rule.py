"""规则 — how a letter is recognised: ordered rows, each with its reason, the default row last and visible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from service.office.letter import Flag, Kind, LetterFacts


class Where(Enum):
    """Which fact a condition looks at."""

    SUBJECT = "subject"
    SENDER = "from"
    HEADER = "header"
    TEXT = "text"
    REPLY = "reply"
    CONTENT_TYPE = "content-type"
    ATTACHMENT_NAMES = "attachment-names"
    ATTACHMENTS = "attachments"  # the number of attached files, inline pictures not counted
    REPLY_LENGTH = "reply-length"  # characters of the reply's own words


@dataclass(frozen=True, slots=True)
class Condition:
    """One test: a regular expression (case ignored) on a text, or a bound on a number."""

    where: Where
    matches: str = ""
    header: str = ""  # header name, for HEADER
    at_most: int | None = None
    at_least: int | None = None
    is_absent: bool = False  # the header must not be there

    def holds(self, facts: LetterFacts) -> bool:
        """Whether the letter meets this condition."""
        match self.where:
            case Where.ATTACHMENTS:
                return self._bounded(sum(1 for part in facts.parts if Flag.INLINE not in part.flags))
            case Where.REPLY_LENGTH:
                return self._bounded(len("".join(facts.reply_text.split())))
            case Where.HEADER:
                values = [each.value for each in facts.headers if each.name == self.header.lower()]
                if self.is_absent:
                    return not values
                return any(self._found(value) for value in values)
            case Where.SUBJECT:
                return self._found(facts.subject)
            case Where.SENDER:
                return self._found(f"{facts.sender_name} <{facts.sender or ''}>")
            case Where.TEXT:
                return self._found(facts.text)
            case Where.REPLY:
                return self._found(facts.reply_text)
            case Where.ATTACHMENT_NAMES:
                return any(self._found(part.name_as_sent or part.name) for part in facts.parts)
            case Where.CONTENT_TYPE:
                return self._found(facts.content_type)

    def _found(self, text: str) -> bool:
        return re.search(self.matches, text, re.IGNORECASE) is not None

    def _bounded(self, number: int) -> bool:
        return (self.at_most is None or number <= self.at_most) and (
            self.at_least is None or number >= self.at_least
        )


class Then(Enum):
    """What a rule concludes: a kind of sender, or what a person's words mean."""

    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    DELAY = "delay"
    READ_RECEIPT = "read-receipt"
    CALENDAR = "calendar"
    OWN = "own"
    PERSON = "person"
    NOTE = "note"  # 收到, 谢谢: returns nothing, needs nothing
    ASK = "ask"  # a question, a request for extension, a changed contact
    REFUSE = "refuse"  # 密级
    NIL = "nil"  # 零报告


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: when every condition holds, `then`, because `reason`."""

    name: str
    version: int
    when: tuple[Condition, ...]
    then: Then
    reason: str
    examples: tuple[str, ...] = ()
    unless: tuple[Condition, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class RuleHit:
    """What a row said of a letter, for `why`."""

    rule: str
    version: int
    is_hit: bool
    say: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Two ordered tables: `senders` (what stands behind a letter), `meanings` (what its words mean)."""

    senders: tuple[Rule, ...]
    meanings: tuple[Rule, ...]

    def sender(self, facts: LetterFacts) -> tuple[Rule, tuple[RuleHit, ...]]:
        """The first row that holds, and every row tried; the last row always holds."""
        return _first(self.senders, facts)

    def meaning(self, facts: LetterFacts) -> tuple[Rule, tuple[RuleHit, ...]]:
        """The same for what a person's words mean."""
        return _first(self.meanings, facts)


def _first(rules: tuple[Rule, ...], facts: LetterFacts) -> tuple[Rule, tuple[RuleHit, ...]]:
    tried: list[RuleHit] = []
    for rule in rules:
        is_hit = all(each.holds(facts) for each in rule.when) and not any(
            each.holds(facts) for each in rule.unless
        )
        tried.append(RuleHit(rule.name, rule.version, is_hit, rule.reason))
        if is_hit:
            return rule, tuple(tried)
    raise LookupError("the rule table has no default row")


KINDS = {
    Then.AUTO_REPLY: Kind.AUTO_REPLY,
    Then.BOUNCE: Kind.BOUNCE,
    Then.DELAY: Kind.DELAY,
    Then.READ_RECEIPT: Kind.READ_RECEIPT,
    Then.CALENDAR: Kind.CALENDAR,
    Then.OWN: Kind.OWN,
    Then.PERSON: Kind.PERSON,
}
