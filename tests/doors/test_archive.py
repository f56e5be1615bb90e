"""档案 — bytes in, their sha256 back, there after a crash, never overwritten, never handed out damaged."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.doors.archive import ArchiveDoor
from service.office.needs.archive import Archive
from service.office.outcome import DoorError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def archive(tmp_path: Path) -> ArchiveDoor:
    return ArchiveDoor(tmp_path / "档案")


def place_of(tmp_path: Path, sha256: str) -> Path:
    return tmp_path / "档案" / sha256[:2] / sha256


def damage(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=3000))
def test_what_was_put_comes_back(archive: ArchiveDoor, data: bytes) -> None:
    needed: Archive = archive
    sha256 = needed.put(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert needed.get(sha256) == data
    assert needed.has(sha256) and needed.check(sha256)
    assert sha256 in set(needed.all())


def test_the_bytes_lie_under_their_own_hash_read_only(archive: ArchiveDoor, tmp_path: Path) -> None:
    path = place_of(tmp_path, archive.put(b"letter"))
    assert path.read_bytes() == b"letter"
    assert not path.stat().st_mode & 0o222
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_same_bytes_again_are_not_written_again(archive: ArchiveDoor, tmp_path: Path) -> None:
    sha256 = archive.put(b"letter")
    before = place_of(tmp_path, sha256).stat()
    assert archive.put(b"letter") == sha256
    after = place_of(tmp_path, sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_an_empty_archive_holds_nothing(archive: ArchiveDoor) -> None:
    assert list(archive.all()) == []
    assert not archive.has("0" * 64)
    assert not archive.check("0" * 64)


def test_all_is_in_order_and_passes_over_what_is_unfinished(archive: ArchiveDoor, tmp_path: Path) -> None:
    stored = [archive.put(f"letter {number}".encode()) for number in range(30)]
    shelf = place_of(tmp_path, stored[0]).parent
    (shelf / ".part-0123").write_bytes(b"half a let")
    (tmp_path / "档案" / "README").write_text("stray")
    assert list(archive.all()) == sorted(stored)


def test_missing_bytes_are_said_in_a_sentence(archive: ArchiveDoor) -> None:
    with pytest.raises(DoorError, match=r"存档中没有文件.*从备份恢复") as missing:
        archive.get("0" * 64)
    assert not missing.value.again


def test_damaged_bytes_are_never_handed_out(archive: ArchiveDoor, tmp_path: Path) -> None:
    sha256 = archive.put(b"letter")
    damage(place_of(tmp_path, sha256), b"lettex")
    assert not archive.check(sha256)
    with pytest.raises(DoorError, match="内容已损坏"):
        archive.get(sha256)


def test_a_torn_file_is_put_right_when_its_bytes_come_again(archive: ArchiveDoor, tmp_path: Path) -> None:
    sha256 = archive.put(b"letter")
    damage(place_of(tmp_path, sha256), b"let")
    assert archive.put(b"letter") == sha256
    assert archive.get(sha256) == b"letter"


@pytest.mark.parametrize(
    "text", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "/x", "0" * 64 + "\n"]
)
def test_what_is_no_hash_never_becomes_a_path(archive: ArchiveDoor, text: str) -> None:
    for question in (archive.get, archive.has, archive.check):
        with pytest.raises(DoorError, match="不是一个 SHA-256 值"):
            question(text)


def test_a_place_that_cannot_be_written_is_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "档案").write_text("a file stands where the folder should")
    with pytest.raises(DoorError, match=r"无法写入存档.*权限") as refused:
        ArchiveDoor(tmp_path / "档案").put(b"letter")
    assert refused.value.again


def test_many_threads_may_put_the_same_bytes(archive: ArchiveDoor) -> None:
    with ThreadPoolExecutor(8) as threads:
        stored = set(threads.map(archive.put, [b"one letter"] * 40))
    assert list(archive.all()) == list(stored)


def test_everything_is_synced_before_its_hash_is_told(tmp_path: Path) -> None:
    """The order on the disk: the file's bytes, then its name, then the folder that holds the name."""
    code = (
        "import os, sys; from pathlib import Path; from service.doors.archive import ArchiveDoor\n"
        "def told(name, call):\n"
        "    def wrapped(*a, **k):\n"
        "        where = os.readlink(f'/proc/self/fd/{a[0]}') if name == 'fsync' else str(a[1])\n"
        "        print(name, '文件夹' if os.path.isdir(where) else '文件', flush=True)\n"
        "        return call(*a, **k)\n"
        "    return wrapped\n"
        "os.fsync = told('fsync', os.fsync); os.replace = told('replace', os.replace)\n"
        "ArchiveDoor(Path(sys.argv[1]) / 'archive').put(b'letter')"
    )
    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not tell which file a descriptor names")
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        check=True,
    )
    steps = done.stdout.split("\n")[:-1]
    assert steps[-3:] == ["fsync 文件", "replace 文件", "fsync 文件夹"]
    assert steps[:-3] == ["fsync 文件夹", "fsync 文件夹"]  # the new shelf's name, and the archive's own


def test_what_a_crash_left_half_written_is_swept_once_it_is_old(archive: ArchiveDoor, tmp_path: Path) -> None:
    sha256 = archive.put(b"letter")
    half = place_of(tmp_path, sha256).with_name(".part-0123")
    half.write_bytes(b"let")
    written = half.stat().st_mtime
    assert archive.sweep_unfinished(written - 1) == 0
    assert archive.sweep_unfinished(written + 1) == 1
    assert list(archive.all()) == [sha256]
    assert not half.exists()


def test_what_is_set_apart_is_found_and_checked_but_no_longer_listed(
    archive: ArchiveDoor, tmp_path: Path
) -> None:
    secret, other = archive.put(b"secret"), archive.put(b"other")
    archive.set_apart(secret)
    archive.set_apart(secret)
    apart = tmp_path / "sealed"
    assert (list(archive.all()), list(archive.all_apart())) == ([other], [secret])
    assert archive.get(secret) == b"secret" and archive.has(secret) and archive.check(secret)
    assert not place_of(tmp_path, secret).exists() and (apart / secret).read_bytes() == b"secret"
    assert apart.stat().st_mode & 0o777 == 0o700
    damage(apart / secret, b"another")
    assert not archive.check(secret)
    with pytest.raises(DoorError, match="已损坏"):
        archive.get(secret)


def test_a_folder_that_stood_open_is_closed(archive: ArchiveDoor, tmp_path: Path) -> None:
    (tmp_path / "sealed").mkdir(mode=0o755)
    archive.set_apart(archive.put(b"secret"))
    assert (tmp_path / "sealed").stat().st_mode & 0o777 == 0o700


def test_what_is_dropped_is_gone_from_both_places_and_may_come_again(
    archive: ArchiveDoor, tmp_path: Path
) -> None:
    plain, secret = archive.put(b"plain"), archive.put(b"secret")
    archive.set_apart(secret)
    archive.put(b"secret")
    for each in (plain, secret, secret):
        archive.drop(each)
    assert not archive.has(plain) and not archive.has(secret)
    assert not list((tmp_path / "sealed").iterdir())
    assert archive.put(b"plain") == plain and archive.get(plain) == b"plain"


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_nothing_but_a_hash_is_set_apart_or_dropped(archive: ArchiveDoor, wrong: str) -> None:
    for step in (archive.set_apart, archive.drop):
        with pytest.raises(DoorError, match="SHA-256"):
            step(wrong)
