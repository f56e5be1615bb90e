"""A letter's tree of parts, read without recursion so that no nesting can exhaust the stack.

The standard library's parser recurses, holds seven times a letter's size and loses parts whose boundary is
wrong; this one keeps offsets into the raw bytes and decodes a part when it is asked for.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from service.doors.envelope.heads import Head, decode_base64, read_head, read_parameters
from service.doors.envelope.limits import DEPTH_MAX, PARTS_MAX
from service.doors.envelope.sealed import SEALED_TYPES, Seal, open_sealed

_GUESSED_BOUNDARY = re.compile(rb"^--([^\r\n]{1,200}?)(--)?[ \t]*\r?$", re.MULTILINE)
# Blanks that a gateway may hang behind a boundary.
_BOUNDARY_TAIL_MAX = 1_000
_MAIL_TYPES = {"message/rfc822", "message/global", "message/news"}
_UU_ENCODINGS = {"x-uuencode", "uuencode", "x-uue", "uue"}


@dataclass(slots=True)
class Node:
    """One part: its head, its place in a buffer, and the parts inside it."""

    head: Head
    buffer: bytes
    start: int
    end: int
    parent: Node | None
    default_type: str = "text/plain"
    type: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_parameters: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    depth: int = 0
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        raw = self.head.raw("content-type")
        self.type, self.parameters = read_parameters(raw) if raw else (self.default_type, {})
        if self.type.count("/") != 1 or self.type.startswith("/") or self.type.endswith("/"):
            # “text” alone, or nonsense: RFC 2045 §5.2 reads it as plain text.
            self.type = "multipart/mixed" if "boundary" in self.parameters else self.default_type
        self.disposition, self.disposition_parameters = read_parameters(self.head.raw("content-disposition"))

    @property
    def encoding(self) -> str:
        """The transfer encoding's plain name."""
        raw = self.head.raw("content-transfer-encoding").decode("latin-1").lower()
        return re.split(r"[\s;(]", raw.strip().strip('"'))[0] if raw.strip() else ""

    @property
    def file_name(self) -> str:
        """The name the sender gave the file: disposition first, then the type's `name`."""
        return self.disposition_parameters.get("filename") or self.parameters.get("name") or ""

    def content(self) -> bytes:
        """The part's bytes, transfer encoding undone; what cannot be decoded stays as it stands."""
        encoding = self.encoding
        if encoding == "base64":
            # A view, so that 40 MB of letters are not copied before they are decoded.
            return decode_base64(memoryview(self.buffer)[self.start : self.end])
        raw = self.buffer[self.start : self.end]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(raw)
        if encoding in _UU_ENCODINGS:
            return decode_uu(raw)
        return raw


def decode_uu(raw: bytes) -> bytes:
    """The bytes between `begin` and `end`; a damaged line yields what its length byte promises at most."""
    out = bytearray()
    is_inside = False
    for line in raw.splitlines():
        if not is_inside:
            is_inside = line.startswith(b"begin ")
            continue
        if line.strip() == b"end":
            break
        out += _uu_line(line)
    return bytes(out)


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders write trailing letters; cut the line to what its length byte promises.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""


@dataclass(slots=True)
class Tree:
    """The parsed letter and what could not be followed."""

    root: Node
    trouble: list[str]


def parse(raw: bytes) -> Tree:
    """The tree of a letter; limits end in `trouble`, never in an exception."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    root = _open(raw, 0, len(raw), None, "text/plain", 0)
    trouble: list[str] = []
    waiting, count = [root], 1
    while waiting:
        node = waiting.pop()
        if node.type == "multipart/encrypted":
            trouble.append("邮件已加密（PGP），打不开，请联系对方另发一份不加密的")
        if not _is_container(node):
            continue
        if node.depth >= DEPTH_MAX:
            trouble.append(f"邮件嵌套超过 {DEPTH_MAX} 层，更深的内容没有读取")
            continue
        node.children = _children(node)
        trouble += node.trouble
        count += len(node.children)
        if count > PARTS_MAX:
            trouble.append(f"邮件超过 {PARTS_MAX} 个部分，其余没有读取")
            break
        waiting.extend(reversed(node.children))
    return Tree(root, list(dict.fromkeys(trouble)))


def leaves(root: Node) -> list[Node]:
    """Every part without parts inside, and every attached mail before its own, in the letter's order."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not node.children or (is_mail(node) and node.parent is not None):
            found.append(node)
        waiting.extend(reversed(node.children))
    return found


