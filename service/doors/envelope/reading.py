"""One letter being read: headers, texts, files, links, reports, and the identity that copies share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from service.doors.envelope.addresses import read_date, read_mailboxes, read_message_ids
from service.doors.envelope.charset import decode
from service.doors.envelope.collect import Collector, mail_name
from service.doors.envelope.heads import Head, decode_header
from service.doors.envelope.html import strip_tags, tidy, to_text
from service.doors.envelope.limits import (
    HEADER_CHARS_MAX,
    HEADERS_MAX,
    HTML_CHARS_MAX,
    TEXT_BYTES_MAX,
    TEXT_CHARS_MAX,
)
from service.doors.envelope.links import find_links
from service.doors.envelope.quotes import own_words
from service.doors.envelope.reports import read_report
from service.doors.envelope.scanner import Scanner
from service.doors.envelope.structure import Node, decode_uu, enclosing_mail, is_mail, leaves, parse
from service.office.address import Address
from service.office.letter import Header, LetterFacts

# Long and of no use to any rule: the raw mail keeps them.
_NOT_KEPT = {
    "received", "dkim-signature", "arc-seal", "arc-message-signature",
    "arc-authentication-results", "x-received",
    "x-google-dkim-signature", "x-microsoft-antispam-message-info", "x-ms-exchange-antispam-messagedata-0",
    "x-ms-exchange-crosstenant-originalarrivaltime", "x-gm-message-state", "face", "x-face", "autocrypt",
    "domainkey-signature",
}  # fmt: skip
_UU_BLOCK = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,250})\r?\n(?:[^\r\n]{0,100}\r?\n)*?(?:[ `]?\r?\n)?end[ \t]*\r?$",
    re.MULTILINE,
)
_NOT_TEXT_FILES = {
    "text/calendar",
    "text/rfc822-headers",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
    "text/csv",
}


class Reading:
    """The work of reading one letter."""

    def __init__(
        self, raw: bytes, sha256: str, keep: Callable[[bytes], str], scanner: Scanner | None = None
    ) -> None:
        self._sha256, self._size = sha256, len(raw)
        tree = parse(raw)
        self._root = tree.root
        self._head: Head = tree.root.head
        self._nodes = leaves(tree.root)
        self._texts: list[tuple[Node, str]] = []  # plain texts and their parts
        self._markups: list[tuple[Node, str]] = []
        self._files: list[Node] = []
        self._uu: list[tuple[str, bytes]] = []
        self._digests: list[str] = []
        self._collector = Collector(keep, scanner=scanner)
        self._collector.trouble += tree.trouble

    def facts(self) -> LetterFacts:
        """Everything the letter tells."""
        if not self._looks_like_mail():
            return LetterFacts(
                self._sha256,
                self._size,
                trouble=("这不是一封邮件，或已损坏",),
                identity=self._sha256,
            )
        self._sort_nodes()
        own_plain = "\n".join(
            text for node, text in self._texts if enclosing_mail(node) is None and text.strip()
        )
        own_markup = "\n".join(text for node, text in self._markups if enclosing_mail(node) is None)
        self._collector.markup = own_markup
        self._collect()
        own_text = self._own_text(own_plain, own_markup)
        if not own_text.strip() and self._collector.texts:
            own_text = tidy("\n".join(self._collector.texts))
        text = self._whole(own_text)
        report = read_report(self._root, self._nodes, own_text or text)
        reply = own_words(own_text)
        name, sender = self._from()
        return LetterFacts(
            raw_sha256=self._sha256,
            size=self._size,
            sender=sender,
            sender_name=name,
            subject=" ".join(self._head.text("subject").split())[:HEADER_CHARS_MAX],
            message_id=(read_message_ids(self._head.raw("message-id")) or ("",))[0],
            in_reply_to=read_message_ids(self._head.raw("in-reply-to")),
            references=read_message_ids(self._head.raw("references"))[-50:],
            sent_at=read_date(self._head.raw("date")),
            to=self._addresses("to"),
            cc=self._addresses("cc"),
            text=text,
            reply_text=reply,
            has_plain_text=bool(own_plain.strip()),
            content_type=self._content_type(),
            parts=tuple(self._collector.parts),
            links=find_links("\n".join(markup for _, markup in self._markups), text, reply),
            headers=self._headers(),
            statuses=report.statuses,
            returned_ids=report.returned_ids,
            returned_subject=report.returned_subject,
            returned_dispatch=report.returned_dispatch,
            trouble=tuple(dict.fromkeys(self._collector.trouble)),
            identity=self._identity(name, sender),
        )

    def _looks_like_mail(self) -> bool:
        names = {name for name, _ in self._head.fields}
        known = {
            "from",
            "to",
            "subject",
            "date",
            "message-id",
            "received",
            "content-type",
            "mime-version",
            "return-path",
        }
        return bool(names & known)

    # --- texts and files

    def _sort_nodes(self) -> None:
        is_report = self._root.type == "multipart/report"
        for node in self._nodes:
            mail = enclosing_mail(node)
            if is_report and mail is not None:
                continue  # the returned mail is ours: no material, and its words are not the machine's
            if self._is_text(node):
                self._take_text(node)
            elif not (is_report and node.type.endswith(("/delivery-status", "/disposition-notification"))):
                self._files.append(node)

    def _is_text(self, node: Node) -> bool:
        if not node.type.startswith("text/") or node.type in _NOT_TEXT_FILES:
            return (
                node.type.startswith("multipart/") and not node.children and node.disposition != "attachment"
            )
        if node.disposition == "attachment" or node.file_name:
            return False
        return node.type in {
            "text/plain",
            "text/html",
            "text/enriched",
            "text/x-amp-html",
            "text/richtext",
        } or (node is self._root)

    def _take_text(self, node: Node) -> None:
        content = node.content()
        if len(content) > TEXT_BYTES_MAX:
            self._collector.trouble.append("正文过长，只读取了开头部分")
            content = content[:TEXT_BYTES_MAX]
        if node.type != "text/html" and b"\nend" in content and b"begin " in content:
            content = _UU_BLOCK.sub(self._take_uu, content)
        text = decode(content, node.parameters.get("charset", ""))
        if node.type == "text/html":
            self._markups.append((node, text[:HTML_CHARS_MAX]))
        elif node.type in {"text/enriched", "text/richtext"}:
            self._texts.append((node, strip_tags(text.replace("<<", "&lt;"))))
        elif node.type != "text/x-amp-html":
            self._texts.append((node, text[:TEXT_CHARS_MAX]))
        self._digests.append(hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest())

    def _take_uu(self, block: re.Match[bytes]) -> bytes:
        self._uu.append((decode(block.group(1).strip()), decode_uu(block.group(0))))
        return b""

    def _collect(self) -> None:
        for node in self._files:
            self._collector.take(node)
        for name, data in self._uu:
            self._collector.add(name, data, "", None, (), 0)
        for name, data in self._collector.letters[:20]:
            self._attached_letter(name, data)

    def _attached_letter(self, name: str, data: bytes) -> None:
        """A .eml that came as a plain file: its own files are filed once, its words join the whole text."""
        tree = parse(data)
        if not tree.root.head.raw("from") and not tree.root.head.raw("subject"):
            return
        self._collector.trouble += tree.trouble
        for node in leaves(tree.root):
            if self._is_text(node):
                text = decode(node.content()[:TEXT_BYTES_MAX], node.parameters.get("charset", ""))
                is_markup = node.type == "text/html"
                self._collector.texts.append(f"—— 附件邮件 {name} ——\n{to_text(text) if is_markup else text}")
            elif not is_mail(node):
                self._collector.add(node.file_name, node.content(), node.type, name, (), 1)

    def _own_text(self, plain: str, markup: str) -> str:
        if plain.strip() and not _is_stub(plain):
            return tidy(plain)[:TEXT_CHARS_MAX]
        return (to_text(markup) or tidy(plain))[:TEXT_CHARS_MAX]

    def _whole(self, own_text: str) -> str:
        """The letter's text, then the texts of attached mails under their names."""
        pieces = [own_text] if own_text else []
        seen: set[int] = set()
        for node, plain in self._texts:
            mail = enclosing_mail(node)
            if mail is not None and plain.strip():
                seen.add(id(mail))
                pieces.append(f"—— 附件邮件 {mail_name(mail)} ——\n{tidy(plain)}")
        for node, markup in self._markups:
            mail = enclosing_mail(node)
            if mail is not None and id(mail) not in seen:
                pieces.append(f"—— 附件邮件 {mail_name(mail)} ——\n{to_text(markup)}")
        pieces += [tidy(text) for text in self._collector.texts if tidy(text) != own_text]
        return "\n\n".join(pieces)[:TEXT_CHARS_MAX]

    # --- headers

    def _from(self) -> tuple[str, Address | None]:
        found = read_mailboxes(self._head.raw("from")) or read_mailboxes(self._head.raw("sender"))
        return next(
            ((name, address) for name, address in found if address), found[0] if found else ("", None)
        )

    def _addresses(self, field: str) -> tuple[Address, ...]:
        found: dict[str, Address] = {}
        for value in self._head.all(field)[:5]:
            for _, address in read_mailboxes(value):
                if address:
                    found.setdefault(address.key, address)
        return tuple(found.values())

    def _headers(self) -> tuple[Header, ...]:
        kept = [
            Header(name, decode_header(value[:HEADER_CHARS_MAX]))
            for name, value in self._head.fields
            if name not in _NOT_KEPT
        ]
        return tuple(kept[:HEADERS_MAX])

    def _content_type(self) -> str:
        kind = self._root.parameters.get("report-type", "").lower()
        has_calendar = any(node.type == "text/calendar" for node in self._nodes)
        extra = "; text/calendar" if has_calendar and self._root.type != "text/calendar" else ""
        return self._root.type + (f"; report-type={kind}" if kind else "") + extra

    def _identity(self, name: str, sender: Address | None) -> str:
        """What two copies of one letter share, whatever way they came."""
        ids = read_message_ids(self._head.raw("message-id"))
        fields = (
            ids[0].lower() if ids else "",
            sender.key if sender else name,
            " ".join(self._head.text("date").split()),
            *sorted([*self._digests, *(part.sha256 for part in self._collector.parts)]),
        )
        return hashlib.sha256("\0".join(fields).encode("utf-8", "replace")).hexdigest()


def _is_stub(plain: str) -> bool:
    """A plain part that only says there is an HTML part."""
    return len(plain) < 300 and bool(
        re.search(
            r"不支持\s*html|html 格式|查看此邮件请|(?:view|use) .{0,40}html|html (?:message|e-?mail)",
            plain,
            re.IGNORECASE,
        )
    )
