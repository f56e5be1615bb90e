"""A returned .xlsx: its cells as rows of text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

from lxml import etree
from openpyxl import load_workbook

from service.doors.forms import grid
from service.doors.forms.codes import CodeFinder
from service.doors.forms.labels import known_labels, settle
from service.doors.forms.package import BadPackage, Package
from service.doors.forms.pictures import counted
from service.doors.forms.typed import typed_values
from service.office.campaign import FormField
from service.office.form import CodeFrom, FieldValue, FormReading, FoundBy

SHEETS_MAX = 20
ROWS_MAX = 2_000
COLUMNS_MAX = 60


def read_sheet(package: Package, data: bytes, fields: Sequence[FormField]) -> FormReading:
    """Label and value pairs of every sheet; raises BadPackage."""
    tables = _tables(data)
    text = "\n".join("\t".join(filter(None, row)) for rows in tables for row in rows if any(row))
    codes = CodeFinder()
    for name, carrier in (
        ("docProps/custom.xml", CodeFrom.CUSTOM_PROPERTY),
        ("docProps/core.xml", CodeFrom.CORE_PROPERTY),
    ):
        root = package.xml(name)
        if root is not None:
            codes.add(carrier, "\n".join(_code_words(root)))
    codes.add_printed(text)
    known = known_labels(fields)
    by_key = {field.key: field for field in fields}
    found: dict[str, FieldValue] = {}
    for rows in tables:
        # A label merged over columns leaves empty cells before its value.
        tight = [[cell for cell in row if cell] for row in rows]
        pairs = (
            [*grid.labelled(tight, known), *grid.labelled(rows, known)] if fields else grid.unlabelled(tight)
        )
        for key, label, value, found_by in pairs:
            settled = settle(value, by_key.get(key))
            if settled:
                found.setdefault(
                    key, FieldValue(key, by_key[key].label if key in by_key else label, settled, found_by)
                )
    colons = [cell for rows in tables for row in rows for cell in row if ":" in cell or "：" in cell]
    for key, value in typed_values("\n".join(colons), fields).items():
        found.setdefault(key, FieldValue(key, by_key[key].label, value, FoundBy.PARAGRAPH))
    images = counted(package.media(name for name in package.names if name.startswith("xl/media/")))
    return FormReading(
        codes=codes.codes,
        codes_from=codes.carriers,
        fields=tuple(found.values()),
        text=text,
        pictures=len(images),
        images=images,
        flags=package.flags,
    )


def _tables(data: bytes) -> list[list[list[str]]]:
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises anything on damaged books
        raise BadPackage("unreadable", "表格文件已损坏，打不开") from error
    tables = []
    try:
        for sheet in book.worksheets[:SHEETS_MAX]:
            rows = sheet.iter_rows(max_row=ROWS_MAX, max_col=COLUMNS_MAX, values_only=True)
            tables.append([[_text(value) for value in row] for row in rows])
    except Exception as error:  # rows are parsed while they are walked, with the same habit
        raise BadPackage("unreadable", "表格文件已损坏，读不出来") from error
    finally:
        book.close()
    return tables


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _code_words(root: etree._Element) -> list[str]:
    words = ("keywords", "identifier")
    return [
        str(text)
        for each in root
        if etree.QName(each).localname in words or each.get("name") == "nc.token"
        for text in each.itertext()
    ]
