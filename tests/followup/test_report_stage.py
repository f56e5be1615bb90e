"""汇总 — what Report writes into 交换/, when, and only what is new; on the real ledger."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from service.doors.archive import ArchiveDoor
from service.doors.folder import ExchangeDoor
from service.doors.ledger import LedgerDoor
from service.doors.workbook import WorkbookDoor
from service.followup.report import Report
from service.office.change import AddFiling, Change, PutDocket, Record
from service.office.docket import DocketState
from service.office.filing import FiledDoc, Filing
from service.office.letter import Kind, Stage
from service.office.needs.exchange import HandedIn, Lying
from service.office.outcome import DoorError
from service.office.reading import Advance
from service.office.record import to_bytes
from tests.doors.ledger_samples import CAMPAIGN, DUE, NOW, arrival, opening, sha
from tests.followup.sample_board import CAMPAIGN as FACTS

UNIT = "第1单位"
TITLE = "质量月活动"
LATER = NOW + timedelta(minutes=2)


@dataclass
class Shelf:
    """An archive in memory."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        return self.put(b"".join(pieces))

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.blobs[sha256] = data
        return sha256

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.blobs:
            raise DoorError(f"档案中没有 {sha256}", again=False)
        return self.blobs[sha256]

    def has(self, sha256: str) -> bool:
        return sha256 in self.blobs

    def check(self, sha256: str) -> bool:
        return self.has(sha256)

    def all(self) -> Iterator[str]:
        return iter(self.blobs)

    def set_apart(self, sha256: str) -> None:
        raise AssertionError("report sets nothing apart")

    def drop(self, sha256: str) -> None:
        raise AssertionError("report drops nothing")

    def all_apart(self) -> Iterator[str]:
        return iter(())


@dataclass
class Tray:
    """An exchange folder in memory; `locked` paths are open in somebody's Excel."""

    files: dict[str, bytes] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)

    def put(self, path: str, data: bytes) -> None:
        if path in self.locked:
            raise DoorError(f"{path} 正被打开，请关闭后再试", again=True)
        self.files[path] = data
        self.written.append(path)

    def look(self, path: str) -> Lying:
        stamp = hashlib.sha256(self.files[path]).hexdigest() if path in self.files else ""
        return Lying(stamp, path in self.locked)

    def saved(self, path: str) -> bytes | None:
        return self.files.get(path)

    def put_over(self, path: str, data: bytes, seen: str) -> str | None:
        if path in self.locked:
            return None
        assert self.look(path).stamp == seen, f"{path} would be written over unseen"
        self.put(path, data)
        return self.look(path).stamp

    def siblings(self, path: str) -> Sequence[str]:
        stem = path.removesuffix(".xlsx")
        return sorted(
            each for each in self.files if re.fullmatch(rf"{stem} \d{{4}}-\d\d-\d\d \d{{4}}\.xlsx", each)
        )

    def set_aside(self, path: str, name: str) -> None:
        self.files[f"{path.rpartition('/')[0]}/{name}"] = self.files.pop(path)

    def put_folder(self, path: str, files: Mapping[str, bytes]) -> str:
        for name in [each for each in self.files if each.startswith(f"{path}/")]:
            del self.files[name]
        self.files |= {f"{path}/{name}": data for name, data in files.items()}
        self.written.append(path)
        return path

    def take_away(self, path: str) -> None:
        self.files.pop(path, None)

    def keep_only(self, folder: str, names: Collection[str], mark: str) -> None:
        raise AssertionError("report clears no folder this way")

    def handed_in(self) -> Sequence[HandedIn]:
        return ()

    def taken(self, ticket: str) -> None:
        raise AssertionError("report takes nothing")

    def refuse(self, ticket: str, why: str) -> None:
        raise AssertionError("report refuses nothing")


@dataclass
class Bench:
    """A released campaign and a report on it."""

    ledger: LedgerDoor
    shelf: Shelf
    tray: Tray
    report: Report

    def do(self, *changes: Change) -> None:
        assert self.ledger.apply(changes)

    def sheet(self, path: str, name: str) -> list[list[object]]:
        book = openpyxl.load_workbook(io.BytesIO(self.tray.files[path]))
        return [[cell.value for cell in row] for row in book[name].iter_rows()]

    def move(self, state: DocketState) -> None:
        docket = self.ledger.docket(CAMPAIGN, UNIT, "summary")
        assert docket is not None
        self.do(PutDocket(replace(docket, state=state)), Record("docket-moved", NOW, "系统", CAMPAIGN, UNIT))

    def letter(
        self, number: int, stage: Stage, campaign: str | None = CAMPAIGN, unit: str | None = UNIT
    ) -> int:
        """A letter that has come to a stage; its raw bytes lie on the shelf."""
        raw = self.shelf.put(f"raw {number}".encode())
        cursor = self.ledger.hold_mailbox("office", "INBOX", "tests")
        assert cursor is not None
        self.do(arrival(number, cursor.epoch, raw_sha256=raw))
        found = self.ledger.letter_by_identity(sha(f"identity {number}"))
        assert found is not None
        self.do(Advance(found.id, Stage.RECEIVED, stage, NOW, Kind.PERSON, campaign, unit))
        return found.id

    def filing(self, letter: int, version: int, *names: str) -> None:
        docs = tuple(
            FiledDoc(self.shelf.put(f"{version} {i}".encode()), name) for i, name in enumerate(names)
        )
        filing = Filing(CAMPAIGN, UNIT, "summary", 1, version, letter, f"{version}", docs, True, NOW, NOW)
        self.do(AddFiling(filing), Record("filed", NOW, "系统", CAMPAIGN, UNIT, "summary", letter))


