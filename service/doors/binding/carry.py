"""A Word document taken over block by block, set anew in one look; its own paper and fonts stay behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from service.doors.binding import look
from service.doors.binding.look import WP, A, R
from service.doors.binding.numbers import Numbering, numbering_of
from service.doors.forms.package import Package
from service.doors.press.package import W_

BLOCKS_MAX = 20_000
NOTES_MAX = 200
CELL_CHARACTERS_MAX = 20_000

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M_T = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_R = "{" + R + "}"
_BLIP = "{" + A + "}blip"
_EXTENT = "{" + WP + "}extent"
_VML = "{urn:schemas-microsoft-com:vml}"
_BOX = W_ + "txbxContent"
# What a reviewer took out, moved away or hid is no text of the document.
_GONE = {W_ + each for each in ("del", "moveFrom", "pPr", "rPr", "sectPr", "proofErr", "instrText")}
_FIRST = re.compile(r"[一二三四五六七八九十]{1,3}、\S")
_SECOND = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]\S")
HEADING_LENGTH_MAX = 40
_EMPHASIS = (("b", "<w:b/>"), ("i", "<w:i/>"), ("strike", "<w:strike/>"), ("u", '<w:u w:val="single"/>'))

# Bytes and the size in EMU that the document gave it; XML of a run, or nothing where it cannot be shown.
Draw = Callable[[bytes, tuple[int, int] | None], str]


@dataclass(slots=True)
class Carried:
    """One document on its way over. `lost` says in words what could not be taken along."""

    package: Package
    draw: Draw
    numbering: Numbering = field(default_factory=Numbering)
    targets: dict[str, str] = field(default_factory=dict)
    styles: dict[str, etree._Element] = field(default_factory=dict)
    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    footnotes: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    is_begun: bool = False  # the first words of a summary are its title

    def blocks(self) -> Iterator[str]:
        """Paragraphs and tables as XML, in order; raises BadPackage where the document is damaged."""
        root = self.package.xml("word/document.xml")
        body = root.find(W_ + "body") if root is not None else None
        if body is None:
            return
        self._prepare()
        for number, block in enumerate(_blocks_in(body)):
            if number >= BLOCKS_MAX:
                self.lost.append(f"超过 {BLOCKS_MAX} 段，后面的没有编入")
                break
            yield self._table(block) if block.tag == W_ + "tbl" else self._paragraph(block)
            for box in self._boxes():
                yield from (self._paragraph(each) for each in box.iter(W_ + "p"))
        for index, note in enumerate(self.notes, start=1):
            yield look.line(f"[{index}] {note}", "Note")

    def _prepare(self) -> None:
        self.numbering = numbering_of(self.package.xml("word/numbering.xml"))
        relations = self.package.xml("word/_rels/document.xml.rels")
        for each in relations if relations is not None else ():
            target = str(each.get("Target", ""))
            name = target.removeprefix("/") if target[:1] == "/" else f"word/{target}"
            self.targets[str(each.get("Id"))] = name
        styles = self.package.xml("word/styles.xml")
        for each in styles.findall(W_ + "style") if styles is not None else ():
            self.styles[str(each.get(W_ + "styleId"))] = each
        notes = self.package.xml("word/footnotes.xml")
        for each in notes.findall(W_ + "footnote") if notes is not None else ():
            words = "".join(piece.text or "" for piece in each.iter(W_ + "t"))
            self.footnotes[str(each.get(W_ + "id"))] = words.strip()

    def _boxes(self) -> list[etree._Element]:
        boxes, self.boxes = self.boxes, []
        return boxes

    # --- paragraphs ---------------------------------------------------------------------------------------

    def _paragraph(self, block: etree._Element, cell: bool = False) -> str:
        properties = block.find(W_ + "pPr")
        style = self._style(properties)
        number = self._number(properties, style)
        runs = "".join(self._inline(block, is_bold=_says(style, "b")))
        if "<w:drawing>" in runs and not _words(block).strip():
            return look.paragraph(runs, "Cell" if cell else "Picture")
        words = _words(block)
        if cell:
            side = _side(properties, style)
            centred = f'<w:jc w:val="{side}"/>' if side in {"center", "right"} else ""
            return look.paragraph((look.run(number) if number else "") + runs, "Cell", centred)
        if not words.strip() and not runs:
            return ""
        kind = self._kind(properties, style, number + words.strip())
        is_title = not self.is_begun and len(words.strip()) <= HEADING_LENGTH_MAX
        if is_title and kind in {"Plain", "Heading4"} and words.strip()[-1:] not in "。；，：、！？":
            kind = "Centred"
        self.is_begun = True
        if kind in {"Plain", "Level1", "Level2", "Heading4"}:
            # The indent is the style's; blanks that somebody typed for it would come on top.
            runs = re.sub(r'(<w:t xml:space="preserve">)[ \u3000\t]+', r"\1", runs, count=1)
        return look.paragraph((look.run(number) if number else "") + runs, kind)

    def _kind(self, properties: etree._Element | None, style: list[etree._Element], words: str) -> str:
        is_short = len(words) <= HEADING_LENGTH_MAX and not words.endswith(("。", "；", "，"))
        if is_short and _FIRST.match(words):
            return "Level1"
        if is_short and _SECOND.match(words):
            return "Level2"
        side = _side(properties, style)
        if side in {"center", "right"}:
            return "Centred" if side == "center" else "Flushed"
        return "Heading4" if is_short and _is_heading(properties, style) else "Plain"

    def _style(self, properties: etree._Element | None) -> list[etree._Element]:
        """The paragraph's style and those it is based on, the nearest first."""
        named = properties.find(W_ + "pStyle") if properties is not None else None
        key = str(named.get(W_ + "val")) if named is not None else ""
        chain: list[etree._Element] = []
        while key in self.styles and len(chain) < 12:
            chain.append(self.styles[key])
            based = chain[-1].find(W_ + "basedOn")
            key = str(based.get(W_ + "val")) if based is not None else ""
        return chain

    def _number(self, properties: etree._Element | None, style: list[etree._Element]) -> str:
        sources = [properties, *(each.find(W_ + "pPr") for each in style)]
        for source in sources:
            listed = source.find(W_ + "numPr") if source is not None else None
            number = listed.find(W_ + "numId") if listed is not None else None
            if listed is None or number is None:
                continue
            level = listed.find(W_ + "ilvl")
            depth = str(level.get(W_ + "val", "0")) if level is not None else "0"
            return self.numbering.words(str(number.get(W_ + "val")), int(depth) if depth.isdigit() else 0)
        return ""

    # --- what stands in a line ----------------------------------------------------------------------------

    def _inline(self, parent: etree._Element, *, is_bold: bool = False) -> Iterator[str]:
        for child in parent.iterchildren("*"):
            if child.tag in _GONE:
                continue
            if child.tag == W_ + "r":
                yield from self._run(child, is_bold)
            elif child.tag == _M_T or child.tag.endswith("}oMath") or child.tag.endswith("}oMathPara"):
                yield look.run("".join(each.text or "" for each in child.iter(_M_T)))
            else:
                yield from self._inline(child, is_bold=is_bold)

    def _run(self, run: etree._Element, is_bold: bool) -> Iterator[str]:
        properties = run.find(W_ + "rPr")
        if properties is not None and _is_on(properties.find(W_ + "vanish")):
            return
        emphasis = _emphasis(properties, is_bold)
        words = ""
        for piece in run.iterchildren("*"):
            name = etree.QName(piece).localname
            text = _text_of(piece, name)
            if text is not None:
                words += text
                continue
            if words:
                yield look.run(words, emphasis)
                words = ""
            yield from self._object(piece, name)
        if words:
            yield look.run(words, emphasis)

    def _object(self, piece: etree._Element, name: str) -> Iterator[str]:
        match name:
            case "tab":
                yield "<w:r><w:tab/></w:r>"
            case "br" | "cr" if piece.get(W_ + "type") not in {"page", "column"}:
                yield "<w:r><w:br/></w:r>"
            case "footnoteReference" if len(self.notes) < NOTES_MAX:
                self.notes.append(self.footnotes.get(str(piece.get(W_ + "id")), ""))
                yield look.run(f"[{len(self.notes)}]", '<w:vertAlign w:val="superscript"/>')
            case "drawing" | "pict" | "object":
                yield from self._pictures(piece)
            case "AlternateContent":
                # Everything stands in it twice; the second is for old programs.
                for choice in piece.findall(_MC + "Choice")[:1]:
                    for inner in choice.iterchildren("*"):
                        yield from self._object(inner, etree.QName(inner).localname)

    def _pictures(self, piece: etree._Element) -> Iterator[str]:
        boxes = list(piece.iter(_BOX))
        self.boxes += boxes[:1]
        extent = next(piece.iter(_EXTENT), None)
        size = (_whole(extent, "cx"), _whole(extent, "cy")) if extent is not None else None
        shown = [str(each.get(_R + "embed")) for each in piece.iter(_BLIP)]
        shown += [str(each.get(_R + "id")) for each in piece.iter(_VML + "imagedata")]
        if not shown and not boxes:
            self.lost.append("有图表或嵌入的对象没有编入")
        for identity in dict.fromkeys(shown):
            name = self.targets.get(identity, "")
            data = next(iter(self.package.media([name])), None) if name else None
            drawn = self.draw(data, size if len(shown) == 1 else None) if data is not None else ""
            if drawn:
                yield drawn
            else:
                self.lost.append("有图片读不出或格式不能编入")

    # --- tables -------------------------------------------------------------------------------------------

    def _table(self, block: etree._Element) -> str:
        grid = block.find(W_ + "tblGrid")
        widths = [_whole(each, W_ + "w") for each in grid.findall(W_ + "gridCol")] if grid is not None else []
        rows = [each for each in block.iter(W_ + "tr") if next(each.iterancestors(W_ + "tbl")) is block]
        if not rows:
            return ""
        widths = widths or [1] * max(1, len(rows[0].findall(W_ + "tc")))
        return look.table(
            widths, [self._row(each, len(widths)) for each in rows], has_lines=_has_lines(block)
        )

    def _row(self, row: etree._Element, columns: int) -> str:
        cells = [each for each in row.iter(W_ + "tc") if next(each.iterancestors(W_ + "tr")) is row]
        left = columns
        out = []
        for place, cell in enumerate(cells):
            properties = cell.find(W_ + "tcPr")
            span = properties.find(W_ + "gridSpan") if properties is not None else None
            wide = max(1, _whole(span, W_ + "val")) if span is not None else 1
            # A row must fill the grid and may not run over it, or Word calls the file damaged.
            wide = left if place + 1 == len(cells) else min(wide, max(1, left - (len(cells) - place - 1)))
            left -= wide
            merged = properties.find(W_ + "vMerge") if properties is not None else None
            kind = str(merged.get(W_ + "val", "continue")) if merged is not None else ""
            merge = f'<w:vMerge w:val="{kind}"/>' if kind in {"restart", "continue"} else ""
            out.append(
                f'<w:tc><w:tcPr><w:gridSpan w:val="{max(1, wide)}"/>{merge}'
                '<w:vAlign w:val="center"/></w:tcPr>'
                f"{self._in_cell(cell)}</w:tc>"
            )
        return f"<w:tr>{''.join(out)}</w:tr>" if out else ""

    def _in_cell(self, cell: etree._Element) -> str:
        """Tables in tables become lines: their cells one below the other."""
        out, length = [], 0
        for paragraph in cell.iter(W_ + "p"):
            if next(paragraph.iterancestors(_BOX), None) is not None:
                continue
            out.append(self._paragraph(paragraph, cell=True))
            length += len(out[-1])
            if length > CELL_CHARACTERS_MAX * 8:
                break
        return "".join(out) or look.paragraph("", "Cell")


