"""交换文件夹 — whole files out and finished files in, and no way out of the folder."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.doors.clock import ManualClock
from service.doors.folder import FILES_A_ROUND, STILL_SECONDS, ExchangeDoor
from service.doors.safe_names import NAME_BYTES_MAX, readable_size, safe_name, safe_parts
from service.office.needs.exchange import Exchange, Lying
from service.office.outcome import DoorError

BOOK = "台账/台账.xlsx"


class MachineTime:
    """A machine's clock that a test moves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.now = folder.stat().st_ctime

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float = STILL_SECONDS + 60) -> None:
        self.now += seconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "交换"


@pytest.fixture
def machine(folder: Path) -> MachineTime:
    return MachineTime(folder)


@pytest.fixture
def door(folder: Path, machine: MachineTime) -> ExchangeDoor:
    return ExchangeDoor(folder, machine_now=machine)


@pytest.fixture
def lay(folder: Path) -> Callable[..., Path]:
    def lay_down(path: str, data: bytes = b"data") -> Path:
        target = folder / "收件" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return target

    return lay_down


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- out ----------------------------------------------------------------------------------------------------


def test_a_file_is_written_and_replaced_whole(door: ExchangeDoor, folder: Path) -> None:
    needed: Exchange = door
    needed.put(BOOK, b"one")
    needed.put(BOOK, b"two")
    assert (folder / BOOK).read_bytes() == b"two"
    assert tree(folder) == [BOOK]


@pytest.mark.parametrize(
    "mark", ["~$台账.xlsx", ".~台账.xlsx", ".~lock.台账.xlsx#"], ids=["excel", "wps", "libreoffice"]
)
def test_a_book_open_in_excel_is_left_alone_and_the_new_one_laid_beside(
    door: ExchangeDoor, folder: Path, mark: str
) -> None:
    door.put(BOOK, b"one")
    (folder / "台账" / mark).write_bytes(b"zhang san")
    with pytest.raises(DoorError, match=r"台账\.xlsx 正被打开.*台账\(新\)\.xlsx") as told:
        door.put(BOOK, b"two")
    assert told.value.again
    assert (folder / BOOK).read_bytes() == b"one"
    assert (folder / "台账/台账(新).xlsx").read_bytes() == b"two"
    (folder / "台账" / mark).unlink()
    door.put(BOOK, b"three")
    assert tree(folder) == [BOOK]
    assert (folder / BOOK).read_bytes() == b"three"


@pytest.mark.parametrize(
    "mark", ["~$台账.xlsx", ".~台账.xlsx", ".~lock.台账.xlsx#"], ids=["excel", "wps", "libreoffice"]
)
def test_a_book_that_staff_save_over_is_never_written_over_unseen(
    door: ExchangeDoor, folder: Path, machine: MachineTime, mark: str
) -> None:
    assert door.look(BOOK) == Lying("") and door.saved(BOOK) is None
    first = door.put_over(BOOK, b"one", "")
    assert first and door.look(BOOK).stamp == first and door.saved(BOOK) == b"one"
    # Somebody saves it, under a temporary name first, as Excel does.
    (folder / "台账/~tmp.xlsx").write_bytes(b"theirs")
    (folder / "台账/~tmp.xlsx").replace(folder / BOOK)
    with pytest.raises(DoorError, match="刚刚被人保存过") as told:
        door.put_over(BOOK, b"two", first)
    assert told.value.again and door.saved(BOOK) == b"theirs"
    seen = door.look(BOOK)
    (folder / "台账" / mark).write_bytes(b"zhang san")
    assert door.look(BOOK).is_busy and door.put_over(BOOK, b"two", seen.stamp) is None
    assert door.saved(BOOK) == b"theirs" and not (folder / "台账/台账(新).xlsx").exists()
    (folder / "台账" / mark).unlink()
    (folder / "台账/台账(新).xlsx").write_bytes(b"laid beside by an earlier edition")
    assert door.put_over(BOOK, b"two", seen.stamp) == door.look(BOOK).stamp
    assert tree(folder) == [BOOK] and door.saved(BOOK) == b"two"


def test_two_savings_within_one_tick_of_the_clock_are_two(door: ExchangeDoor, folder: Path) -> None:
    first = door.put_over(BOOK, b"one", "")
    assert first is not None
    before = (folder / BOOK).stat()
    (folder / "台账/fresh.xlsx").write_bytes(b"two")
    os.utime(folder / "台账/fresh.xlsx", ns=(before.st_atime_ns, before.st_mtime_ns))
    (folder / "台账/fresh.xlsx").replace(folder / BOOK)
    assert door.look(BOOK).stamp != first


