"""Bad templates from their small descriptions: paragraphs, a table, a header, and what no person types."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt, RGBColor

from tests.doors.word_files import parts, with_part, word

HERE = Path(__file__).parent
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MC = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


@dataclass(frozen=True)
class BadTemplate:
    """One faulty template and every sentence staff must see, in order."""

    name: str
    data: bytes
    codes: tuple[str, ...]
    says: tuple[str, ...]
    texts: tuple[str, ...]


def read_case(path: Path) -> BadTemplate:
    """The template that a .toml describes, with the sentences it prescribes."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    data = word(*case.get("paragraphs", ()), table=case.get("table", ()), header=case.get("header", ""))
    for name, argument in case.get("then", {}).items():
        data = _THEN[name](data, argument)
    wanted = case["wanted"]
    return BadTemplate(
        path.stem,
        data,
        tuple(each["code"] for each in wanted),
        tuple(each["say"] for each in wanted),
        tuple(each.get("text", "") for each in wanted),
    )


def _title(data: bytes, title: str) -> bytes:
    return _saved(data, lambda document: setattr(document.core_properties, "title", title))


def _type(data: bytes, rows: Mapping[str, Any]) -> bytes:
    """Paragraph number → size in points, red or black, centred."""

    def change(document: Any) -> None:
        for number, (size, is_red) in rows.items():
            paragraph = document.paragraphs[int(number) - 1]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            for run in paragraph.runs:
                run.font.size = Pt(size)
                run.font.color.rgb = RGBColor(0xFF, 0, 0) if is_red else RGBColor(0, 0, 0)

    return _saved(data, change)


def _saved(data: bytes, change: Callable[[Any], object]) -> bytes:
    document = Document(io.BytesIO(data))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _at_the_end(data: bytes, xml: str) -> bytes:
    return with_part(
        data, "word/document.xml", lambda old: old.replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1)
    )


def _struck_out(data: bytes, text: str) -> bytes:
    """A tracked deletion, not accepted."""
    change = f'<w:del w:id="9" w:author="甲"><w:r><w:delText>{text}</w:delText></w:r></w:del>'
    return _at_the_end(data, f"<w:p {_W}><w:r><w:t>正文</w:t></w:r>{change}</w:p>")


def _text_box(data: bytes, text: str) -> bytes:
    """A text box as Word writes it: once as a shape, once more for older readers."""
    inside = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
    shape = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing></mc:Choice>'
    older = f"<mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback>"
    box = f"<mc:AlternateContent {_MC}>{shape}{older}</mc:AlternateContent>"
    return _at_the_end(data, f"<w:p {_W}><w:r>{box}</w:r></w:p>")


def _chart(data: bytes, text: str) -> bytes:
    chart = f'<c:chart xmlns:c="urn:chart"><c:v>{text}</c:v></c:chart>'.encode()
    return with_part(data, "word/charts/chart1.xml", lambda _: chart)


def _company(data: bytes, text: str) -> bytes:
    old = b"<Application>"
    return with_part(
        data, "docProps/app.xml", lambda xml: xml.replace(old, f"<Company>{text}</Company>".encode() + old)
    )


def _link(data: bytes, address: str) -> bytes:
    relation = (
        f'<Relationship Id="rIdLink" TargetMode="External" Target="{address}" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/></Relationships>'
    )
    name = "word/_rels/document.xml.rels"
    return with_part(data, name, lambda xml: xml.replace(b"</Relationships>", relation.encode()))


def _cut_short(data: bytes, count: int) -> bytes:
    return data[:count]


def _broken_xml(data: bytes, name: str) -> bytes:
    assert name in parts(data)
    return with_part(data, name, lambda xml: xml[: len(xml) // 2])


_THEN: Mapping[str, Callable[[bytes, Any], bytes]] = {
    "title": _title,
    "type": _type,
    "struck_out": _struck_out,
    "text_box": _text_box,
    "chart": _chart,
    "company": _company,
    "link": _link,
    "cut_short": _cut_short,
    "broken_xml": _broken_xml,
}