@pytest.fixture
def bench(ledger: LedgerDoor) -> Bench:
    shelf, tray = Shelf(), Tray()
    bench = Bench(ledger, shelf, tray, Report(ledger, shelf, tray, WorkbookDoor()))
    bench.do(released(shelf, CAMPAIGN))
    bench.move(DocketState.AWAITED)
    return bench


def released(shelf: Shelf, key: str, title: str = TITLE, codes: str = "AAAA") -> Change:
    facts = shelf.put(to_bytes(replace(FACTS, key=key, title=title)))
    return replace(opening(2, campaign=key, codes=codes), facts_sha256=facts, title=title)


def test_the_workbooks_are_written_once_and_again_only_after_a_change(bench: Bench) -> None:
    assert bench.report.waiting(NOW) == [CAMPAIGN]
    assert bench.report.handle(CAMPAIGN, NOW) is False
    assert {"台账/台账.xlsx", f"台账/{CAMPAIGN}/台账.xlsx", "待人工.xlsx"} <= set(bench.tray.files)
    assert list(bench.report.waiting(LATER)) == []
    bench.move(DocketState.EXEMPT)
    assert list(bench.report.waiting(NOW + timedelta(seconds=59))) == []
    assert bench.report.waiting(LATER) == [CAMPAIGN]


def test_a_new_letter_nobody_looked_at_makes_the_board_old(bench: Bench) -> None:
    bench.report.handle(CAMPAIGN, NOW)
    bench.letter(1, Stage.REVIEW, None, None)
    assert bench.report.waiting(LATER) == [CAMPAIGN]
    bench.report.handle(CAMPAIGN, LATER)
    assert "还有 1 封来信没有归属到单位" in str(bench.sheet("台账/台账.xlsx", "未报")[2][0])


@pytest.mark.parametrize("then", [NOW + timedelta(days=1), DUE])
def test_time_alone_makes_the_board_old(bench: Bench, then: datetime) -> None:
    bench.report.handle(CAMPAIGN, then - timedelta(hours=20))
    assert bench.report.waiting(then) == [CAMPAIGN]


def test_the_missing_unit_stands_in_the_workbook(bench: Bench) -> None:
    bench.report.handle(CAMPAIGN, DUE + timedelta(hours=9))
    rows = bench.sheet("台账/台账.xlsx", "未报")
    assert [row[1] for row in rows[4:]] == [UNIT]
    assert rows[4][5] == "逾期 1 天"


def test_several_campaigns_have_a_folder_each_and_a_sum_on_top(bench: Bench) -> None:
    bench.do(released(bench.shelf, "other", "另一项活动", "BBBB"))
    assert sorted(bench.report.waiting(NOW)) == ["other", CAMPAIGN]
    bench.report.handle(CAMPAIGN, NOW)
    bench.report.handle("other", NOW)
    assert {f"台账/{CAMPAIGN}/台账.xlsx", "台账/other/台账.xlsx"} <= set(bench.tray.files)
    names = [str(row[0]) for row in bench.sheet("台账/台账.xlsx", "总览")]
    assert {"质量月活动·活动总结", "另一项活动·活动总结"} <= set(names)
    assert "另一项活动·活动总结" not in [row[0] for row in bench.sheet(f"台账/{CAMPAIGN}/台账.xlsx", "总览")]


def text(bench: Bench, path: str = "台账/今日情况.txt") -> str:
    return bench.tray.files[path].decode("utf-8-sig").replace("\r\n", "\n")


