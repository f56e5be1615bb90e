"""What commands need of the world, filled in; settings that are refused become the desk's own refusal."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from service.desk.commands import build_app
from service.desk.tools import Account, Demo, Practice, Refused, Tools
from service.doors import surroundings as world
from service.doors.archive import ArchiveDoor
from service.doors.diary import DiaryDoor
from service.doors.envelope import EnvelopeDoor
from service.doors.forms import FormsDoor
from service.doors.forms.package import BadPackage
from service.doors.forms.questions import questions
from service.doors.heartbeat import feel
from service.doors.imap import ImapAccount
from service.doors.ledger import open_ledger
from service.doors.ledger.rebuild import rebuild
from service.doors.marks import MarksDoor
from service.doors.office_folder import make_office
from service.doors.parcel import write_parcel
from service.doors.press import PressDoor
from service.doors.press.many import print_many
from service.doors.preview import PreviewDoor
from service.doors.smtp import SmtpAccount
from service.doors.staff_files import StaffFilesDoor
from service.doors.wording import WordingDoor
from service.journey import Office
from service.office.campaign import FormField
from service.office.policy import Policy
from service.office.rebuilding import Rebuilt
from service.settings import Settings, SettingsRefused, load_settings
from service.wiring.daemon import run_daemon
from service.wiring.founding import found, settle_twins
from service.wiring.opening import (
    SEALED,
    clock_of,
    code_key,
    imap_accounts,
    open_office,
    owner_of,
    smtp_accounts,
)
from service.wiring.scratch import plain_policy, scratch_office

# The checkout, or whatever folder the package lies in: samples and rules ship beside it.
PROGRAM_FOLDER = Path(__file__).resolve().parents[2]
RULES = "mailbox_rules"
# Larger than any letter or form a mailbox takes.
FILE_BYTES_MAX = 256_000_000

P = ParamSpec("P")
T = TypeVar("T")


def main(demo: Demo | None = None, practice: Practice | None = None) -> int:
    """The whole program; returns the exit status.

    `demo` and `practice` come from above, for wiring knows no rehearsal.
    """
    app = build_app(replace(desk_tools(), demo=demo, practice=practice))
    try:
        app(prog_name="huizhi")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def desk_tools() -> Tools:
    """Every tool of the desk but the demo."""
    return Tools(
        open_office=_open,
        scratch_office=_scratch,
        has_state=_has_state,
        staff_files=StaffFilesDoor,
        policy=_in_desk_words(plain_policy),
        rules_folder=_rules_folder,
        surroundings=_Surroundings,
        make_office=_make_office,
        found_campaign=found,
        settle_twins=settle_twins,
        feel_pulse=_feel_pulse,
        run_daemon=_in_desk_words(run_daemon),
        rebuild=_rebuild,
        envelope=EnvelopeDoor(),
        forms=FormsDoor(),
        marks=MarksDoor(),
        form_fields=_form_fields,
        press=PressDoor(),
        print_many=print_many,
        words=WordingDoor,
        preview=PreviewDoor(),
        read_file=_read_file,
        write_file=_write_file,
        write_parcel=write_parcel,
    )


def _in_desk_words(call: Callable[P, T]) -> Callable[P, T]:
    def said(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except SettingsRefused as error:
            raise _refused(error) from error

    return said


def _refused(error: SettingsRefused) -> Refused:
    return Refused(*(each.sentence() for each in error.problems))


_load = _in_desk_words(load_settings)


@contextmanager
def _open(folder: Path, now: datetime | None) -> Iterator[Office]:
    settings = _load(folder)
    clock = clock_of(folder, settings, now)
    with open_office(folder, settings, clock, diary=DiaryDoor(is_quiet=True)) as opened:
        yield opened.office


@contextmanager
def _scratch(folder: Path, now: datetime | None) -> Iterator[Office]:
    _in_desk_words(plain_policy)(folder)
    with scratch_office(folder, now) as office:
        yield office


def _has_state(folder: Path) -> bool:
    """Whether this is an office that has been opened before; nothing is made by asking."""
    try:
        settings = load_settings(folder)
    except SettingsRefused:
        return False
    prefix = "sqlite:///"
    if settings.database.startswith(prefix):
        return (settings.state_folder / settings.database.removeprefix(prefix)).is_file()
    return True


def _rules_folder(folder: Path) -> Path:
    for each in (folder, PROGRAM_FOLDER):
        if (each / RULES).is_dir():
            return each
    raise Refused(
        f"没有找到识别规则（{folder / RULES}、{PROGRAM_FOLDER / RULES}）：请用 --office 指定办公文件夹"
    )


def _make_office(folder: Path) -> Sequence[str]:
    folder.mkdir(parents=True, exist_ok=True)
    made = make_office(folder, PROGRAM_FOLDER)
    key = _load(folder).code_key_path
    if not key.exists():
        code_key(key)
        made.append(f"{key.relative_to(folder).as_posix()}（编号密钥，请备份）")
    return made


def _feel_pulse(folder: Path) -> tuple[bool, str]:
    pulse = feel(folder, datetime.now(UTC))
    return pulse.is_alive, pulse.say


def _rebuild(folder: Path, to: str) -> Rebuilt:
    """The office's ledger anew; whether the archive has what it names is told as well."""
    settings = _load(folder)
    if not _has_state(folder):
        raise Refused("这个办公文件夹还没有数据库，没有可以重建的台账")
    rebuilt = rebuild(settings.database, to, settings.state_folder)
    archive = ArchiveDoor(settings.archive_folder, settings.state_folder / SEALED)
    return replace(rebuilt, lost=tuple(each for each in rebuilt.blobs if not archive.has(each)))


