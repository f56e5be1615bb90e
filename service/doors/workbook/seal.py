"""Saving a workbook so that the same content is the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

from openpyxl import Workbook as Book

# The oldest date a zip archive can hold.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def sealed(book: Book, *, title: str, author: str, at: datetime) -> bytes:
    """The workbook's bytes with `at` as its only date, inside and in the archive around it."""
    instant = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.title = title
    book.properties.creator = author
    book.properties.created = instant
    raw = io.BytesIO()
    book.save(raw)
    # openpyxl stamps the hour of saving over `modified`, and every member with the present time.
    stamp = f"{instant.isoformat()}Z".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            data = before.read(name)
            if name == _CORE:
                data = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", data)
            member = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(member, data)
    return out.getvalue()
