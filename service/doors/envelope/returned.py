"""The mail that a report brings back: its headers, ids and subject, wherever they stand."""

from __future__ import annotations

import re

from service.doors.envelope.addresses import read_message_ids
from service.doors.envelope.heads import Head, read_head
from service.doors.envelope.structure import Node, is_mail


def returned_head(nodes: list[Node], text: str) -> Head | None:
    """The header of our own mail inside a report: attached, as headers only, as a file, or in the text."""
    for node in nodes:
        if is_mail(node) and node.children:
            return node.children[0].head
        if node.type in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
            content = node.content().lstrip(b"\r\n")
            return read_head(content, 0, len(content))[0]
    for node in nodes[1:]:
        if node.type == "application/octet-stream":
            content = node.content()[:200_000].lstrip(b"\r\n")
            head = read_head(content, 0, len(content))[0]
            if head.raw("from") and (head.raw("subject") or head.raw("message-id")):
                return head
    at = re.search(
        r"^(?:Return-Path|Received|DKIM-Signature|Message-ID|From|To|Subject|"
        r"Date)\s?:[ \t]?.{0,300}\n(?:[A-Z][\w-]+\s?:|[ \t]).",
        text,
        re.I | re.M,
    )
    if at:
        content = text[at.start() : at.start() + 40_000].encode("utf-8")
        head = read_head(content, 0, len(content))[0]
        if head.raw("to") and (head.raw("from") or head.raw("subject")):
            return head
    return None


def returned_ids(head: Head, returned: Head | None, text: str) -> tuple[str, ...]:
    """Message-IDs of our mail that a report carries or names, the surest first."""
    found: list[str] = []
    if returned:
        found += read_message_ids(returned.raw("message-id"))
        found += read_message_ids(returned.raw("x-oq-msgid"))
    found += read_message_ids(head.raw("x-cm-original-message-id"))
    found += read_message_ids(head.raw("in-reply-to"))
    found += read_message_ids(head.raw("references"))[-5:]
    said = re.search(
        r"^\W*(?:original-)?message-?\s?id\s?[:：]\s*<?([^<>\s]{5,500})", text, re.IGNORECASE | re.MULTILINE
    )
    if said and "@" in said.group(1):
        found.append(said.group(1))
    return tuple(dict.fromkeys(found))
