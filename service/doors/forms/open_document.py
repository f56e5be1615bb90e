"""A returned .odt: its content.xml taken apart like a Word file's; no converter is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from service.doors.forms.answers import BOOKMARK, Cell, Content, answers, ours_told_apart
from service.doors.forms.codes import CodeFinder
from service.doors.forms.headings import headings_of
from service.doors.forms.package import Package
from service.doors.forms.pictures import counted
from service.office.campaign import FormField
from service.office.form import CodeFrom, FormReading

MIMETYPE = "application/vnd.oasis.opendocument.text"
_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _META, _OFFICE, _DRAW = (
    f"{{{_NS}{name}:1.0}}" for name in ("text", "table", "meta", "office", "drawing")
)
_DC = "{http://purl.org/dc/elements/1.1/}"
_PARAGRAPHS_MAX = 60_000
_BLANKS_MAX = 100
_COLUMNS_MAX = 60
_CELL_CHARACTERS_MAX = 20_000
# Text that is not on the page: deleted words, comments, footnotes' own numbers.
_HIDDEN = {_TEXT + "tracked-changes", _OFFICE + "annotation", _TEXT + "note-citation"}


def read_open_document(package: Package, fields: Sequence[FormField]) -> FormReading:
    """Code, fields and text of an .odt; raises BadPackage."""
    root = package.xml("content.xml")
    if root is None:
        return FormReading(flags=(*package.flags, "unreadable"))
    if _is_locked(package):
        return FormReading(flags=(*package.flags, "encrypted"))
    content = _take_apart(root)
    properties, words = _properties(package)
    margins = [line for page in _styles(package) for line in _take_apart(page).lines]
    codes = CodeFinder()
    codes.add(CodeFrom.CUSTOM_PROPERTY, properties.get("nc.token", ""))
    codes.add(CodeFrom.CORE_PROPERTY, " ".join(words))
    codes.add_bookmarks(content.bookmarks)
    codes.add_printed("\n".join([*content.lines, *margins]))
    values, ours = ours_told_apart(answers(content, {}, fields), properties)
    images = counted(package.media(name for name in package.names if name.startswith("Pictures/")))
    return FormReading(
        codes=codes.codes,
        codes_from=codes.carriers,
        fields=values,
        text="\n".join(content.lines),
        headings=tuple(dict.fromkeys(content.headings)),
        pictures=len(images),
        images=images,
        flags=package.flags,
        prefilled=ours,
    )


def _is_locked(package: Package) -> bool:
    manifest = "META-INF/manifest.xml"
    return package.has(manifest) and b"encryption-data" in package.read(manifest)


def _styles(package: Package) -> list[etree._Element]:
    """Headers and footers, which stand among the styles."""
    root = package.xml("styles.xml")
    return [root] if root is not None else []


def _properties(package: Package) -> tuple[dict[str, str], list[str]]:
    """User-defined properties by name, and the words of keywords and identifier."""
    root = package.xml("meta.xml")
    if root is None:
        return {}, []
    own = {
        str(each.get(_META + "name")): "".join(str(text) for text in each.itertext())
        for each in root.iter(_META + "user-defined")
    }
    words = [each.text or "" for each in root.iter(_META + "keyword", _DC + "identifier", _DC + "subject")]
    return own, words


def _take_apart(root: etree._Element) -> Content:
    content = Content()
    for number, paragraph in enumerate(root.iter(_TEXT + "p", _TEXT + "h")):
        if number >= _PARAGRAPHS_MAX:
            break
        if any(each.tag in _HIDDEN for each in paragraph.iterancestors()):
            continue
        text = _paragraph_text(paragraph)
        if not text.strip():
            continue
        content.lines.append(text)
        content.headings += headings_of(text, is_styled=paragraph.tag == _TEXT + "h")
        if next(paragraph.iterancestors(_TABLE + "table-cell"), None) is None:
            content.loose.append(text)
        elif ":" in text or "：" in text:
            content.cells.append(text)
    content.tables = [_table(table) for table in root.iter(_TABLE + "table")]
    content.bookmarks = [
        str(mark.get(_TEXT + "name")) for mark in root.iter(_TEXT + "bookmark", _TEXT + "bookmark-start")
    ]
    return content


def _table(table: etree._Element) -> list[list[Cell]]:
    rows = (
        row for row in table.iter(_TABLE + "table-row") if next(row.iterancestors(_TABLE + "table")) is table
    )
    return [[_cell(cell) for cell in row.iterchildren(_TABLE + "table-cell")][:_COLUMNS_MAX] for row in rows]


def _cell(cell: etree._Element) -> Cell:
    marks = tuple(
        name
        for mark in cell.iter(_TEXT + "bookmark", _TEXT + "bookmark-start")
        if (name := str(mark.get(_TEXT + "name"))).startswith(BOOKMARK)
    )
    lines: list[str] = []
    size = 0
    for paragraph in cell.iter(_TEXT + "p", _TEXT + "h"):
        lines.append(_paragraph_text(paragraph))
        size += len(lines[-1])
        if size > _CELL_CHARACTERS_MAX:
            break
    return Cell("\n".join(lines).strip()[:_CELL_CHARACTERS_MAX], marks)


def _paragraph_text(paragraph: etree._Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: etree._Element) -> Iterator[str]:
    """Visible text; a run of blanks, a tab and a line break are elements of their own."""
    if element.text:
        yield element.text
    for child in element:
        if child.tag == _TEXT + "s":
            yield " " * min(int(child.get(_TEXT + "c") or 1), _BLANKS_MAX)
        elif child.tag == _TEXT + "tab":
            yield "\t"
        elif child.tag == _TEXT + "line-break":
            yield "\n"
        elif child.tag not in _HIDDEN and child.tag not in (_TEXT + "p", _TEXT + "label"):
            yield from _pieces(child)
        if child.tail:
            yield child.tail
