"""Delivery reports: who did not get our mail and why, whatever shape the report has."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass

from service.doors.envelope.blocks import read_blocks
from service.doors.envelope.heads import Head, decode_header
from service.doors.envelope.limits import STATUSES_MAX
from service.doors.envelope.prose import ADDRESS, Named, clean, explanation, read_prose
from service.doors.envelope.returned import returned_head, returned_ids
from service.doors.envelope.structure import Node
from service.office.letter import DeliveryStatus

_MACHINE = re.compile(
    r"mailer-?_?daemon|post_?-?master|no-?reply|mail[ ._-]?deliver|mail[ ._-]?administrator|"
    r"mail[ ._-]?system|delivery[ ._-]?(?:sub)?system|"
    r"system administrator|bounce|mdaemon|mail daemon|mailadmin|delivery[ ._-]?(?:notification|status)|"
    r"系统管理员|系统邮件|退信|邮件系统",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"mailer-?_?daemon|post_?-?master", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|un-deliver|not? (?:be )?deliver|non.?delivery|returned? (?:mail|message)|"
    r"mail (?:delivery )?(?:fail|error|problem|return)|"
    r"deliver\w* (?:status|fail|problem|error|notification|report|has failed|warning|delay)|"
    r"failure (?:notice|delivery|notification)|"
    r"failed (?:mail|delivery)|fail\w* to deliver|mail system error|bounce|message delayed|"
    r"warning: (?:message|could)|"
    r"(?:could|can) ?not (?:be )?(?:send|sent|deliver)|rejected|mail failure|failure$|delayed|"
    r"returning message|"
    r"退信|退回|投递失败|发送失败|未送达|无法投递|无法送达|传送失败|送信|配信|недостав|unzustellbar|"
    r"non remis|no entreg|non recapit",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:no such|invalid|unknown) (?:user|recipient|mailbox|address)|bouncedrecipients|"
    r"was automatically rejected|メールボックスが|送信できません|"
    r"(?:could not|cannot|unable to|wasn't able to|couldn't) (?:be )?(?:deliver|sen[dt])|undeliverable|"
    r"delivery (?:to|of).{0,80}fail|"
    r"not been delivered|did not reach|permanent (?:fatal )?error|following (?:address|recipient)|"
    r"user unknown|mail(?:box)? is full|"
    r"returned (?:to you|to sender|because)|could not be delivered|fatal errors|无法(?:投递|送达|发送)|"
    r"被退回|退信|投递失败|"
    r"transcript of session|delivery fail|rejected recipient|not accepted|has been delayed|delivery attempts",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NOT_UNDELIVERED = {"disposition-notification", "feedback-report"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine's report tells; empty where the letter is none."""

    statuses: tuple[DeliveryStatus, ...] = ()
    returned_ids: tuple[str, ...] = ()
    returned_subject: str = ""
    returned_dispatch: str = ""


def read_report(root: Node, nodes: list[Node], text: str) -> Report:
    """The delivery report in a letter; `text` is its readable text."""
    if not _looks_like_report(root, nodes, text):
        return Report()
    returned = returned_head(nodes, text)
    words = explanation(text)
    statuses = read_blocks(nodes, text)
    statuses = _with_words(statuses, words) if statuses else _from_words(root, words, returned)
    return Report(
        tuple(statuses[:STATUSES_MAX]),
        returned_ids(root.head, returned, text),
        returned.text("subject")[:1000] if returned else "",
        returned.text("x-huizhi-dispatch").strip()[:40] if returned else "",
    )


def _looks_like_report(root: Node, nodes: list[Node], text: str) -> bool:
    head = root.head
    kind = root.parameters.get("report-type", "").lower()
    if kind in _NOT_UNDELIVERED or any(node.type == "message/feedback-report" for node in nodes):
        # A mailbox that rejects by rule answers in the dress of a read receipt.
        is_rejected = kind == "disposition-notification" and "reject" in head.text("subject").lower()
        return is_rejected or any(node.type == "message/delivery-status" for node in nodes)
    if root.type == "multipart/report" or any(node.type == "message/delivery-status" for node in nodes):
        return True
    if head.raw("x-failed-recipients") or head.raw("x-cm-original-message-id"):
        return True
    return_path = head.raw("return-path").strip()
    is_from_machine = bool(_MACHINE.search(head.text("from"))) or return_path == b"<>" or not head.raw("from")
    is_from_machine = is_from_machine or bool(re.search(r"<\s*>", head.text("from")))
    is_telling = bool(_SUBJECT.search(head.text("subject")))
    says_so = bool(_BODY.search(text[:6000]))
    if is_from_machine:
        # What else a mail system sends (a full disk, a holiday) carries no mail of ours.
        is_system = bool(_SYSTEM.search(head.text("from")))
        return is_telling or says_so or (is_system and returned_head(nodes, text) is not None)
    is_automatic = head.text("auto-submitted").lower().startswith("auto-generated")
    if not (is_telling and says_so):
        return False
    # A unit may well write, in Chinese, that our letter came back; only a machine brings the letter along.
    is_foreign = not _CHINESE.search(text[:3000]) and not head.raw("in-reply-to")
    return is_automatic or is_foreign or returned_head(nodes, text) is not None


