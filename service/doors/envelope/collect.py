"""The files of a letter: attachments, what archives and attached mails hold, pictures in the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from service.doors.envelope.archives import UNPACKED, unpack
from service.doors.envelope.limits import ARCHIVE_DEPTH_MAX, HTML_CHARS_MAX, PARTS_MAX
from service.doors.envelope.names import safe_name
from service.doors.envelope.pictures import is_decoration
from service.doors.envelope.quotes import quote_in_markup
from service.doors.envelope.scanner import Scanner
from service.doors.envelope.sniff import sniff
from service.doors.envelope.structure import Node, enclosing_mail, is_mail
from service.doors.envelope.unpacked import Budget
from service.office.letter import Flag, Part

_ENDING_OF = {
    "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif",
    "image/heic": ".heic",
    "application/zip": ".zip", "message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html",
    "application/msword": ".doc", "application/ofd": ".ofd", "text/calendar": ".ics",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip
_CID = re.compile(r"cid:([^\"'\s>)]{1,300})", re.IGNORECASE)


@dataclass(slots=True)
class Collector:
    """Gathers parts in the letter's order; `keep` stores bytes and answers their sha256."""

    keep: Callable[[bytes], str]
    markup: str = ""
    parts: list[Part] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    letters: list[tuple[str, bytes]] = field(default_factory=list)  # .eml files found as plain attachments
    texts: list[str] = field(default_factory=list)  # messages inside winmail.dat
    scanner: Scanner | None = None
    _is_scanner_silent: bool = False
    _seen: set[str] = field(default_factory=set)
    _cids: dict[str, bool] | None = None  # content id → stands above the quotation

    def take(self, node: Node) -> None:
        """One leaf of the letter that is a file."""
        mail = enclosing_mail(node)
        inside = mail_name(mail) if mail is not None else None
        data = node.buffer[node.start : node.end] if is_mail(node) and node.children else node.content()
        declared = "message/rfc822" if is_mail(node) else node.type
        flags = self._inline(node, data)
        self.add(node.file_name, data, declared, inside, flags, 0)

    def add(
        self,
        as_sent: str,
        data: bytes,
        declared: str,
        inside: str | None,
        flags: tuple[Flag, ...],
        depth: int,
    ) -> None:
        """One file: typed by content, flagged, kept; archives are opened to a stated depth."""
        if len(self.parts) >= PARTS_MAX:
            self._say(f"附件超过 {PARTS_MAX} 个，其余没有登记")
            return
        kind = sniff(data, as_sent, declared)
        media_type = "message/rfc822" if declared == "message/rfc822" else kind.type
        name = safe_name(as_sent, self._nameless(media_type))
        for sentence in kind.said:
            self._say(f"“{name}”{sentence}")
        sha256 = self.keep(data)
        # The scanner opens archives itself; what came out of one is not shown to it again.
        flags = (*flags, *kind.flags, *(self._scan(name, data) if depth == 0 else ()))
        place = len(self.parts)
        if sha256 in self._seen:
            flags = (*flags, Flag.DUPLICATE)
        self.parts.append(
            Part(name, sha256, len(data), media_type, inside, tuple(dict.fromkeys(flags)), as_sent)
        )
        if sha256 not in self._seen:
            self._seen.add(sha256)
            if media_type in UNPACKED:
                self._open(place, data, media_type, depth)
            elif declared != "message/rfc822" and as_sent.lower().endswith(".eml"):
                self.letters.append((name, data))

    def _scan(self, name: str, data: bytes) -> tuple[Flag, ...]:
        """The scanner's word on one file; once it was silent, this letter does not wait for it again."""
        if self.scanner is None:
            return ()
        if self._is_scanner_silent:
            return (Flag.UNSCANNED,)
        found = self.scanner.scan(data)
        if found.virus:
            self._say(f"“{name}”查出病毒（{found.virus}），请不要打开")
            return (Flag.INFECTED,)
        if found.not_scanned:
            self._is_scanner_silent = found.not_scanned.startswith("没有")
            self._say(f"“{name}”没有查毒：查毒程序{found.not_scanned}，请查毒后再打开")
            return (Flag.UNSCANNED,)
        return ()

    def _open(self, place: int, data: bytes, media_type: str, depth: int) -> None:
        part = self.parts[place]
        if depth >= ARCHIVE_DEPTH_MAX:
            self._say(f"“{part.name}”是第 {depth + 1} 层压缩包，没有再解开")
            return
        found = unpack(data, media_type, part.name, self.budget)
        if found.flags:
            flags = tuple(dict.fromkeys((*part.flags, *found.flags)))
            self.parts[place] = Part(
                part.name, part.sha256, part.size, part.type, part.inside, flags, part.name_as_sent
            )
        self.trouble += found.trouble
        if found.text.strip():
            self.texts.append(found.text)
        for name, content in found.members:
            self.add(name, content, "", part.name, (), depth + 1)

    def _nameless(self, media_type: str) -> str:
        return f"附件{len(self.parts) + 1}{_ENDING_OF.get(media_type, '')}"

    def _say(self, sentence: str) -> None:
        if sentence not in self.trouble:
            self.trouble.append(sentence)

    def _inline(self, node: Node, data: bytes) -> tuple[Flag, ...]:
        """A logo or signature picture is inline; a photograph pasted into the text is material."""
        if not node.type.startswith("image/"):
            return ()
        cid = node.head.raw("content-id").decode("latin-1").strip().strip("<>").lower()
        shown = self._shown().get(cid)
        if shown is None:
            is_related = node.parent is not None and node.parent.type == "multipart/related"
            if not (is_related or (node.disposition == "inline" and cid)):
                return ()
            return (Flag.INLINE,) if is_decoration(data) else ()
        is_quoted = not shown
        return (Flag.INLINE,) if is_quoted or is_decoration(data) else ()

    def _shown(self) -> dict[str, bool]:
        if self._cids is None:
            markup = self.markup[:HTML_CHARS_MAX]
            cut = quote_in_markup(markup)
            self._cids = {}
            for found in _CID.finditer(markup):
                cid = found.group(1).lower()
                self._cids[cid] = self._cids.get(cid, False) or found.start() < cut
        return self._cids


def mail_name(node: Node) -> str:
    """What an attached mail is called: its file name, else its subject."""
    if node.file_name:
        return safe_name(node.file_name, "邮件.eml")
    subject = node.children[0].head.text("subject") if node.children else ""
    return safe_name(f"{subject[:60]}.eml", "邮件.eml") if subject.strip() else "邮件.eml"
