"""K. Cases implied by peers' open complaints: read mail, bad later versions, full disks, hidden files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from service.desk.decide import assign
from service.office.letter import Stage
from service.office.needs.mailbox import Arrival
from service.office.outcome import DoorError
from tests.fakes import Calls
from tests.intake.counter import FILED, Counter, open_counter
from tests.intake.test_a_mailbox import AT, PASSWORD, Desk
from tests.intake.wires import with_part_head
from tests.stories.prescription import TEXT, form, mail, new_mail, summary
from tests.stories.sample_office import (
    CLERK,
    DATONG,
    DATONG_AT,
    OFFICE,
    SHANXI,
    SHUOZHOU,
    Released,
    SampleOffice,
)


@pytest.fixture
def desk(released: Released, tmp_path: Path) -> Iterator[Desk]:
    """A counter whose mailbox is a real one."""
    counter = open_counter(released, tmp_path / "office")
    with ExitStack() as stack:
        stack.callback(counter.office.stop)
        yield Desk(counter, stack)


def reply(office: SampleOffice, text: str = TEXT, words: str = "总结见附件。") -> bytes:
    """A plain return."""
    return mail(office, DATONG_AT, words, files=[summary(text)])


def test_case_83_a_letter_somebody_has_opened_is_processed_all_the_same(desk: Desk) -> None:
    server = desk.good()
    server.deliver(OFFICE, desk.letter(), AT)
    with IMAPClient("127.0.0.1", port=server.imap_port, ssl=False, timeout=5) as client:
        client.login(OFFICE, PASSWORD)
        client.select_folder("INBOX")
        client.add_flags(client.search(), [b"\\Seen", b"\\Answered"])
    assert all(each.is_seen for each in server.mails(OFFICE))
    desk.round()
    desk.assert_filed()


def of_two_cities(office: SampleOffice, *names: str, is_named: bool = True) -> bytes:
    """Both cities' summaries from somebody who collected them, with both codes."""
    other = TEXT.replace("大同", "朔州")
    files = [summary(name=names[0]), summary(other if is_named else other.partition("\n")[2], names[1])]
    words = f"两市总结一并报送：{office.code(DATONG)}、{office.code(SHUOZHOU)}"
    return new_mail(office, "jizhong@shanxi-scjg.example", "两市总结", words, files=files)


def test_case_84_one_mail_for_several_units_is_split_by_item(counter: Counter) -> None:
    office = counter.office
    counter.take(of_two_cities(office, "大同市宣传周总结.docx", "朔州市宣传周总结.docx"))
    whole, *portions = counter.letters
    assert [(each.unit, each.split_from) for each in portions] == [(DATONG, whole.id), (SHUOZHOU, whole.id)]
    assert {(each.unit, each.item) for each in counter.filings()} == {
        (DATONG, "summary"),
        (SHUOZHOU, "summary"),
    }
    assert {counter.state(), counter.state(unit=SHUOZHOU)} == {"returned"}
    assert counter.state("works") == "awaited", "only the item that came"
    assert len(counter.answers) == 2
    assert not any(DATONG in counter.answer_text(n) and SHUOZHOU in counter.answer_text(n) for n in (0, 1))


def test_case_84_what_does_not_say_whose_it_is_is_filed_under_none_by_guess(counter: Counter) -> None:
    office = counter.office
    letter = counter.take(of_two_cities(office, "大同市宣传周总结.docx", "宣传周总结.docx", is_named=False))
    counter.assert_review(letter)
    assert not counter.missing(SHUOZHOU)
    done = assign(
        office.office,
        letter.id,
        campaign=SHANXI,
        unit=DATONG,
        item="summary",
        by=CLERK,
        reason="打开附件看过",
        now=office.now,
        learn=False,
    )
    assert done.is_done and SHUOZHOU in done.say and "record" in done.say, done.say


def test_case_84_several_mails_of_one_unit_are_merged_by_item(counter: Counter) -> None:
    office = counter.office
    work = mail(office, DATONG_AT, "作品报上。", files=[form(office, DATONG, "放心服务")])
    counter.take(work)
    assert (counter.state("works"), counter.state()) == ("returned", "awaited")
    assert counter.missing(), "complete by item, not by mail"
    counter.later()
    counter.take(reply(office))
    assert (counter.state("works"), counter.state()) == ("returned", "returned")
    counter.later()
    assert len(counter.answers) == 2 and not counter.missing()