def test_what_was_saved_a_moment_ago_is_fresh(door: ExchangeDoor, folder: Path, machine: MachineTime) -> None:
    door.put(BOOK, b"one")
    assert door.look(BOOK).is_fresh
    machine.pass_by(STILL_SECONDS + 1)
    assert not door.look(BOOK).is_fresh


def test_siblings_are_told_by_their_date_and_no_other_file_is_one(door: ExchangeDoor, folder: Path) -> None:
    for name in (
        "台账 2024-09-30 1005",
        "台账 2024-10-01 0900",
        "台账 备份",
        "冲突 2024-09-30",
        "台账 2024-09-30",
    ):
        door.put(f"台账/{name}.xlsx", b"x")
    assert door.siblings(BOOK) == ["台账/台账 2024-09-30 1005.xlsx", "台账/台账 2024-10-01 0900.xlsx"]
    assert door.siblings("台账/还没有/台账.xlsx") == []


def test_what_cannot_be_read_keeps_its_bytes_under_another_name(door: ExchangeDoor, folder: Path) -> None:
    for data in (b"one", b"two"):
        door.put(BOOK, data)
        door.set_aside(BOOK, "台账 读不出.xlsx")
    assert tree(folder) == ["台账/台账 读不出 (2).xlsx", "台账/台账 读不出.xlsx"]
    assert (folder / "台账/台账 读不出.xlsx").read_bytes() == b"one"


def test_a_word_file_marks_itself_open_by_a_shorter_name(door: ExchangeDoor, folder: Path) -> None:
    door.put("校样/关于开展质量月活动的通知.docx", b"one")
    (folder / "校样/~$开展质量月活动的通知.docx").write_bytes(b"li si")
    with pytest.raises(DoorError, match="正被打开"):
        door.put("校样/关于开展质量月活动的通知.docx", b"two")


@pytest.mark.parametrize("path", ["", "/etc/x", "../x", "a/../../x", "a//b", "./a", "a/", ".."])
def test_no_path_leads_out_of_the_folder(door: ExchangeDoor, tmp_path: Path, path: str) -> None:
    with pytest.raises(DoorError, match="不是交换文件夹里的路径"):
        door.put(path, b"x")
    with pytest.raises(DoorError, match="不是交换文件夹里的路径"):
        door.put_folder("校样/a", {path: b"x"})
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_no_link_leads_out_of_the_folder(door: ExchangeDoor, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "台账").symlink_to(outside)
    with pytest.raises(DoorError, match="交换文件夹之外"):
        door.put(BOOK, b"x")
    assert list(outside.iterdir()) == []


def test_a_folder_is_replaced_whole(door: ExchangeDoor, folder: Path) -> None:
    said = door.put_folder("校样/质量月", {"通知.docx": b"1", "第1单位/登记表.docx": b"2"})
    assert said == str((folder / "校样/质量月").resolve())
    assert tree(folder) == ["校样/质量月/第1单位/登记表.docx", "校样/质量月/通知.docx"]
    door.put_folder("校样/质量月", {"通知.docx": b"3"})
    assert tree(folder) == ["校样/质量月/通知.docx"]
    assert [path.name for path in (folder / "校样").iterdir()] == ["质量月"]


def test_a_folder_that_cannot_be_made_leaves_the_old_one(door: ExchangeDoor, folder: Path) -> None:
    door.put_folder("校样/质量月", {"通知.docx": b"1"})
    with pytest.raises(DoorError):
        door.put_folder("校样/质量月", {"通知.docx": b"2", "../x": b"3"})
    assert (folder / "校样/质量月/通知.docx").read_bytes() == b"1"
    assert [path.name for path in (folder / "校样").iterdir()] == ["质量月"]


def test_two_names_that_become_one_are_both_kept(door: ExchangeDoor, folder: Path) -> None:
    door.put_folder("归档/a", {"表?.docx": b"1", "表？.docx": b"2"})
    assert {path.read_bytes() for path in (folder / "归档/a").iterdir()} == {b"1", b"2"}


def test_a_place_that_cannot_be_written_is_said(door: ExchangeDoor, folder: Path) -> None:
    (folder / "台账").write_text("a file stands where the folder should")
    with pytest.raises(DoorError, match=r"无法读写.*权限") as refused:
        door.put(BOOK, b"x")
    assert refused.value.again


