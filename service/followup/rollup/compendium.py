"""汇编 — the summaries in force laid out under their units, as the binder is to join them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import assert_never

from service.followup.rollup.reading import Reader
from service.followup.rollup.rows import OUTSIDE, Entry, Stock
from service.office.campaign import Item, ItemKind
from service.office.compendium import (
    Chapter,
    Compendium,
    Division,
    LeftOut,
    PicturePiece,
    Piece,
    Section,
    TextPiece,
    WordPiece,
)
from service.office.counting import count_words
from service.office.filing import PAPER, FiledDoc
from service.office.needs.press import Value
from service.office.tree_names import filing_folder, named_docs, short_title

_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp")
_WORDS = (".doc", ".wps", ".odt", ".rtf", ".pdf", ".txt", ".text", ".md", ".eml")
# A sealed .pdf beside its .docx has the same words; so much may differ by heads, foots and page numbers.
_ALIKE_PERCENT = 10
# A printed line that is nearly as long as the longest goes on in the next.
_FULL_LINE = 0.8
_ENDS = "。！？；：.!?;:”）)"
_NEW = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[、.．）)]")


def compendium_of(stock: Stock, reader: Reader, as_of: str) -> Compendium:
    """Groups in the order of the notice, units in the roster's; what cannot be joined is named."""
    items = [each for each in stock.campaign.items if each.kind is ItemKind.SUMMARY]
    chapters: dict[str, dict[str, list[Section]]] = defaultdict(dict)
    left_out: list[LeftOut] = []
    for item in items:
        for entry in stock.entries.get(item.key, ()):
            title = entry.current.title if item.is_many else ""
            if len(items) > 1:
                title = f"{item.name}：{title}" if title else item.name
            found, left = _pieces(stock, item, entry, reader)
            left_out += left
            if found:
                of_unit = chapters[stock.group(entry)].setdefault(entry.unit.name, [])
                of_unit.append(Section(title, tuple(found)))
    order = [*stock.campaign.groups, *sorted(set(chapters) - {*stock.campaign.groups, OUTSIDE}), OUTSIDE]
    return Compendium(
        title=short_title(stock.row.title),
        issuer=stock.campaign.issuer,
        as_of=as_of,
        divisions=tuple(
            Division(group, tuple(Chapter(unit, tuple(each)) for unit, each in chapters[group].items()))
            for group in dict.fromkeys(order)
            if group in chapters
        ),
        left_out=tuple(left_out),
    )


def facts_of(compendium: Compendium, reader: Reader) -> dict[str, Value]:
    """What staff's own 汇编.docx template may say; words only, for a template brings its own look."""
    divisions: list[Value] = [
        {"name": group.name, "chapters": [_chapter_facts(each, reader) for each in group.chapters]}
        for group in compendium.divisions
    ]
    left_out: list[Value] = [
        {"unit": each.unit_name, "file": each.name, "link": each.link, "why": each.why}
        for each in compendium.left_out
    ]
    return {
        "title": compendium.title,
        "issuer": compendium.issuer,
        "as_of": compendium.as_of,
        "divisions": divisions,
        "left_out": left_out,
    }


def _chapter_facts(chapter: Chapter, reader: Reader) -> Value:
    sections: list[Value] = [
        {
            "title": each.title,
            "paragraphs": [line for piece in each.pieces for line in _lines_of(piece, reader)],
        }
        for each in chapter.sections
    ]
    return {"unit": chapter.unit_name, "sections": sections}


def _lines_of(piece: Piece, reader: Reader) -> tuple[str, ...]:
    match piece:
        case TextPiece():
            return piece.lines
        case WordPiece():
            data = reader.bytes_of(piece.sha256)
            return tuple(_plain_lines(reader.forms.read(data, piece.name).text)) if data is not None else ()
        case PicturePiece():
            return ()
    assert_never(piece)


def _pieces(stock: Stock, item: Item, entry: Entry, reader: Reader) -> tuple[list[Piece], list[LeftOut]]:
    current = entry.current
    folder = filing_folder(stock.folder, item.name, entry.unit.name, current)
    links = {sha256: f"{folder}/{name}" for name, sha256 in named_docs(current).items()}

    def left(doc: FiledDoc, why: str) -> LeftOut:
        return LeftOut(entry.unit.name, doc.name, links.get(doc.sha256, folder), why)

    if current.is_nil:
        return [], [LeftOut(entry.unit.name, "（零报告）", folder, "零报告，没有材料")]
    if not current.docs:
        return [], [LeftOut(entry.unit.name, "（没有文件）", folder, "由工作人员登记，没有文件")]
    if not current.is_valid:
        return [], [left(doc, "待补正，补正后编入") for doc in current.docs]
    why = "纸质件的扫描" if current.medium == PAPER else ""
    found: list[Piece] = []
    out: list[LeftOut] = []
    documents = sorted(current.docs, key=lambda each: (each.is_enclosure, not _is_word(each)))
    words = [count_words(reader.text(current, each)) for each in documents if _is_word(each)]
    for doc in documents:
        piece = _piece(doc, reader, entry, links.get(doc.sha256, folder), words)
        if isinstance(piece, str):
            out.append(left(doc, why or piece))
        else:
            found.append(piece)
    return found, out


def _is_word(doc: FiledDoc) -> bool:
    return doc.name.lower().endswith((".docx", ".docm"))


def _piece(doc: FiledDoc, reader: Reader, entry: Entry, link: str, words: Sequence[int]) -> Piece | str:
    """What is to be joined, or why it cannot be."""
    name = doc.name.lower()
    if _is_word(doc):
        return WordPiece(doc.sha256, doc.name, link)
    if name.endswith(_PICTURES):
        return PicturePiece(doc.sha256, doc.name, link)
    if not name.endswith(_WORDS):
        return "不是文字材料，请另行查看"
    text = reader.text(entry.current, doc)
    count = count_words(text)
    if not count:
        return "扫描件或打不开，没有可以编入的文字"
    if any(abs(each - count) * 100 <= each * _ALIKE_PERCENT for each in words):
        return "与同一件的 Word 文件内容相同，已编入 Word 文件"
    lines = joined_lines(text) if name.endswith(".pdf") else tuple(_plain_lines(text))
    return TextPiece(lines, doc.name)


def _plain_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        plain = line.strip().strip("\u3000")
        if plain:
            yield plain


def joined_lines(text: str) -> tuple[str, ...]:
    """The paragraphs of a printed page: a line as long as the page goes on in the next one."""
    lines = list(_plain_lines(text))
    longest = max(map(len, lines), default=0)
    found: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and not _NEW.match(line):
            found[-1] += line
        else:
            found.append(line)
        goes_on = len(line) >= longest * _FULL_LINE and not line.endswith(tuple(_ENDS))
    return tuple(found)