def test_the_text_for_leaders_is_one_screen_by_group_and_adds_up(bench: Bench) -> None:
    bench.report.handle(CAMPAIGN, DUE + timedelta(hours=9))
    said = text(bench)
    assert said == text(bench, f"台账/{CAMPAIGN}/今日情况.txt")
    assert "应报 2 家，报齐 0 家，未报 1 家，未发出 1 家。" in said
    assert f"  未报：{UNIT}（逾期 1 天）。" in said
    assert len(said.splitlines()) < 25 and "封来信没有归属" not in said
    bench.move(DocketState.RETURNED)
    bench.report.handle(CAMPAIGN, DUE + timedelta(hours=10))
    assert "报齐 1 家，未报 0 家" in text(bench) and f"未报：{UNIT}" not in text(bench)


def test_nobody_is_named_to_leaders_before_the_letters_of_nobody_are_told(bench: Bench) -> None:
    bench.letter(1, Stage.REVIEW, None, None)
    bench.report.handle(CAMPAIGN, DUE + timedelta(hours=9))
    said = text(bench)
    assert 0 < said.index("还有 1 封来信没有归属到单位，名单可能因此变动") < said.index(f"未报：{UNIT}")


def test_the_text_of_several_campaigns_has_a_part_for_each(bench: Bench) -> None:
    bench.do(released(bench.shelf, "other", "另一项活动", "BBBB"))
    bench.report.handle(CAMPAIGN, NOW)
    bench.report.handle("other", NOW)
    assert f"2. {TITLE}\n" in text(bench) and "1. 另一项活动\n" in text(bench)
    assert "另一项活动" not in text(bench, f"台账/{CAMPAIGN}/今日情况.txt")


def test_each_version_has_its_folder_and_is_written_once(bench: Bench) -> None:
    letter = bench.letter(1, Stage.FILED)
    bench.filing(letter, 1, "总结.docx", "图片.jpg")
    bench.report.handle(CAMPAIGN, NOW)
    folder = f"归档/{TITLE}/活动总结/{UNIT}"
    assert bench.tray.files[f"{folder}/第1件-第1版/图片.jpg"] == b"1 1"
    bench.tray.written.clear()
    bench.filing(letter, 2, "总结.docx")
    bench.report.handle(CAMPAIGN, LATER)
    assert [path for path in bench.tray.written if path.startswith("归档")] == [f"{folder}/第1件-第2版"]


def test_two_files_of_one_name_are_both_kept(bench: Bench) -> None:
    bench.filing(bench.letter(1, Stage.FILED), 1, "图片.jpg", "图片.jpg")
    bench.report.handle(CAMPAIGN, NOW)
    folder = f"归档/{TITLE}/活动总结/{UNIT}/第1件-第1版"
    assert bench.tray.files[f"{folder}/图片.jpg"] == b"1 0"
    assert bench.tray.files[f"{folder}/图片（2）.jpg"] == b"1 1"


def test_a_filing_without_files_says_what_came(bench: Bench) -> None:
    bench.filing(bench.letter(1, Stage.FILED), 1)
    bench.report.handle(CAMPAIGN, NOW)
    note = bench.tray.files[f"归档/{TITLE}/活动总结/{UNIT}/第1件-第1版/说明.txt"].decode("utf-8-sig")
    assert "没有文件：报送情况由工作人员登记" in note and "2024年8月20日" in note


def test_every_mail_is_kept_as_it_came_but_the_classified_and_the_unjudged(bench: Bench) -> None:
    bench.letter(1, Stage.ACKNOWLEDGED)
    bench.letter(2, Stage.REFUSED)
    bench.letter(3, Stage.IGNORED, None, None)
    bench.letter(4, Stage.MATCHED)
    dealt_with = bench.letter(5, Stage.NOTED)
    bench.do(Record("checked-refuse", NOW, "系统", CAMPAIGN, UNIT, letter=dealt_with))
    bench.report.handle(CAMPAIGN, NOW)
    mails = {path: data for path, data in bench.tray.files.items() if path.endswith(".eml")}
    assert sorted(mails.values()) == [b"raw 1", b"raw 3"]
    assert [path for path in mails if path.startswith(f"归档/{TITLE}/来信/2024-08-20 0901 来信")]
    assert [path for path in mails if path.startswith("归档/其他来信/2024-08/")]


def test_a_letter_of_nobody_leaves_its_folder_once_it_is_assigned(bench: Bench) -> None:
    letter = bench.letter(1, Stage.REVIEW, None, None)
    bench.report.handle(CAMPAIGN, NOW)
    assert [path for path in bench.tray.files if path.startswith("归档/未归属来信/")]
    bench.do(Advance(letter, Stage.REVIEW, Stage.FILED, NOW, None, CAMPAIGN, UNIT))
    bench.report.handle(CAMPAIGN, LATER)
    assert not [path for path in bench.tray.files if path.startswith("归档/未归属来信/")]
    assert [path for path in bench.tray.files if path.startswith(f"归档/{TITLE}/来信/")]


