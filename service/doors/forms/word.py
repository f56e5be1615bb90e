"""A returned .docx: read part by part with lxml, never opened with a library that inflates all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from service.doors.forms.answers import BOOKMARK, Cell, Content, answers, ours_told_apart
from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.labels import is_placeholder, tidy_value
from service.doors.forms.package import BadPackage, Package
from service.doors.forms.pictures import counted
from service.office.campaign import FormField
from service.office.form import CodeFrom, FormReading

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W_ = "{" + W + "}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_V_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"
_TAG = "nc.f."
OUR_MARK = "编号码"  # the name of the mark that we drew; it is no picture of theirs
_PARAGRAPHS_MAX = 60_000
_CELL_CHARACTERS_MAX = 20_000
_CELL_LINES_MAX = 500
# Wingdings pictures of boxes, as Word inserts them by 插入符号.
_SYMBOLS = {
    "F0FE": "☑",
    "F0FD": "☒",
    "F0A8": "☐",
    "F06F": "☐",
    "F052": "☑",
    "F0FC": "√",
    "F0A1": "○",
    "F06E": "■",
}


@dataclass(frozen=True, slots=True)
class OpenedWord:
    """A .docx taken apart: all that it says, whatever it is asked for. Nobody changes what is in it."""

    content: Content
    margins: tuple[Content, ...]
    properties: Mapping[str, str]
    tagged: Mapping[str, str]
    codes: CodeFinder
    images: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def characters(self) -> int:
        """How much it holds."""
        return sum(len(line) for part in (self.content, *self.margins) for line in part.lines)

    def reading(self, fields: Sequence[FormField]) -> FormReading:
        """Code, fields, text, headings and pictures."""
        values, ours = ours_told_apart(answers(self.content, self.tagged, fields), self.properties)
        if fields and any(each.key not in ours for each in values):
            # Of a form that somebody filled in, also what stands in its margins: a blank one has our words
            # there.
            seen = {each.key for each in values}
            beside = (each for part in self.margins for each in answers(part, {}, fields))
            values += tuple({each.key: each for each in beside if each.key not in seen}.values())
        return FormReading(
            codes=self.codes.codes,
            codes_from=self.codes.carriers,
            fields=values,
            text="\n".join(self.content.lines),
            headings=tuple(dict.fromkeys(self.content.headings)),
            pictures=len(self.images),
            images=self.images,
            flags=self.flags,
            prefilled=ours,
        )


def open_word(package: Package) -> OpenedWord:
    """Take a package that has a word/document.xml apart; raises BadPackage."""
    document = package.xml("word/document.xml")
    if document is None:
        raise BadPackage("unreadable", "文件里没有正文")
    content = _take_apart(document)
    properties = _custom_properties(package)
    margins = tuple(
        _take_apart(root)
        for name in package.names
        if re.fullmatch(r"word/(header|footer)\d*\.xml", name) and (root := package.xml(name)) is not None
    )
    codes = CodeFinder()
    codes.add(CodeFrom.CUSTOM_PROPERTY, properties.get("nc.token", ""))
    codes.add(CodeFrom.CORE_PROPERTY, " ".join(_core_words(package)))
    for part in (content, *margins):
        codes.add_bookmarks(part.bookmarks)
    codes.add_printed("\n".join(line for part in (content, *margins) for line in part.lines))
    images = counted(shown_pictures(document, package))
    tagged = tagged_values(document)
    return OpenedWord(content, margins, properties, tagged, codes, images, package.flags)


def tagged_values(document: etree._Element) -> dict[str, str]:
    """Values of our own controls by field key; unfilled ones have an empty value."""
    values: dict[str, str] = {}
    for control in document.iter(W_ + "sdt"):
        properties = control.find(W_ + "sdtPr")
        tag = properties.find(W_ + "tag") if properties is not None else None
        name = str(tag.get(W_ + "val")) if tag is not None else ""
        if properties is None or not name.startswith(_TAG):
            continue
        key = name.removeprefix(_TAG)
        if not values.get(key):
            values[key] = _control_value(control, properties)
    return values


_TICKS = ("☑", "☒", "√", "✓", "✔", "■")


def _control_value(control: etree._Element, properties: etree._Element) -> str:
    box = properties.find(_W14 + "checkbox")
    if box is not None:
        checked = box.find(_W14 + "checked")
        is_checked = checked is not None and checked.get(_W14 + "val") in ("1", "true", "on")
        # WPS and telephones let people type a tick over the box and leave its state behind.
        is_ticked = any(mark in (each.text or "") for each in control.iter(W_ + "t") for mark in _TICKS)
        return "是" if is_checked or is_ticked else "否"
    content = control.find(W_ + "sdtContent")
    if content is None:
        return ""
    text = tidy_value(
        "\n".join(_paragraph_text(p) for p in content.iter(W_ + "p")) or _paragraph_text(content)
    )
    is_shown = properties.find(W_ + "showingPlcHdr") is not None
    return "" if is_placeholder(text, is_shown) else text


def _take_apart(root: etree._Element) -> Content:
    content = Content()
    for number, paragraph in enumerate(root.iter(W_ + "p")):
        if number >= _PARAGRAPHS_MAX:
            break
        if _is_fallback(paragraph):
            continue
        text = _paragraph_text(paragraph)
        if not text.strip():
            continue
        content.lines.append(text)
        content.headings += headings_of(text, is_styled=_is_heading_style(paragraph))
        if next(paragraph.iterancestors(W_ + "tc"), None) is None:
            content.loose.append(text)
        elif ":" in text or "：" in text:
            content.cells.append(text)
    content.tables = [_table(table) for table in root.iter(W_ + "tbl")]
    content.bookmarks = [str(mark.get(W_ + "name")) for mark in root.iter(W_ + "bookmarkStart")]
    return content


def _table(table: etree._Element) -> list[list[Cell]]:
    return [
        [_cell(cell) for cell in row.iter(W_ + "tc") if next(cell.iterancestors(W_ + "tr")) is row]
        for row in table.iter(W_ + "tr")
        if next(row.iterancestors(W_ + "tbl")) is table
    ]


def _cell(cell: etree._Element) -> Cell:
    marks = tuple(
        name
        for mark in cell.iter(W_ + "bookmarkStart")
        if (name := str(mark.get(W_ + "name"))).startswith(BOOKMARK)
    )
    lines: list[str] = []
    for paragraph in cell.iter(W_ + "p"):
        lines.append(_paragraph_text(paragraph))
        if len(lines[-1]) > _CELL_CHARACTERS_MAX or len(lines) > _CELL_LINES_MAX:
            break  # tables within tables would repeat their text at every level
    return Cell("\n".join(lines).strip()[:_CELL_CHARACTERS_MAX], marks)


def _paragraph_text(paragraph: etree._Element) -> str:
    """Visible text: no deleted or moved text, no field codes, no text of boxes nested inside."""
    return "".join(_pieces(paragraph))


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    for piece in paragraph.iter(W_ + "t", W_ + "tab", W_ + "br", W_ + "cr", W_ + "noBreakHyphen", W_ + "sym"):
        around = next(piece.iterancestors(W_ + "p", W_ + "moveFrom", W_ + "del"), None)
        if around is not None and around is not paragraph and paragraph.tag == W_ + "p":
            continue
        match etree.QName(piece).localname:
            case "t":
                yield piece.text or ""
            case "tab" if next(piece.iterancestors()).tag == W_ + "r":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "sym":
                yield _SYMBOLS.get(str(piece.get(W_ + "char")).upper(), "")


def _is_fallback(element: etree._Element) -> bool:
    """A text box is stored twice; the second is for old programs."""
    return next(element.iterancestors(_MC + "Fallback"), None) is not None


def _is_heading_style(paragraph: etree._Element) -> bool:
    properties = paragraph.find(W_ + "pPr")
    if properties is None:
        return False
    style = properties.find(W_ + "pStyle")
    name = str(style.get(W_ + "val")).lower() if style is not None else ""
    return properties.find(W_ + "outlineLvl") is not None or name.startswith(("heading", "标题"))


def shown_pictures(document: etree._Element, package: Package) -> Iterator[bytes]:
    """The pictures shown in the body, but our own mark; those of headers and footers are letterheads."""
    ours = {
        blip
        for name in document.iter(_WP + "docPr")
        if name.get("name") == OUR_MARK and (around := name.getparent()) is not None
        for blip in around.iter(_A_BLIP)
    }
    shown = [blip.get(_R + "embed") for blip in document.iter(_A_BLIP) if blip not in ours]
    shown += [image.get(_R + "id") for image in document.iter(_V_IMAGE) if not _is_fallback(image)]
    relations = package.xml("word/_rels/document.xml.rels") if any(shown) else None
    if relations is None:
        return
    targets = {str(each.get("Id")): str(each.get("Target", "")) for each in relations}
    names = (targets.get(str(each), "") for each in dict.fromkeys(shown))
    yield from package.media(name.removeprefix("/") if name[:1] == "/" else f"word/{name}" for name in names)


def _custom_properties(package: Package) -> dict[str, str]:
    root = package.xml("docProps/custom.xml")
    if root is None:
        return {}
    return {str(each.get("name")): "".join(str(text) for text in each.itertext()) for each in root}


def _core_words(package: Package) -> list[str]:
    root = package.xml("docProps/core.xml")
    if root is None:
        return []
    return [
        each.text for each in root if each.text and etree.QName(each).localname in ("keywords", "identifier")
    ]