def _blocks_in(parent: etree._Element) -> Iterator[etree._Element]:
    for child in parent.iterchildren("*"):
        if child.tag in {W_ + "p", W_ + "tbl"}:
            yield child
        elif child.tag not in _GONE:
            yield from _blocks_in(child)  # content controls and what was inserted under review


def _text_of(piece: etree._Element, name: str) -> str | None:
    match name:
        case "t" if piece.tag == W_ + "t":
            return piece.text or ""
        case "noBreakHyphen":
            return "-"
        case "sym":
            return {"F0FE": "☑", "F052": "☑", "F0A8": "☐", "F06F": "☐", "F0FC": "√"}.get(
                str(piece.get(W_ + "char")).upper(), ""
            )
    return None


def _words(block: etree._Element) -> str:
    found = []
    for piece in block.iter(W_ + "t"):
        around = next(piece.iterancestors(W_ + "p", W_ + "del", W_ + "moveFrom"), None)
        if around is block:
            found.append(piece.text or "")
    return "".join(found)


def _emphasis(properties: etree._Element | None, is_bold: bool) -> str:
    found = ""
    for name, xml in _EMPHASIS:
        own = properties.find(W_ + name) if properties is not None else None
        is_on = _is_on(own) if own is not None else (is_bold and name == "b")
        found += (
            xml if is_on and not (name == "u" and own is not None and own.get(W_ + "val") == "none") else ""
        )
    raised = properties.find(W_ + "vertAlign") if properties is not None else None
    kind = str(raised.get(W_ + "val")) if raised is not None else ""
    return found + (f'<w:vertAlign w:val="{kind}"/>' if kind in {"superscript", "subscript"} else "")