def _with_words(statuses: list[DeliveryStatus], words: str) -> list[DeliveryStatus]:
    """Prose beside the blocks often says more than the diagnostic field does."""
    named = {each.address.lower(): each.words for each in _all_named(words)}
    only = words if len(statuses) == 1 else ""
    completed = []
    for each in statuses:
        said = named.get(each.recipient.lower(), "")
        said = said if said else " ".join(only.split())[-600:]
        completed.append(
            DeliveryStatus(each.recipient, each.action, each.status, each.diagnostic, each.original, said)
        )
    return completed


def _all_named(words: str) -> list[Named]:
    found: list[Named] = []
    lines = words.split("\n")
    for index, line in enumerate(lines):
        for match in ADDRESS.finditer(line[:2000]):
            found.append(
                Named(clean(match.group(0)), " ".join(" ".join(lines[index : index + 8]).split())[:800], 3)
            )
    return found[::-1]


def _from_words(root: Node, words: str, returned: Head | None) -> list[DeliveryStatus]:
    head = root.head
    asked = _addresses(returned, ("to", "cc", "x-envelope-to", "delivered-to")) if returned else []
    ours = _ours(head, returned) - {each.lower() for each in asked}
    action = "delayed" if _is_delay(head, words) else "failed"
    failed = [clean(each) for each in ADDRESS.findall(head.text("x-failed-recipients"))]
    named = read_prose(words, frozenset(ours))
    if not named:
        # Mail to oneself fails too; then the address is named as plainly as any other.
        named = [each for each in read_prose(words, frozenset()) if each.rank == 0]
    if failed:
        said = {each.address.lower(): each.words for each in named}
        whole = " ".join(words.split())[:800]
        return [
            DeliveryStatus(each, action, "", said.get(each.lower(), whole)) for each in dict.fromkeys(failed)
        ]
    named = _agreeing(named, asked)
    if not named:
        named = [
            Named(each, " ".join(words.split())[:800], 4)
            for each in _by_library(root)
            if each.lower() not in ours
        ]
    if not named:
        named = [Named(each, " ".join(words.split())[:800], 5) for each in asked]
    return [DeliveryStatus(each.address, action, _enhanced(each.words), each.words) for each in named]


def _agreeing(named: list[Named], asked: list[str]) -> list[Named]:
    """Where the returned mail's own recipients are known and some are named, the weaker finds are dropped."""
    if not named or named[0].rank == 0:
        return named
    known = {each.lower() for each in asked}
    both = [each for each in named if each.address.lower() in known]
    return both or named


def _is_delay(head: Head, words: str) -> bool:
    said = f"{head.text('subject')} {words[:3000]}"
    is_waiting = re.search(
        r"\bdelay|will (?:continue|keep|be retr)|not yet been delivered|still trying|postponed|"
        r"warning: .{0,30}(?:not|delay)|"
        r"delivery attempts will|temporary problem|还将继续|继续尝试|延迟投递|暂时",
        said,
        re.IGNORECASE,
    )
    is_final = re.search(
        r"giving up|permanent|not going to try|too long|multiple retries|returned to sender|被退回|退信",
        said,
        re.IGNORECASE,
    )
    return bool(is_waiting) and not is_final


def _enhanced(words: str) -> str:
    found = re.search(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])", words)
    return found.group(0) if found else ""


def _ours(head: Head, returned: Head | None) -> set[str]:
    """Addresses that cannot be the failed recipient: the report's sender, and us to whom it came."""
    found = _addresses(head, ("from", "to", "reply-to", "delivered-to", "return-path", "errors-to"))
    if returned:
        found += _addresses(returned, ("from", "sender", "return-path", "reply-to", "errors-to"))
    return {each.lower() for each in found}


def _addresses(head: Head, names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in names:
        for value in head.all(name)[:5]:
            found += [clean(each) for each in ADDRESS.findall(decode_header(value)[:4000])]
    return list(dict.fromkeys(found))


def _by_library(root: Node) -> list[str]:
    """What flufl.bounce finds; it raises on ordinary mails, so the call is guarded."""
    from flufl.bounce import all_failures

    if root.end > 1024 * 1024:
        return []
    try:
        temporary, permanent = all_failures(email.message_from_bytes(root.buffer))
    except Exception:  # AttributeError, UnicodeError, TypeError and RecursionError were all seen
        return []
    return sorted(
        each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each)
        for each in temporary | permanent
    )
