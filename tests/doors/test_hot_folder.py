"""The watched folder: what settled is handed out once, what is being copied is not; also by polling."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.doors.hot_folder import HotFolderDoor
from service.doors.mounts import file_system_of, gives_events
from service.office.needs.hot_folder import Settled
from tests.daemon import wait_until
from tests.doors.word_files import word

STILL = 0.15
BROKEN_AFTER = 1.5
WAIT = 20.0


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "templates" / "letters").mkdir(parents=True)
    return tmp_path


def drop(office: Path, campaign: str, **files: bytes) -> Path:
    folder = office / "templates" / campaign
    folder.mkdir(exist_ok=True)
    for name, data in (files or {"campaign_yaml": b"title: x\n"}).items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder


def opened(office: Path, watching: str = "events") -> HotFolderDoor:
    return HotFolderDoor(
        office, watching, still_seconds=STILL, broken_after_seconds=BROKEN_AFTER, poll_seconds=0.1
    )


@contextmanager
def waiting(door: HotFolderDoor) -> Iterator[Callable[[], Settled | None]]:
    """`next` in a thread of its own; asks for its answer, None while it still waits."""
    found: list[Settled] = []
    thread = threading.Thread(target=lambda: found.append(door.next(WAIT)), daemon=True)
    thread.start()
    try:
        yield lambda: found[0] if found else None
    finally:
        door.close()
        thread.join(WAIT)
        assert not thread.is_alive()


def first(door: HotFolderDoor) -> Settled:
    """The next answer that hands something out; a folder that came or went is told of by itself."""
    while not (settled := door.next(WAIT)).ready:
        assert settled.present is not None
    return settled


def test_what_lies_there_at_the_start_is_handed_out_once(office: Path) -> None:
    drop(office, "甲")
    drop(office, "乙")
    door = opened(office)
    assert first(door) == Settled(("乙", "甲"), ("乙", "甲"))
    assert door.next(0.3) == Settled((), ("乙", "甲"))


@pytest.mark.parametrize("watching", ["events", "polling"])
def test_a_change_wakes_a_waiting_look(office: Path, watching: str) -> None:
    folder = drop(office, "甲", notice_docx=word("正文"))
    door = opened(office, watching)
    assert first(door).ready == ("甲",)
    assert door.is_polling == (watching == "polling")
    with waiting(door) as answer:
        (folder / "notice.docx").write_bytes(word("改过的正文"))
        seconds = wait_until(lambda: answer() is not None, WAIT)
        assert answer() == Settled(("甲",), ("甲",))
        assert seconds < 8


def test_a_new_folder_is_told_of_first_and_handed_out_when_still(office: Path) -> None:
    door = opened(office)
    assert door.next(0) == Settled((), ())
    drop(office, "甲")
    assert door.next(WAIT) == Settled((), ("甲",))
    assert door.next(WAIT) == Settled(("甲",), ("甲",))


def test_a_folder_that_is_gone_is_missed(office: Path) -> None:
    door = opened(office)
    folder = drop(office, "甲")
    assert first(door).ready == ("甲",)
    with waiting(door) as answer:
        shutil.rmtree(folder)
        wait_until(lambda: answer() is not None, WAIT)
        assert answer() == Settled((), ())


def test_templates_out_of_sight_say_nothing_of_what_is_gone(office: Path) -> None:
    drop(office, "甲")
    door = opened(office)
    assert first(door).ready == ("甲",)
    (office / "templates").rename(office / "elsewhere")
    assert door.next(WAIT).present is None
    (office / "elsewhere").rename(office / "templates")
    assert door.next(WAIT).present == ("甲",)


@pytest.mark.parametrize("watching", ["events", "polling"])
def test_a_half_copied_file_is_not_handed_out(office: Path, watching: str) -> None:
    whole = word("正文")
    folder = drop(office, "甲", notice_docx=whole[: len(whole) // 2])
    door = opened(office, watching)
    door.next(0)
    assert door.next(STILL * 4).ready == ()
    (folder / "notice.docx").write_bytes(whole)
    assert first(door).ready == ("甲",)


def test_a_copy_that_has_its_size_but_not_its_content_is_not_handed_out(office: Path) -> None:
    """Explorer and many shares make the file as long as it will be, and fill it afterwards."""
    whole = word("正文")
    folder = drop(office, "甲", notice_docx=whole[:5000] + bytes(len(whole) - 5000))
    door = opened(office)
    door.next(0)
    assert door.next(STILL * 4).ready == ()
    (folder / "notice.docx").write_bytes(whole)
    assert first(door).ready == ("甲",)


def test_what_never_becomes_whole_is_handed_out_as_it_is(office: Path) -> None:
    drop(office, "甲", notice_docx=b"no word file at all", empty_pdf=b"")
    door = opened(office)
    assert first(door).ready == ("甲",)


def test_locks_and_unfinished_names_are_nobodys_change(office: Path) -> None:
    folder = drop(office, "甲")
    door = opened(office)
    assert first(door).ready == ("甲",)
    for name in ("~$notice.docx", ".~lock.notice.docx#", "notice.docx.part", "~WRD0001.tmp", "Thumbs.db"):
        (folder / name).write_bytes(b"x")
    (office / "templates" / ".~copying").mkdir()
    assert door.next(STILL * 4) == Settled((), ("甲",))


@pytest.mark.parametrize("name", ["config/units.xlsx", "config/units.csv", "templates/letters/notice.txt.j2"])
def test_what_all_hang_on_changes_all(office: Path, name: str) -> None:
    drop(office, "甲")
    drop(office, "乙")
    door = opened(office)
    assert first(door).ready == ("乙", "甲")
    data = word("x") if name.endswith("xlsx") else "单位,邮箱\n".encode()
    (office / name).write_bytes(data)
    assert first(door).ready == ("乙", "甲")


def test_closing_ends_a_look_that_waits(office: Path) -> None:
    door = opened(office)
    with waiting(door) as answer:
        wait_until(lambda: answer() is None or True)
    assert door.next(WAIT).ready == ()


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:52 / /srv/share rw - cifs //server/share rw
41 22 0:53 / /srv/two\\040words rw - nfs4 server:/x rw
42 22 0:54 / /srv/vm rw master:2 - fuse.vmhgfs-fuse vmhgfs rw
43 40 0:55 / /srv/share/local rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("folder", "file_system", "has_events"),
    [
        ("/srv/office", "ext4", True),
        ("/srv/share/office", "cifs", False),
        ("/srv/shared/office", "ext4", True),
        ("/srv/two words/templates", "nfs4", False),
        ("/srv/vm/templates", "fuse.vmhgfs-fuse", False),
        ("/srv/share/local/x", "tmpfs", True),
    ],
)
def test_the_mount_tells_whether_to_poll(folder: str, file_system: str, has_events: bool) -> None:
    found = file_system_of(Path(folder), MOUNTS)
    assert (found, gives_events(found)) == (file_system, has_events)


def test_a_system_that_says_nothing_is_taken_to_give_events(tmp_path: Path) -> None:
    assert file_system_of(tmp_path, "") == ""
    assert gives_events("")