def is_mail(node: Node) -> bool:
    """Whether the part is itself a letter."""
    return node.type in _MAIL_TYPES


def is_sealed(node: Node) -> bool:
    """Whether the part is an S/MIME letter in one piece, by its type or, mislabelled, by its name."""
    return node.type in SEALED_TYPES or (
        node.type == "application/octet-stream" and node.file_name.lower().endswith(".p7m")
    )


def enclosing_mail(node: Node) -> Node | None:
    """The nearest attached mail around a part, or None at the letter's own level."""
    above = node.parent
    while above is not None and not is_mail(above):
        above = above.parent
    return above


def _open(data: bytes, start: int, end: int, parent: Node | None, default_type: str, depth: int) -> Node:
    head, body = read_head(data, start, end)
    return Node(head, data, min(body, end), end, parent, default_type, depth=depth)


def _is_container(node: Node) -> bool:
    if node.type.startswith("multipart/"):
        return True
    return (is_mail(node) or is_sealed(node)) and node.start < node.end


def _children(node: Node) -> list[Node]:
    if is_mail(node):
        data, start, end = node.buffer, node.start, node.end
        if node.encoding in {"base64", "quoted-printable"}:
            data = node.content()
            start, end = 0, len(data)
        while start < end and data[start] in b"\r\n":
            start += 1
        return [_open(data, start, end, node, "text/plain", node.depth + 1)]
    if is_sealed(node):
        return _unsealed(node)
    default = "message/rfc822" if node.type == "multipart/digest" else "text/plain"
    return [_open(node.buffer, start, end, node, default, node.depth + 1) for start, end in _pieces_of(node)]


def _unsealed(node: Node) -> list[Node]:
    """The letter inside a signed p7m; an enciphered one stays a file, and is named."""
    found = open_sealed(node.content())
    if found.seal is Seal.ENCIPHERED:
        node.trouble.append("邮件已加密（S/MIME），打不开，请联系对方另发一份不加密的")
    elif found.seal is Seal.UNKNOWN:
        node.trouble.append("S/MIME 邮件损坏或格式不识别，打不开")
    if not found.content:
        return []
    return [_open(found.content, 0, len(found.content), node, "text/plain", node.depth + 1)]


def _pieces_of(node: Node) -> list[tuple[int, int]]:
    boundary = node.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
    if boundary:
        pieces = _split(node, boundary)
        if pieces:
            return pieces
    guessed = _guess_boundary(node)
    return _split(node, guessed) if guessed else []


def _split(node: Node, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts lie; an unterminated last part runs to the end, parts after a closing line count."""
    pieces: list[tuple[int, int]] = []
    opened: int | None = None
    for start, stop, is_closing in _marks(node, b"--" + boundary):
        if opened is not None:
            pieces.append((opened, _before_line_end(node.buffer, opened, start)))
        opened = None if is_closing else min(stop + 1, node.end)
        if len(pieces) > PARTS_MAX:
            return pieces
    if opened is not None and opened < node.end:
        pieces.append((opened, node.end))
    return pieces


def _marks(node: Node, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Every boundary line: its start, the end of its words, and whether it closes.

    Searched as bytes, for a regular expression looks at each line end of a large attachment.
    """
    data, position = node.buffer, node.start
    while (start := data.find(mark, position, node.end)) >= 0:
        position = start + len(mark)
        if start > node.start and data[start - 1] != 0x0A:
            continue
        stop = data.find(b"\n", position, node.end)
        stop = node.end if stop < 0 else stop
        if stop - position > _BOUNDARY_TAIL_MAX:
            continue
        tail = data[position:stop].rstrip(b" \t\r")
        if tail in (b"", b"--"):
            yield start, stop, bool(tail)


def _before_line_end(data: bytes, start: int, end: int) -> int:
    # The line end before a boundary belongs to the boundary [RFC 2046 §5.1.1].
    if end > start and data[end - 1] == 0x0A:
        end -= 1
        if end > start and data[end - 1] == 0x0D:
            end -= 1
    return end


def _guess_boundary(node: Node) -> bytes | None:
    """The boundary really used, where the declared one is missing or never occurs."""
    first = _GUESSED_BOUNDARY.search(node.buffer, node.start, node.end)
    while first:
        candidate = first.group(1)
        _, after = read_head(node.buffer, min(first.end() + 1, node.end), node.end)
        if after > first.end() + 1 and candidate.strip(b"-_=* "):
            return candidate
        first = _GUESSED_BOUNDARY.search(node.buffer, first.end(), node.end)
    return None