def test_case_85_a_later_worse_version_does_not_replace_the_good_one(counter: Counter) -> None:
    office = counter.office
    good = mail(office, DATONG_AT, "作品报上。", files=[form(office, DATONG, "放心服务")])
    bad = mail(office, DATONG_AT, "更正。", files=[form(office, DATONG, "放心服务", phone="", contact="")])
    counter.take(good, bad)
    first, second = counter.filings(DATONG, "works")
    assert (first.is_valid, second.is_valid, second.version) == (True, False, 2)
    assert counter.state("works") == "returned", "the good one stays in force"
    assert set(doc.sha256 for doc in second.docs) <= set(office.world.archive), "the new one is kept"


@pytest.mark.parametrize(
    ("sender", "subject", "more"),
    [
        ("zhang@datong-scjg.example", "大同市局宣传周总结（新）", "大同市市场监督管理局"),
        ("sun1980@qq.com", "补报材料", "大同市市场监督管理局认证监管科 孙一"),
        ("sun1980@qq.com", "补报材料", ""),
    ],
)
def test_case_86_a_colleagues_new_mail_with_another_subject(
    counter: Counter, sender: str, subject: str, more: str
) -> None:
    raw = new_mail(
        counter.office,
        sender,
        subject,
        f"总结见附件。\n{more}",
        files=[summary(name="总结.docx")],
        headers=[("Cc", DATONG_AT)],
    )
    letter = counter.take(raw)
    assert letter.stage in (*FILED, Stage.REVIEW)
    if letter.stage is Stage.REVIEW:
        counter.assert_review(letter)
    else:
        counter.assert_filed(letter)


class FullDisk(dict[str, bytes]):
    """An archive that cannot write, from its n-th write on, until there is room again."""

    room = 0

    def setdefault(self, key: str, default: bytes = b"") -> bytes:
        if key not in self:
            if self.room <= 0:
                raise DoorError("磁盘已满，档案写不进去", again=True)
            self.room -= 1
        return super().setdefault(key, default)


@pytest.mark.parametrize("room", range(4))
def test_case_87_a_full_disk_loses_nothing_and_the_letter_is_taken_up_again(
    counter: Counter, room: int
) -> None:
    office = counter.office
    disk = FullDisk(office.world.archive)
    disk.room = room
    office.world.archive = disk
    office.arrive(reply(office))
    for _ in range(3):
        office.work()
    assert not [each for each in counter.letters if each.stage in FILED]
    counter.assert_untouched()
    disk.room = 1_000
    # What failed too often rests a while, and is then taken up again.
    office.until("2024-08-20 12:00")
    (letter,) = counter.letters
    if letter.stage not in FILED:
        # Set aside for a person, who says: try again.
        assert any(each.kind == "搁置" for each in counter.desk())
        for each in office.ledger.stumbles():
            from service.office.change import ClearStumble

            office.ledger.apply([ClearStumble(each.stage, each.piece)])
        office.work()
    counter.assert_filed(counter.letters[0])


class Overlap(Calls):
    """At the n-th effect of one run, another run does all its work in between."""

    def __init__(self, at: int, other: Any) -> None:
        super().__init__()
        self.at, self.other = at, other

    def through(self, name: str, call: Any) -> Any:
        result = super().through(name, call)
        if self.made == self.at and self.other is not None:
            other, self.other = self.other, None
            other()
        return result


@pytest.mark.parametrize("at", [1, 2, 4, 6, 8, 10, 12, 14])
def test_case_88_two_overlapping_runs_process_once(counter: Counter, at: int) -> None:
    office = counter.office
    office.arrive(reply(office))
    other = SampleOffice(
        office.folder,
        office.ledger_url,
        office.world,
        clock=office.clock,
        workbook=office.workbook,
        staff_files=office.staff_files,
    )
    office.stop()
    office.calls = Overlap(at, other.work)
    office.start()
    office.work()
    other.work()
    counter.later()
    (letter,) = counter.letters
    counter.assert_filed(letter)
    other.stop()


def test_case_89_a_required_file_marked_inline_is_an_attachment(counter: Counter) -> None:
    raw = mail(counter.office, DATONG_AT, "总结见附件。", files=[summary(name="x.docx")])
    head = b"Content-Type: application/octet-stream; name=zongjie.docx\r\nContent-ID: <a1>\r\n"
    head += b"Content-Disposition: inline; filename=zongjie.docx"
    letter = counter.take(with_part_head(raw, "x.docx", head))
    assert counter.parts(letter)["zongjie.docx"].flags == ()
    counter.assert_filed(letter)
    assert [doc.name for doc in counter.filings()[0].docs] == ["zongjie.docx"]


