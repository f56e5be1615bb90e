"""Undelivered mail told in prose: which recipients a machine's sentences name, and what it says of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.doors.envelope.limits import REPORT_CHARS_MAX, STATUSES_MAX

_LOCAL = r"(?:\"[^\"\s]{1,64}\"|[A-Za-z0-9_][A-Za-z0-9._%+'=/!#$&*?^`{|}~-]{0,63})"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*|\[[\d.]+\])"
ADDRESS = re.compile(rf"{_LOCAL}@{_HOST}")
_ENDING = re.compile(r"[.'`]+$")
# Where the explanation ends and the copy of the returned mail begins.
_COPY = re.compile(
    r"^[ \t>]*(?:[-=_*]{2,}\s*)?(?:(?:(?:below|the following|here|included|this|enclosed|"
    r"following)\b.{0,60}\b"
    r"(?:copy|header|original message|lines of your).{0,80})"
    r"|(?:-+\s*)?(?:original|returned|unsent|undelivered|rejected|forwarded|failed) (?:message|"
    r"mail)(?: (?:follows|text|as received.{0,30}|headers?))?"
    r"\s*[:.]?\s*-*\s*"
    r"|(?:the )?(?:header|headers|body|text|first \d+ lines)\b.{0,20}\bof (?:the|your) .{0,60}message.{0,40}"
    r"|(?:old message|message contents|message headers?(?: follow)?s?|message header for.{0,40})\s*[:.]?"
    r"|.{0,20}(?:原邮件内容|原始邮件|原邮件如下|邮件原文|退回的邮件).{0,20}"
    r"|.{0,30}îÉÖÅ.{0,60})[-=_* \t:.]*$"
    r"|^(?:Return-Path|Received|DKIM-Signature|Authentication-Results|X-Originating-IP|ARC-Seal|"
    r"Message-ID)\s?:[ \t]?.",
    re.IGNORECASE | re.MULTILINE,
)
# Sentences after which the failed addresses stand, on the same line or below.
_ANNOUNCES = re.compile(
    r"(?:could\s+not|cannot|can't|unable|couldn't|wasn't able|not able|did\s+not|was\s+not|has\s+not|"
    r"have\s+not|were\s+not|"
    r"fail|undeliverable|undelivered|not\s+been|invalid|rejected|returned|aborted|delayed|postponed|problem|"
    r"error|"
    r"unknown|refused|intended|following|mailbox\s+is\s+full|does\s+not\s+exist|doesn't|unavailable|disabled|"
    r"退回|退信|无法|未能|失败|不存在|被拒|拒收|投递|无此|收件人|延迟|滞留|未送达|"
    r"n'a\s+pas|konnte|nicht|não|no\s+se\s+pudo|недостав|не\s+может|доставл|配信|届け|送信できません)",
    re.IGNORECASE,
)
_SMTP = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
_RCPT = re.compile(rf"RCPT\s+TO:\s*<?({_LOCAL}@{_HOST})>?", re.IGNORECASE)
_LEADING = re.compile(
    rf"^[ \t>*•·-]{{0,20}}(?:\d{{1,2}}[.)]\s+|"
    rf"[45]\d\d[ -](?:[45]\.\d+\.\d+\s)?(?=<))?[<\"'(]?({_LOCAL}@{_HOST})[>\"')]*(?:\s*[:：;,(\[]|\s*$|"
    rf"\s*\.\.\.|\s+-|\s+on\s)"
)
_LABELLED = re.compile(
    rf"(?:收件人|收件地址|收信人|无法发送到|发送到|投递到|邮箱地址|recipient|"
    rf"recipients?(?:'s)?(?: address)?|addressee|"
    rf"final-recipient|to|user|mailbox|userid|delivery failed|email address|failed|address|delivered to|"
    rf"undeliverable to|"
    rf"mailbox is full|message to|delivering to|deliver to|empfänger|destinataire|destinatario|получател\w+|"
    rf"宛先|generated from|emailaddress[\"']?)"
    rf"\s*(?:was|is|of|address)?\s*(?:[:：=]|\s)\s*(?:rfc822;\s*)?[<\"'“(【]*\s*({_LOCAL}@{_HOST})",
    re.IGNORECASE,
)
_NOT_A_RECIPIENT = re.compile(
    r"(?:contact|postmaster|administrator|help|support|questions?|complain|report this|write to|mail\s*to:?|"
    r"reply to|"
    r"from|sender|发件人|联系|咨询|return-path|message-?id|reporting|mail from|"
    r"messages? id)\W{0,12}\s*(?:at|to|is|"
    r"the)?\W{0,8}$",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"^(?:postmaster|mailer-daemon|mail-daemon|mailerdaemon|abuse|noreply|no-reply|hostmaster|root|"
    r"do-not-reply)@",
    re.I,
)
_DIAGNOSTIC_CHARS_MAX = 800


@dataclass(frozen=True, slots=True)
class Named:
    """An address a report's prose names, with what stands around it and how surely it is the failed one."""

    address: str
    words: str
    rank: int  # 0 surest


