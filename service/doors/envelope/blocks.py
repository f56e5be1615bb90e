"""The blocks of a standard delivery report, as they are really written [RFC 3464 §2.3]."""

from __future__ import annotations

import re
from itertools import pairwise

from service.doors.envelope.charset import guess
from service.doors.envelope.heads import Head, read_head
from service.doors.envelope.structure import Node
from service.office.letter import DeliveryStatus

_FIELD_ADDRESS = re.compile(r"(?:^|;)\s*<?\s*([^<>\s;]+@[^<>\s;]+|\"[^\"]+\"@[^<>\s;]+)")
_DONE = {"delivered", "relayed", "expanded"}


def read_blocks(nodes: list[Node], text: str) -> list[DeliveryStatus]:
    """Every recipient the blocks name as not served; Coremail writes one block only, without a first one."""
    blocks: list[Head] = []
    for node in nodes:
        if node.type in {"message/delivery-status", "message/global-delivery-status"}:
            blocks += _blocks(node.content())
    if not any(_recipient(block) for block in blocks):
        # Some gateways put the same fields into plain text.
        at = re.search(r"^(?:final|original)-recipient\s*:", text, re.IGNORECASE | re.MULTILINE)
        if at:
            start = text.rfind("\n\n", 0, at.start())
            blocks = _blocks(text[max(start, 0) : at.start() + 4_000].encode("utf-8"))
    found: dict[str, DeliveryStatus] = {}
    for block in blocks:
        status = _status(block)
        if status and status.action not in _DONE:
            found.setdefault(status.recipient.lower(), status)
    return list(found.values())


def _blocks(content: bytes) -> list[Head]:
    """Blocks divided by blank lines; one may also begin in the middle, where the blank line is missing."""
    blocks: list[Head] = []
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for piece in re.split(rb"\n[ \t]*\n+", content.strip()):
        head, _ = read_head(piece, 0, len(piece))
        names = [name for name, _ in head.fields]
        starts = [index for index, name in enumerate(names) if name == "final-recipient"]
        if len(starts) < 2:
            blocks.append(head)
            continue
        bounds = [0, *starts[1:], len(names)]
        blocks += [Head(head.fields[start:end]) for start, end in pairwise(bounds)]
    return blocks


def _recipient(block: Head) -> str:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient", "x-failed-recipient"):
        found = _FIELD_ADDRESS.search(guess(block.raw(name)).replace("rfc822;", ";", 1))
        if found:
            return found.group(1).strip("<>,;")
    return ""


def _status(block: Head) -> DeliveryStatus | None:
    recipient = _recipient(block)
    if not recipient:
        return None
    action = re.match(r"[a-z-]+", block.text("action").strip().lower())
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", block.text("status"))
    original = _FIELD_ADDRESS.search(block.text("original-recipient"))
    return DeliveryStatus(
        recipient,
        action.group(0) if action else "",
        status.group(0) if status else "",
        re.sub(r"^\s*[\w.-]+\s*;\s*", "", block.text("diagnostic-code"))[:1000],
        original=original.group(1).strip("<>,;") if original else "",
    )