def test_a_workbook_open_in_excel_has_a_dated_sibling_until_it_is_closed(bench: Bench) -> None:
    bench.report.handle(CAMPAIGN, NOW)
    before = bench.tray.files["台账/台账.xlsx"]
    bench.tray.locked = {"台账/台账.xlsx"}
    bench.filing(bench.letter(1, Stage.FILED), 1, "总结.docx")
    bench.move(DocketState.RETURNED)
    bench.report.handle(CAMPAIGN, LATER)
    assert f"归档/{TITLE}/活动总结/{UNIT}/第1件-第1版/总结.docx" in bench.tray.files
    beside = [path for path in bench.tray.files if path.startswith("台账/台账 ")]
    assert beside == [f"台账/台账 {LATER.astimezone(UTC):%Y-%m-%d %H%M}.xlsx"]
    assert bench.tray.files["台账/台账.xlsx"] == before
    assert [row[1] for row in bench.sheet(beside[0], "已报")[4:]] == [UNIT]
    # Nothing new, nothing written; a newer one takes the older one's place.
    assert list(bench.report.waiting(LATER + timedelta(minutes=2))) == []
    bench.move(DocketState.EXEMPT)
    bench.report.handle(CAMPAIGN, LATER + timedelta(minutes=5))
    assert len([path for path in bench.tray.files if path.startswith("台账/台账 ")]) == 1
    # Closed: the book itself is written, and what lay beside it is gone.
    bench.tray.locked.clear()
    assert bench.report.waiting(LATER + timedelta(minutes=6)) == [CAMPAIGN]
    bench.report.handle(CAMPAIGN, LATER + timedelta(minutes=6))
    assert not [path for path in bench.tray.files if path.startswith("台账/台账 ")]
    assert "免报" in [row[2] for row in bench.sheet("台账/台账.xlsx", "登记")]


def test_a_lost_file_keeps_no_other_from_the_tree(bench: Bench) -> None:
    letter = bench.letter(1, Stage.FILED)
    bench.filing(letter, 1, "坏了.docx")
    bench.filing(letter, 2, "总结.docx")
    bench.shelf.blobs.pop(hashlib.sha256(b"1 0").hexdigest())
    with pytest.raises(DoorError, match="档案中没有"):
        bench.report.handle(CAMPAIGN, NOW)
    assert f"归档/{TITLE}/活动总结/{UNIT}/第1件-第2版/总结.docx" in bench.tray.files


def test_everything_can_be_rebuilt_from_ledger_and_archive(bench: Bench) -> None:
    bench.filing(bench.letter(1, Stage.ACKNOWLEDGED), 1, "总结.docx")
    bench.report.handle(CAMPAIGN, NOW)
    anew = Tray()
    Report(bench.ledger, bench.shelf, anew, WorkbookDoor()).handle(CAMPAIGN, NOW)
    assert anew.files == bench.tray.files


def test_reading_the_board_writes_nothing(bench: Bench) -> None:
    board = bench.report.board(CAMPAIGN, NOW)
    assert (board.title, len(board.rows), bench.tray.files) == (TITLE, 4, {})
    with pytest.raises(LookupError, match="没有已签发的活动"):
        bench.report.board("no-such", NOW)


def test_two_campaigns_of_one_title_never_share_a_folder(bench: Bench) -> None:
    bench.do(released(bench.shelf, "other", TITLE, "BBBB"))
    bench.filing(bench.letter(1, Stage.FILED), 1, "总结.docx")
    bench.report.handle(CAMPAIGN, NOW)
    assert f"归档/{TITLE} {CAMPAIGN}/活动总结/{UNIT}/第1件-第1版/总结.docx" in bench.tray.files


def test_on_a_real_folder_people_find_it_all_named_in_chinese(bench: Bench, tmp_path: Path) -> None:
    bench.filing(bench.letter(1, Stage.ACKNOWLEDGED), 1, "总结.docx")
    bench.letter(2, Stage.REVIEW, None, None)
    bench.ledger.seal(NOW)
    archive = ArchiveDoor(tmp_path / "archive")
    for blob in bench.shelf.blobs.values():
        archive.put(blob)
    exchange = tmp_path / "交换"
    Report(bench.ledger, archive, ExchangeDoor(exchange), WorkbookDoor()).handle(CAMPAIGN, NOW)
    found = {str(path.relative_to(exchange)) for path in exchange.rglob("*") if path.is_file()}
    assert {"台账/台账.xlsx", "待人工.xlsx"} < found
    assert f"归档/{TITLE}/活动总结/{UNIT}/第1件-第1版/总结.docx" in found
    assert len([name for name in found if name.endswith(".eml")]) == 2
    # Whatever a bench wrote in memory lies on the disk under the same name.
    bench.report.handle(CAMPAIGN, NOW)
    assert found == set(bench.tray.files)