@pytest.mark.parametrize("where", ["subject", "file name", "text", "document"])
def test_case_90_a_mark_of_secrecy_is_refused_and_staff_are_told(counter: Counter, where: str) -> None:
    office = counter.office
    mark = "机密★5年"
    name, data = summary()
    match where:
        case "subject":
            raw = mail(
                office, DATONG_AT, "见附件。", subject=f"{mark} [{office.code(DATONG)}]", files=[(name, data)]
            )
        case "file name":
            raw = mail(office, DATONG_AT, "见附件。", files=[(f"{mark}总结.docx", data)])
        case "text":
            raw = mail(office, DATONG_AT, f"{mark}\n专项情况见附件。", files=[(name, data)])
        case _:
            raw = mail(office, DATONG_AT, "见附件。", files=[summary(f"{mark}\n{TEXT}")])
    letter = counter.take(raw)
    assert letter.stage is Stage.REFUSED and "密" in letter.outcome
    counter.assert_untouched()
    assert not counter.missing()
    assert [each.kind for each in counter.desk() if each.ref == f"来信 {letter.id}"] == ["密级"]
    assert not any("总结" in path and "大同" in path for path in office.world.exchange), "copied nowhere"


@pytest.mark.parametrize(
    "name", ["../../etc/宣传周总结.docx", "C:\\temp\\宣传周总结.docx", "/宣传周总结.docx"]
)
def test_case_91_a_path_in_a_file_name_leads_nowhere(counter: Counter, name: str) -> None:
    from urllib.parse import quote

    raw = mail(counter.office, DATONG_AT, "总结见附件。", files=[summary(name="x.docx")])
    head = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; "
    head += f"filename*=utf-8''{quote(name.encode(), safe='')}"
    letter = counter.take(with_part_head(raw, "x.docx", head.encode()))
    counter.assert_filed(letter)
    assert [doc.name for doc in counter.filings()[0].docs] == ["宣传周总结.docx"]
    paths = [path for path in counter.office.world.exchange if "宣传周总结" in path]
    assert all(
        ".." not in path.split("/") and "\\" not in path and not path.startswith("/") for path in paths
    )


def test_case_92_a_letter_above_every_cap_is_recorded_and_alarmed(counter: Counter) -> None:
    office = counter.office
    office.world.boxes["INBOX"].append(Arrival(1, None, 200_000_000, office.now))
    office.arrive(b"")  # and the box goes on
    office.world.boxes["INBOX"][1] = replace(office.world.boxes["INBOX"][1], raw=reply(office))
    office.work()
    large, letter = counter.letters
    assert large.stage is Stage.REVIEW and large.outcome
    assert b"200000000" in counter.raw(large), "where it lies and how large it is"
    assert [each.kind for each in counter.desk() if each.ref == f"来信 {large.id}"] == ["待人工"]
    counter.assert_filed(letter)


def test_case_93_a_summary_below_the_cut_is_kept_and_looked_at(counter: Counter) -> None:
    office = counter.office
    raw = mail(office, DATONG_AT, "转报，请查收。", mark="转发：", quote="forward", below=f"\n{TEXT}")
    letter = counter.take(raw)
    assert "云冈区" in counter.facts(letter).text, "the whole text is kept"
    assert letter.stage in (*FILED, Stage.REVIEW) and not counter.missing()


def test_case_93_a_forwarded_letter_with_form_and_summary_is_read_whole(counter: Counter) -> None:
    office = counter.office
    inner = new_mail(office, "zhang@datong-scjg.example", "总结", f"省局：\n{TEXT}", files=[summary()])
    raw = mail(office, DATONG_AT, "转报，请查收。", mark="转发：", quote="none")
    head, _, _ = raw.partition(b"Content-Type: text/plain")
    raw = head + (
        b'Content-Type: multipart/mixed; boundary="fw"\r\n\r\n--fw\r\n'
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "转报，请查收。".encode() + b"\r\n--fw\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--fw--\r\n"
    )
    letter = counter.take(raw)
    assert "云冈区" in counter.facts(letter).text
    assert "宣传周活动总结.docx" in counter.parts(letter)
    assert letter.stage in (*FILED, Stage.REVIEW) and not counter.missing()