def _is_on(switch: etree._Element | None) -> bool:
    return switch is not None and switch.get(W_ + "val", "true") not in {"0", "false", "off"}


def _says(style: list[etree._Element], name: str) -> bool:
    for each in style:
        switch = each.find(f"{W_}rPr/{W_}{name}")
        if switch is not None:
            return _is_on(switch)
    return False


def _side(properties: etree._Element | None, style: list[etree._Element]) -> str:
    for source in (properties, *(each.find(W_ + "pPr") for each in style)):
        side = source.find(W_ + "jc") if source is not None else None
        if side is not None:
            return {"end": "right"}.get(str(side.get(W_ + "val")), str(side.get(W_ + "val")))
    return ""


def _is_heading(properties: etree._Element | None, style: list[etree._Element]) -> bool:
    names = [
        str(name.get(W_ + "val", "")).lower()
        for each in style
        if (name := each.find(W_ + "name")) is not None
    ]
    if any(name.startswith(("heading", "标题")) for name in names):
        return True
    sources = [properties, *(each.find(W_ + "pPr") for each in style)]
    levels = (each.find(W_ + "outlineLvl") for each in sources if each is not None)
    return any(level is not None and level.get(W_ + "val") not in {"9", None} for level in levels)


def _has_lines(block: etree._Element) -> bool:
    """A table without lines lays pictures or words side by side; lines would be wrong there."""
    properties = block.find(W_ + "tblPr")
    borders = properties.find(W_ + "tblBorders") if properties is not None else None
    if borders is not None:
        return any(each.get(W_ + "val") not in {"nil", "none", None} for each in borders)
    style = properties.find(W_ + "tblStyle") if properties is not None else None
    drawn = next(block.iter(W_ + "tcBorders"), None)
    return style is not None or drawn is not None


def _whole(element: etree._Element, name: str) -> int:
    text = str(element.get(name, "0"))
    return min(int(text), 100_000_000) if text.isdigit() else 0