# --- in -----------------------------------------------------------------------------------------------------


def test_a_file_is_handed_in_once_it_lies_still(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    path = lay("太原市局/总结.docx", b"summary")
    machine.now = path.stat().st_ctime + STILL_SECONDS / 2
    assert door.handed_in() == []
    machine.pass_by()
    (handed,) = door.handed_in()
    assert (handed.unit, handed.name, handed.data) == ("太原市局", "总结.docx", b"summary")
    assert handed.laid_at.utcoffset() is not None
    assert abs(handed.laid_at.timestamp() - path.stat().st_ctime) < 0.001


def test_a_copied_file_counts_from_when_it_was_laid_not_from_when_it_was_written(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    path = lay("太原市局/总结.docx")
    os.utime(path, (0, 0))
    machine.now = path.stat().st_ctime + 1
    assert door.handed_in() == []
    machine.pass_by()
    (handed,) = door.handed_in()
    assert handed.laid_at.timestamp() > 0


def test_in_a_rehearsal_it_was_laid_at_office_time(
    folder: Path, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    clock = ManualClock(datetime(2024, 9, 1, 9, 0, tzinfo=UTC))
    door = ExchangeDoor(folder, clock, machine_now=machine)
    path = lay("太原市局/总结.docx")
    machine.now = path.stat().st_ctime + 60
    (handed,) = door.handed_in()
    assert abs(handed.laid_at - (clock.now() - timedelta(seconds=60))) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "name",
    ["~$总结.docx", ".~lock.总结.docx#", ".hidden", "总结.docx.tmp", "总结.docx.part", "总结.docx.crdownload",
     "总结.baiduyun.p.downloading", "Thumbs.db", "desktop.ini", ".DS_Store"],
)  # fmt: skip
def test_what_is_half_there_or_the_systems_own_is_left_alone(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path], name: str
) -> None:
    path = lay(f"太原市局/{name}")
    machine.pass_by()
    assert door.handed_in() == []
    assert path.exists()


def test_a_file_still_open_in_excel_waits(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    lay("太原市局/名单.xlsx")
    mark = lay("太原市局/~$名单.xlsx")
    machine.pass_by()
    assert door.handed_in() == []
    mark.unlink()
    assert [handed.name for handed in door.handed_in()] == ["名单.xlsx"]


def test_no_link_is_followed(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.docx"
    secret.write_bytes(b"not for the mail")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.docx").write_bytes(b"nor this")
    real = lay("太原市局/总结.docx")
    (real.parent / "link.docx").symlink_to(secret)
    (real.parent / "links").symlink_to(tmp_path / "folder")
    machine.pass_by()
    assert [handed.name for handed in door.handed_in()] == ["总结.docx"]


def test_a_file_without_a_units_folder_has_no_unit(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    lay("总结.docx")
    lay("太原市局/图片/1.jpg")
    machine.pass_by()
    assert {(handed.unit, handed.name) for handed in door.handed_in()} == {
        ("", "总结.docx"),
        ("太原市局", "1.jpg"),
    }


def test_what_is_taken_is_moved_and_not_handed_in_again(
    door: ExchangeDoor, folder: Path, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    for round_ in (b"one", b"two"):
        lay("太原市局/总结.docx", round_)
        machine.pass_by()
        (handed,) = door.handed_in()
        door.taken(handed.ticket)
        door.taken(handed.ticket)
        machine.pass_by()
        assert door.handed_in() == []
    assert tree(folder) == ["收件/已收/太原市局/总结 (2).docx", "收件/已收/太原市局/总结.docx"]


def test_a_file_changed_since_is_handed_in_again(
    door: ExchangeDoor, folder: Path, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    lay("太原市局/总结.docx", b"one")
    machine.pass_by()
    (handed,) = door.handed_in()
    lay("太原市局/总结.docx", b"longer than one")
    door.taken(handed.ticket)
    machine.pass_by()
    assert [again.data for again in door.handed_in()] == [b"longer than one"]


def test_what_is_refused_lies_beside_its_reason(
    door: ExchangeDoor, folder: Path, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    lay("没有的单位/总结.docx")
    machine.pass_by()
    (handed,) = door.handed_in()
    door.refuse(handed.ticket, "通讯录里没有“没有的单位”。")
    kept = "收件/未收/没有的单位/总结.docx"
    assert tree(folder) == [kept, f"{kept}.原因.txt"]
    assert (folder / f"{kept}.原因.txt").read_text(
        encoding="utf-8-sig"
    ).strip() == "通讯录里没有“没有的单位”。"
    machine.pass_by()
    assert door.handed_in() == []


def test_a_file_beyond_the_limit_is_refused_with_the_sizes(
    folder: Path, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    door = ExchangeDoor(folder, machine_now=machine, size_bytes_max=2048)
    lay("太原市局/视频.mp4", b"x" * 5000)
    lay("太原市局/总结.docx", b"x" * 2048)
    machine.pass_by()
    assert [handed.name for handed in door.handed_in()] == ["总结.docx"]
    why = (folder / "收件/未收/太原市局/视频.mp4.原因.txt").read_text(encoding="utf-8-sig")
    assert "4.9 KB" in why and "2.0 KB" in why


def test_each_round_takes_so_many_the_longest_lying_first(
    door: ExchangeDoor, machine: MachineTime, lay: Callable[..., Path]
) -> None:
    for number in range(FILES_A_ROUND + 3):
        lay(f"太原市局/{number:02}.docx")
    machine.pass_by()
    first = door.handed_in()
    assert [handed.name for handed in first] == [f"{number:02}.docx" for number in range(FILES_A_ROUND)]
    for handed in first:
        door.taken(handed.ticket)
    assert len(door.handed_in()) == 3


@pytest.mark.parametrize("ticket", ["", "x", "../../secret?1-1", "?1-1"])
def test_a_ticket_cannot_name_a_file_elsewhere(door: ExchangeDoor, ticket: str) -> None:
    for deed in (door.taken, lambda each: door.refuse(each, "no")):
        with pytest.raises(DoorError, match="不是收件文件夹里的文件"):
            deed(ticket)


def test_a_folder_that_is_not_there_hands_nothing_in(tmp_path: Path) -> None:
    assert ExchangeDoor(tmp_path / "nowhere").handed_in() == []


# --- names and sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("总结（第2稿）.docx", "总结（第2稿）.docx"),
        ("a/b\\c.docx", "a／b＼c.docx"),
        ('“表”:<1>?*|".docx', "“表”：＜1＞？＊｜＂.docx"),
        ("表\u202excod.exe\r\n", "表xcod.exe"),
        ("表. . ", "表"),
        ("..", "_"),
        ("", "_"),
        (".htaccess", "_.htaccess"),
        ("~$表.xlsx", "_~$表.xlsx"),
        ("CON.txt", "_CON.txt"),
        ("𠮷野.docx", "𠮷野.docx"),
        ("表\udcff.docx", "表.docx"),
    ],
)
def test_a_name_is_made_harmless_and_else_left_as_it_is(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_every_system_can_hold(name: str) -> None:
    safe = safe_name(name)
    assert safe == safe_name(safe)
    assert 0 < len(safe.encode()) <= NAME_BYTES_MAX
    assert not set(safe) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(ch) in {"Cc", "Cf", "Cs"} for ch in safe)
    assert safe not in {".", ".."} and safe == safe.strip().rstrip(".")
    assert safe_parts(safe) == (safe,)


def test_long_names_that_differ_at_the_end_stay_different() -> None:
    first, second = (safe_name("很长的名字" * 40 + f"{number}.docx") for number in (1, 2))
    assert first != second
    assert first.endswith(".docx") and first.startswith("很长的名字")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 字节"), (999, "999 字节"), (1000, "1.0 KB"), (38_900, "38 KB"), (1_572_864, "1.5 MB"),
     (50 * 1024**2, "50 MB"), (3 * 1024**3, "3.0 GB"), (5 * 1024**4, "5.0 TB")],
)  # fmt: skip
def test_sizes_are_written_as_people_write_them(size: int, words: str) -> None:
    assert readable_size(size) == words


def test_only_our_own_results_are_taken_away(tmp_path: Path) -> None:
    exchange = ExchangeDoor(tmp_path)
    for name in ("春.txt", "秋.txt"):
        exchange.put(f"检查结果/{name}", f"检查结果：{name}\r\n".encode("utf-8-sig"))
    note = tmp_path / "检查结果" / "备注.txt"
    note.write_text("检查结果 看过了", encoding="utf-8")
    exchange.keep_only("检查结果", {"秋.txt"}, "检查结果：")
    assert sorted(each.name for each in note.parent.iterdir()) == ["备注.txt", "秋.txt"]
    exchange.keep_only("还没有", set(), "检查结果：")
