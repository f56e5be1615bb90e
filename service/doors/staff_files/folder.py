"""The office folder's own files as `needs/staff_files` wants them: found, bounded, read when they change."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from service.office.finding import Problem
from service.office.needs.staff_files import CampaignReading
from service.office.rollup import OWN_TEMPLATES
from service.office.roster import Roster
from service.office.rule import Rulebook

FILE_BYTES_MAX = 50_000_000
FOLDER_BYTES_MAX = 200_000_000
FOLDER_FILES_MAX = 200
RULE_FILES_MAX = 100

_KEY = re.compile(r"\w[\w-]{0,63}")
# Left behind by Word, WPS, Windows and macOS; never ours.
_DEBRIS = re.compile(r"^(?:[.~].*|Thumbs\.db|desktop\.ini)$", re.IGNORECASE)
_ROSTERS = ("config/units.xlsx", "config/units.csv")


class StaffFilesDoor:
    """Reads config/, templates/ and mailbox_rules/ of one office folder; writes nothing."""

    def __init__(self, office: Path) -> None:
        self._office = office
        self._roster: tuple[object, Roster] | None = None
        self._rules: tuple[object, tuple[Rulebook, tuple[Problem, ...]]] | None = None

    def campaigns(self) -> Sequence[str]:
        """Keys of every campaign folder, sorted; templates/letters is none."""
        folder = self._office / "templates"
        if not folder.is_dir():
            return ()
        names = (_nfc(path.name) for path in folder.iterdir() if path.is_dir())
        return tuple(sorted(name for name in names if name != "letters" and not name.startswith((".", "_"))))

    def campaign(self, key: str) -> CampaignReading:
        """One campaign folder, read and checked, also against the roster where there is one."""
        from service.doors.staff_files.campaigns import read_campaign
        from service.doors.staff_files.section import unknown
        from service.doors.staff_files.twin.layout import BOOK_FILE, PAGE_FILE

        file = f"templates/{key}/{PAGE_FILE}"
        if not _KEY.fullmatch(key):
            say = "活动文件夹的名称只能用汉字、字母、数字、“-”和“_”，最多 64 个字"
            return _refused(f"templates/{key}", say)
        if key not in self.campaigns():
            return _refused(f"templates/{key}", unknown("活动", key, self.campaigns() or ("（还没有活动）",)))
        files: dict[str, bytes] = {}
        try:
            files.update(_files_in(self._folder(key)))
        except _Refused as error:
            return _refused(f"templates/{key}", str(error))
        if PAGE_FILE not in files and BOOK_FILE not in files:
            return _refused(file, _neither(files))
        roster = self.roster() if self._roster_path() else None
        return read_campaign(key, file, files, roster)

    def roster(self) -> Roster:
        """config/units.xlsx, or units.csv; read again only when the file has changed."""
        from service.doors.staff_files.roster import read_roster
        from service.doors.staff_files.sheets import Sheet, SheetRefused, read_csv, read_workbook

        path = self._roster_path()
        if path is None:
            say = "没有通讯录：请放入 config/units.xlsx（表头：单位、组别、联系人、电话、邮箱）"
            return Roster((), (Problem(_ROSTERS[0], "", say, code="no-file"),))
        file = path.relative_to(self._office).as_posix()
        try:
            stat = path.stat()
            stamp = (path, stat.st_mtime_ns, stat.st_size)
            if self._roster is not None and self._roster[0] == stamp:
                return self._roster[1]
            data = _bytes_of(path)
            sheets: tuple[Sheet, ...] = ()
            problems = self._second_roster(path)
            if path.suffix == ".csv":
                sheets = (read_csv(data),)
            else:
                sheets, faults = read_workbook(data, file)
                problems += faults
        except (OSError, _Refused, SheetRefused) as error:
            return Roster((), (Problem(file, "", _why(error), code="unreadable"),))
        roster = read_roster(file, sheets, problems, hashlib.sha256(data).hexdigest())
        self._roster = (stamp, roster)
        return roster

    def rules(self) -> tuple[Rulebook, tuple[Problem, ...]]:
        """mailbox_rules/*.yaml in file-name order; read again only when one of them has changed."""
        folder = self._office / "mailbox_rules"
        paths = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
        stamp = tuple(_stamp(path) for path in paths)
        if self._rules is None or self._rules[0] != stamp:
            self._rules = (stamp, self._read_rules(paths))
        return self._rules[1]

    def _read_rules(self, paths: Sequence[Path]) -> tuple[Rulebook, tuple[Problem, ...]]:
        from service.doors.staff_files.rules import read_rules

        files: list[tuple[str, bytes]] = []
        problems: list[Problem] = []
        for path in paths[:RULE_FILES_MAX]:
            if _DEBRIS.match(path.name):
                continue
            try:
                files.append((f"mailbox_rules/{path.name}", _bytes_of(path)))
            except (OSError, _Refused) as error:
                problems.append(Problem(f"mailbox_rules/{path.name}", "", _why(error), code="unreadable"))
        if len(paths) > RULE_FILES_MAX:
            say = f"规则文件超过 {RULE_FILES_MAX} 个，后面的没有读取，请合并"
            problems.append(Problem("mailbox_rules", "", say, code="too-large"))
        book, faults = read_rules(files)
        return book, (*problems, *faults)

    def workday_overrides(self) -> tuple[dict[date, bool], tuple[Problem, ...]]:
        """config/workdays.yaml: date → is a working day; no file, no overrides."""
        from service.doors.staff_files.workdays import read_workdays

        file = "config/workdays.yaml"
        path = self._office / file
        if not path.exists():
            return {}, ()
        try:
            return read_workdays(file, _bytes_of(path))
        except (OSError, _Refused) as error:
            return {}, (Problem(file, "", _why(error), code="unreadable"),)

    def _folder(self, key: str) -> Path:
        # macOS may have stored the name decomposed.
        folder = self._office / "templates"
        return next(path for path in folder.iterdir() if _nfc(path.name) == key)

    def _roster_path(self) -> Path | None:
        return next((path for name in _ROSTERS if (path := self._office / name).is_file()), None)

    def _second_roster(self, used: Path) -> tuple[Problem, ...]:
        other = self._office / _ROSTERS[1]
        if used == other or not other.is_file():
            return ()
        say = "同时有 units.xlsx，这个文件没有读取；请删去不用的一个"
        return (Problem(_ROSTERS[1], "", say, code="second-roster", is_error=False),)


class _Refused(Exception):
    """A file or folder is not read at all; the message is a Chinese sentence."""


def _is_aside(name: str) -> bool:
    """No part of the notice: what systems leave behind, and what only puts together what came."""
    return bool(_DEBRIS.match(name)) or _nfc(name) in OWN_TEMPLATES


def _files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_aside(path.name))
    if len(paths) > FOLDER_FILES_MAX:
        raise _Refused(f"文件夹里有 {len(paths)} 个文件，最多 {FOLDER_FILES_MAX} 个，请清理")
    for path in paths:
        try:
            data = _bytes_of(path)
        except OSError as error:
            raise _Refused(f"“{path.name}”{_why(error)}") from error
        total += len(data)
        if total > FOLDER_BYTES_MAX:
            raise _Refused(f"文件夹超过 {FOLDER_BYTES_MAX // 1_000_000} MB，请清理")
        yield _nfc(path.relative_to(folder).as_posix()), data


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise _Refused(f"“{path.name}”超过 {FILE_BYTES_MAX // 1_000_000} MB，没有读取")
    return data


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "没有读取权限，或正被别的程序占用，请关闭后重试"
    return f"无法读取（{error.strerror}）" if isinstance(error, OSError) else str(error)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (path.name, 0, 0)  # gone or locked: reading it will say so
    return (path.name, stat.st_mtime_ns, stat.st_size)


def _neither(files: Mapping[str, bytes]) -> str:
    old = next((name for name in files if re.fullmatch(r"活动\.(?:xls|et|csv|ods|xlsm)", name)), "")
    if old:
        return f"没有这个文件；有“{old}”，请用 Excel 或 WPS 另存为 活动.xlsx"
    return "没有这个文件，也没有 活动.xlsx：请用 new 新建活动，或从样例复制一份，再改成自己的"


def _refused(file: str, say: str) -> CampaignReading:
    return CampaignReading(None, (Problem(file, "", say, code="no-file"),))


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)