def _form_fields(data: bytes) -> Sequence[FormField]:
    try:
        return questions(data)
    except BadPackage as error:
        raise Refused(f"空白表{error.say}") from error


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise OSError(errno.EFBIG, f"文件超过 {FILE_BYTES_MAX // 1_000_000} MB", str(path))
    return data


def _write_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@dataclass(frozen=True, slots=True)
class _Account:
    """One mail account, to be tried."""

    name: str
    smtp: SmtpAccount
    imap: ImapAccount | None

    def try_sending(self) -> str:
        return world.smtp_words(self.smtp)

    def try_reading(self) -> str:
        return world.imap_words(self.imap) if self.imap else "这个帐号只发信，不收信"


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The machine and one office folder, as doctor asks about them."""

    folder: Path

    def python(self) -> str:
        return world.python_words()

    def sqlite(self) -> str:
        return world.sqlite_words()

    def libmagic(self) -> str:
        return world.libmagic_words()

    def clock(self) -> str:
        return world.clock_words(self.folder / "state")

    def policy(self) -> Policy:
        settings = self._settings()
        return settings.policy(plain_policy(self.folder).calendar, b"")

    def disk(self) -> str:
        settings = self._settings()
        return world.disk_words((settings.state_folder, settings.archive_folder, settings.exchange_folder))

    def rights(self) -> str:
        settings = self._settings()
        writable = (settings.state_folder, settings.archive_folder, settings.exchange_folder)
        readable = tuple(self.folder / each for each in ("config", "templates", RULES))
        return world.rights_words(writable, readable, settings.code_key_path)

    def secrets(self) -> str:
        problems = self._settings().secret_problems()
        if problems:
            raise Refused(*(each.sentence() for each in problems))
        return "每个帐号都有密码（授权码）"

    def database(self) -> str:
        settings = self._settings()
        if not _has_state(self.folder):
            return "还没有数据库，第一次使用时建立"
        open_ledger(settings.database, settings.state_folder, owner=owner_of(self.folder)).close()
        return "数据库可用"

    def accounts(self) -> Sequence[Account]:
        settings = self._settings()
        readers = {each.name: each for each in imap_accounts(settings)}
        return [_Account(each.name, each, readers.get(each.name)) for each in smtp_accounts(settings)]

    def is_rehearsed(self) -> bool:
        return (self.folder / "state" / "clock.json").exists()

    def _settings(self) -> Settings:
        return _load(self.folder)