def explanation(text: str) -> str:
    """The report's own words: everything above the copy of the returned mail."""
    text = text[:REPORT_CHARS_MAX]
    for copy in _COPY.finditer(text):
        # A report may begin with a header-like line of its own; a copy never stands first.
        if text[: copy.start()].strip():
            return text[: copy.start()]
    return text


def clean(address: str) -> str:
    """An address without the sentence's punctuation."""
    return _ENDING.sub("", address.strip("<>\"'()[]:;, \t")) if not address.startswith('"') else address


def read_prose(words: str, ours: frozenset[str]) -> list[Named]:
    """Addresses named as recipients, surest rank only, each once, in order; `ours` are never recipients."""
    lines = words.split("\n")
    found: dict[str, Named] = {}
    announced = -10
    for index, line in enumerate(lines):
        for address, rank in _in_line(line, index - announced):
            key = address.lower()
            if key in ours or (_STAFF.match(address) and rank > 0) or len(found) >= STATUSES_MAX:
                continue
            known = found.get(key)
            if known is None or rank < known.rank:
                found[key] = Named(address, known.words if known else _around(lines, index, key), rank)
        if _ANNOUNCES.search(line):
            announced = index
        elif ADDRESS.search(line) and index - announced <= 6:
            announced = max(announced, index - 3)
    if not found:
        return []
    best = min(each.rank for each in found.values())
    return [each for each in found.values() if each.rank == best]


def _in_line(line: str, since_announced: int) -> list[tuple[str, int]]:
    if "@" not in line or len(line) > 2_000:
        return []
    found: list[tuple[str, int]] = []
    leading = _LEADING.match(line)
    if leading and (since_announced <= 6 or line.lstrip().startswith("<") or _SMTP.search(line)):
        found.append((clean(leading.group(1)), 0))
    for shape, rank in ((_RCPT, 1), (_LABELLED, 1)):
        found += [
            (clean(each.group(1)), rank)
            for each in shape.finditer(line)
            if not _NOT_A_RECIPIENT.search(line[: each.start(1)].replace("<", " "))
        ]
    is_telling = bool(_SMTP.search(line) or _ANNOUNCES.search(line)) or since_announced <= 3
    for each in ADDRESS.finditer(line):
        before = line[: each.start()]
        if not _NOT_A_RECIPIENT.search(before):
            found.append((clean(each.group(0)), 2 if is_telling else 3))
    return found


def _around(lines: list[str], index: int, key: str) -> str:
    """What the report says of an address: its line and those below it until another address begins a line."""
    kept = [lines[index].strip()]
    for line in lines[index + 1 : index + 14]:
        leading = _LEADING.match(line)
        if leading and leading.group(1).lower() != key:
            break
        if line.strip():
            kept.append(line.strip())
    return " ".join(kept)[:_DIAGNOSTIC_CHARS_MAX]
