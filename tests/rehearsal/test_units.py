"""Simulated people: what they write must be read as real programs' mail is."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.table import Table

from service.doors.envelope import EnvelopeDoor
from service.rehearsal.mail_server import LOOPBACK, MailServer
from service.rehearsal.scenario import at
from service.rehearsal.units.acts import AwayNote, CannotAct, Client, Filled, Photo, Report, Write
from service.rehearsal.units.mailbox import Mailbox, PostOffice
from service.rehearsal.units.papers import NoSuchLabel, fill_form, photo, words_of
from service.rehearsal.units.person import Person, Robot, Website

OFFICE, UNIT, FRIEND = "office@gov.example", "unit@city.example", "friend@post.example"
NOON = at("2024-08-27", "12:05")
NOTICE = (
    "From: =?utf-8?B?6K6k6K+B5aSE?= <office@gov.example>\r\nTo: unit@city.example\r\n"
    "Subject: [ABCD-EFGH] =?utf-8?B?5byA5bGV5rS75Yqo55qE6YCa55+l?=\r\nMessage-ID: <n1@gov.example>\r\n"
    "Date: Tue, 20 Aug 2024 09:30:00 +0800\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n请报送作品。\r\n编号 ABCD-EFGH\r\n"
    "--x\r\nContent-Type: application/octet-stream\r\n"
    'Content-Disposition: attachment; filename="=?utf-8?B?55m76K6w6KGoLmRvY3g=?="\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\n{form}\r\n--x--\r\n"
)


def blank_form() -> bytes:
    document = Document()
    document.add_paragraph("请报送至 office＠gov.example")
    table: Table = document.add_table(rows=2, cols=4)
    for cell, text in zip(table.row_cells(0), ("作品名称*", "", "联系 电话", ""), strict=True):
        cell.text = text
    for cell, text in zip(table.row_cells(1), ("报送单位", "请填写", "", ""), strict=True):
        cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def answers(form: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in Document(io.BytesIO(form)).tables[0].rows]


@pytest.fixture
def server() -> Iterator[MailServer]:
    import base64

    with MailServer(clock=lambda: datetime(2024, 8, 27, 4, tzinfo=UTC)) as running:
        for address in (OFFICE, UNIT, FRIEND):
            running.add_account(address, "secret")
        notice = NOTICE.replace("{form}", base64.b64encode(blank_form()).decode())
        running.deliver(UNIT, notice.encode())
        yield running


def person(server: MailServer, address: str = UNIT) -> Person:
    return Person(
        "武晋阳", Mailbox(address, "secret", PostOffice(LOOPBACK, server.smtp_port, server.imap_port))
    )


def test_a_form_is_filled_beside_its_labels() -> None:
    filled = fill_form(blank_form(), (("作品名称", "甲"), ("联系电话", "0351-1"), ("报送单位", "某局")))
    assert answers(filled) == [["作品名称*", "甲", "联系 电话", "0351-1"], ["报送单位", "某局", "", ""]]


def test_a_question_that_is_not_on_the_form_cannot_be_answered() -> None:
    with pytest.raises(NoSuchLabel, match="完成日期"):
        fill_form(blank_form(), (("完成日期", "昨天"),))


def test_photographs_differ_and_are_no_logos() -> None:
    assert photo("甲.png") != photo("乙.png")
    assert len(photo("甲.png")) > 12 * 1024


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("has_raw_names", [False, True])
def test_every_program_is_read_as_meant(server: MailServer, client: Client, has_raw_names: bool) -> None:
    papers = (
        Filled((("作品名称", "认证就在身边"),), "太原市作品登记表.docx"),
        Photo("现场照片.png"),
        Report("总结镕喆.docx", "总结", (("开展情况", "办了五场。"),)),
    )
    words = "省局认证处：\n登记表见附件，请查收。\n太原市市场监督管理局 武晋阳"
    person(server).write(Write(words, client, "通知", papers, has_raw_names=has_raw_names), NOON)

    (mail,) = server.mails(OFFICE)
    kept: dict[str, bytes] = {}

    def keep(data: bytes) -> str:
        kept[hashlib.sha256(data).hexdigest()] = data
        return hashlib.sha256(data).hexdigest()

    facts = EnvelopeDoor().read(mail.raw, keep)
    assert facts.reply_text == words
    assert facts.sender is not None and facts.sender.text == UNIT
    assert facts.sender_name == "武晋阳"
    assert facts.subject.endswith("[ABCD-EFGH] 开展活动的通知")
    assert [part.name for part in facts.parts] == ["太原市作品登记表.docx", "现场照片.png", "总结镕喆.docx"]
    assert "认证就在身边" in words_of(kept[facts.parts[0].sha256])
    assert facts.in_reply_to == (() if client is Client.FOXMAIL else ("n1@gov.example",))
    assert "ABCD-EFGH" in facts.text
    assert facts.sent_at == NOON


def test_a_passed_on_notice_is_answered_to_its_first_sender(server: MailServer) -> None:
    person(server).write(Write("请你报。", Client.QQ_WEB, "通知", forward_to=FRIEND), NOON)
    friend = person(server, FRIEND)
    act = Write("报上。", Client.NETEASE, "通知", (Filled((("作品名称", "乙"),)),), to_first_sender=True)
    assert friend.write(act, NOON) == OFFICE
    (mail,) = server.mails(OFFICE)
    assert b"friend@post.example" in mail.raw


def test_who_received_nothing_cannot_answer(server: MailServer) -> None:
    with pytest.raises(CannotAct, match="请补正"):
        person(server).write(Write("补正。", answers="请补正"), NOON)


def test_a_visitor_finds_form_and_address_on_the_website(server: MailServer) -> None:
    visitor = person(server, FRIEND)
    visitor.website = Website((("登记表.docx", blank_form()),))
    act = Write("报送。", papers=(Filled((("作品名称", "丙"),)),), from_website=True, subject="报送作品")
    assert visitor.write(act, NOON) == OFFICE


def test_a_robot_answers_each_sender_once(server: MailServer) -> None:
    robot = Robot("荆娘关", person(server).mailbox, AwayNote("正在休假。"))
    assert robot.look(NOON) == 1
    assert robot.look(NOON) == 0
    (mail,) = server.mails(OFFICE)
    facts = EnvelopeDoor().read(mail.raw, lambda data: hashlib.sha256(data).hexdigest())
    assert facts.subject == "自动回复: [ABCD-EFGH] 开展活动的通知"
    assert not facts.has_plain_text and not facts.header("auto-submitted")
