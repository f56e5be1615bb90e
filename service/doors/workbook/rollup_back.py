"""读回汇总表.xlsx — what staff typed into 推荐 and 评语, beside what we had written there."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from service.doors.forms.package import BadPackage, open_package
from service.doors.workbook.rollup import RECOMMENDED, REMARK, ROW_KEY, WAS_RECOMMENDED, WAS_REMARK
from service.office.outcome import DoorError
from service.office.rollup import Choice, Returned, RowKey, Typed, chosen_word

FILE_BYTES_MAX = 64 * 2**20
ROWS_MAX = 200_000
# The heading lies below a title and a few remarks; staff may have added lines above.
_HEADER_WITHIN = 20
_UNREADABLE = "汇总表.xlsx 打不开，填写的“推荐”“评语”没有读入：请去掉密码、存成 .xlsx 后再放回"


def read_rollup_back(data: bytes, campaign: str) -> Returned:
    """Every row of every sheet that has the two columns; raises DoorError where the file cannot be read."""
    if len(data) > FILE_BYTES_MAX:
        raise DoorError("汇总表.xlsx 过大，没有读入", again=False)
    try:
        open_package(data)
        # Formulas as they were typed: whoever begins a remark with “=” meant the words.
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    except BadPackage as error:
        raise DoorError(f"{_UNREADABLE}（{error.say}）", again=False) from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise DoorError(_UNREADABLE, again=False) from error
    try:
        rows = tuple(
            each for sheet in book.worksheets for each in _rows(sheet.iter_rows(values_only=True), campaign)
        )
        return Returned(rows, str(book.properties.lastModifiedBy or "").strip()[:40])
    except (ValueError, TypeError, KeyError) as error:
        raise DoorError(_UNREADABLE, again=False) from error
    finally:
        book.close()


def _rows(lines: Iterator[tuple[object, ...]], campaign: str) -> Iterator[Typed]:
    places: dict[str, int] | None = None
    for number, line in enumerate(lines):
        if places is None:
            if number > _HEADER_WITHIN:
                return
            places = _places(line)
            continue
        if number > ROWS_MAX:
            return
        typed = _typed(line, places, campaign)
        if typed is not None:
            yield typed


def _places(line: Sequence[object]) -> dict[str, int] | None:
    """Where our columns stand; a field of the form may be called 推荐 too, and ours stand behind it."""
    words = [_text(each) for each in line]
    if RECOMMENDED not in words or REMARK not in words:
        return None
    return {word: index for index, word in enumerate(words) if word}


def _typed(line: Sequence[object], places: dict[str, int], campaign: str) -> Typed | None:
    def at(heading: str) -> str:
        index = places.get(heading)
        return _text(line[index]) if index is not None and index < len(line) else ""

    key = _key(at(ROW_KEY), campaign)
    recommended, remark = at(RECOMMENDED), at(REMARK)
    if key is None and not recommended and not remark:
        return None
    try:
        was = Choice(chosen_word(at(WAS_RECOMMENDED)), at(WAS_REMARK))
    except ValueError:
        # Somebody unhid the columns and typed into them: nothing is known of what we had written.
        key, was = None, Choice()
    return Typed(key, at("单位"), was, recommended, remark)


def _key(text: str, campaign: str) -> RowKey | None:
    """Which row; another campaign's workbook, copied here, says nothing about this one's."""
    try:
        whose, item, unit, entry = json.loads(text)
    except (ValueError, TypeError):
        return None
    if whose == campaign and isinstance(item, str) and isinstance(unit, str) and isinstance(entry, int):
        return RowKey(item, unit, entry)
    return None


def _text(value: object) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
