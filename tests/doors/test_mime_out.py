"""Outgoing letters: names and codes that every client reads, headers that cannot be forged."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.doors.envelope import EnvelopeDoor
from service.doors.envelope.html import to_text
from service.doors.letter_html import html_of
from service.doors.mime_out import build_mime, size_of
from service.office.letter import LetterFacts
from service.office.mail import OutgoingMail

BEIJING = timezone(timedelta(hours=8))
NAME = "2024年全国“质量月”活动优秀作品登记表（市级单位填报）.docx"
MAIL = OutgoingMail(
    sender="zhiliang@bureau.example",
    sender_name="省市场监管局质量处",
    rcpt="lianluo@unit.example",
    subject="A2CD-3EFG 关于报送2024年全国“质量月”活动开展情况的通知（请于9月28日前回复）",
    text="太原市市场监督管理局：\n\n请直接回复本邮件。\n",
    message_id="<hz.0123456789abcdef@bureau.example>",
    date=datetime(2024, 8, 20, 9, 30, tzinfo=BEIJING),
    attachments=(
        (NAME, b"PK\x03\x04form", "application/vnd.openxmlformats"),
        ("poster.pdf", b"%PDF-1.4", "application/pdf"),
    ),
    extra_headers=(("X-Huizhi-Dispatch", "17"),),
)


NOTICE = """太原市市场监督管理局：

一、请报送的材料和时间
1. 服务认证作品（自愿报送）
   时间：2024年8月28日（星期三）24:00前（含当日）

   形式：电子版，可报多件，每件单独一份

2. 工作总结 <500字>（须报送）
   时间：2024年10月15日（星期二）24:00前（含当日）

二、怎样报送
直接回复本邮件。请保留编号 ABCD-2345 & 附件。

作品名称：
————————
认证监管处
"""


def facts_of(raw: bytes) -> LetterFacts:
    return EnvelopeDoor().read(raw, lambda data: hashlib.sha256(data).hexdigest())


def test_our_own_door_and_the_standard_library_read_it_alike() -> None:
    raw = build_mime(MAIL)
    facts = facts_of(raw)
    standard = email.message_from_bytes(raw, policy=email.policy.default)
    names = [part.get_filename() for part in standard.iter_attachments()]
    assert names == [part.name_as_sent for part in facts.parts] == [NAME, "poster.pdf"]
    assert facts.subject == str(standard["Subject"]) == MAIL.subject
    assert facts.sender_name == "省市场监管局质量处"
    assert facts.text.startswith("太原市市场监督管理局：")
    assert facts.sent_at == MAIL.date
    assert facts.header("x-huizhi-dispatch") == "17"
    assert facts.header("auto-submitted") == "auto-generated"
    assert facts.header("x-auto-response-suppress") == "All"


def test_file_name_is_one_unsplit_word_in_both_places() -> None:
    raw = build_mime(MAIL)
    words = re.findall(rb'\b(?:file)?name="(=\?UTF-8\?B\?[A-Za-z0-9+/=]+\?=)"', raw)
    assert len(words) == 2 and words[0] == words[1]
    assert b"filename*=UTF-8''2024%E5%B9%B4" in raw
    assert b"filename*0" not in raw


def test_code_stands_first_outside_any_encoded_word() -> None:
    assert re.search(rb"^Subject: A2CD-3EFG =\?UTF-8\?B\?", build_mime(MAIL), re.MULTILINE)


@pytest.mark.parametrize(
    "subject", ["关于报送的通知", "A2CD-3EFG关于", "A2CD-3EFG plain", "A2CD-3EFG =?utf-8?b?x?= 混"]
)
def test_subjects_come_back_as_written(subject: str) -> None:
    read = facts_of(build_mime(replace(MAIL, subject=subject))).subject
    assert read.replace(" ", "") == subject.replace(" ", "")


def test_same_letter_same_bytes_and_every_line_is_short_and_crlf() -> None:
    long_name = "很长的名字" * 60 + ".docx"
    mail = replace(
        MAIL, attachments=((long_name, b"x" * 5000, "application/pdf"),), references=("<a@b.example>",) * 3
    )
    raw = build_mime(mail)
    assert raw == build_mime(mail)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert facts_of(raw).parts[0].name.endswith(".docx")


def test_no_value_can_add_a_header() -> None:
    mail = replace(
        MAIL,
        subject="A2CD-3EFG x\r\nBcc: all@unit.example",
        sender_name='局"\r\nX-Evil: 1',
        extra_headers=(("X-Huizhi-Dispatch", "1\r\nX-Evil: 2"),),
        attachments=(("a\r\nX-Evil: 3.txt", b"", "text/plain\r\nX-Evil: 4"),),
    )
    raw = build_mime(mail)
    assert not re.search(rb"^(?:X-Evil|Bcc):", raw, re.MULTILINE)


def test_ids_are_bracketed_once_and_foreign_nonsense_is_left_out() -> None:
    mail = replace(
        MAIL, in_reply_to="tencent_AB12@qq.com", references=("<one@a.example>", "two@a.example", "坏 的")
    )
    facts = facts_of(build_mime(mail))
    assert facts.in_reply_to == ("tencent_AB12@qq.com",)
    assert facts.references == ("one@a.example", "two@a.example")


@given(
    subject=st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=160),
    name=st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")), max_size=60),
)
def test_lines_with_encoded_words_have_at_most_76_columns_and_cut_no_character(
    subject: str, name: str
) -> None:
    mail = replace(MAIL, subject=f"[ABCD-2345] {subject}", sender_name=name, attachments=())
    head = build_mime(mail).partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        assert len(line) <= 76 or b"=?" not in line
    for word in re.findall(rb"=\?UTF-8\?B\?([^?]*)\?=", head):
        base64.b64decode(word).decode("utf-8")  # raises where a character was cut
    standard = email.message_from_bytes(build_mime(mail), policy=email.policy.default)
    wanted = " ".join(mail.subject.split())
    assert facts_of(build_mime(mail)).subject == " ".join(str(standard["Subject"]).split()) == wanted


def test_the_html_beside_the_text_says_the_same_and_fetches_nothing() -> None:
    raw = build_mime(replace(MAIL, text=NOTICE))
    standard = email.message_from_bytes(raw, policy=email.policy.default)
    assert standard.get_content_type() == "multipart/mixed"
    words = next(standard.iter_parts())
    assert words.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content() for part in words.iter_parts())
    assert "".join(to_text(html).split()) == "".join(plain.split()) == "".join(NOTICE.split())
    assert not re.search(r"https?:|src=|url\(|<(?:img|link|script|style|form|input)", html)
    # What is asked stands in a table: number, what, until when.
    assert html.count("<tr>") == 2
    assert "时间：<b>2024年8月28日（星期三）24:00前（含当日）</b>" in html


@given(st.text(max_size=400))
def test_whatever_the_text_is_its_html_has_the_same_characters(text: str) -> None:
    html = html_of(text)
    without = re.sub(r"<[^<>]*>", "", html.partition("<body")[2].partition(">")[2])
    assert "".join(unescape(without).split()) == "".join(text.split())


def test_staffs_own_html_goes_out_as_it_is() -> None:
    raw = build_mime(replace(MAIL, html="<p>太原市市场监督管理局：请直接回复</p>"))
    assert (
        "<p>太原市市场监督管理局：请直接回复</p>"
        in str(email.message_from_bytes(raw, policy=email.policy.default).get_body(("html",)))
        or b"PHA+" in raw
    )


@pytest.mark.parametrize("attachments", [(), MAIL.attachments, (("空.txt", b"", "text/plain"),)])
@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 150_000])
def test_the_size_is_known_before_anything_is_encoded(
    attachments: tuple[tuple[str, bytes, str], ...], size: int
) -> None:
    mail = replace(MAIL, attachments=(*attachments, ("大.bin", b"x" * size, "application/x")))
    assert size_of(mail) == len(build_mime(mail))


def test_answers_are_asked_for_where_they_are_read() -> None:
    elsewhere = email.message_from_bytes(
        build_mime(replace(MAIL, reply_to="shoujian@bureau.example")), policy=email.policy.default
    )
    assert "shoujian@bureau.example" in str(elsewhere["Reply-To"])
    for same in ("", MAIL.sender, MAIL.sender.upper()):
        assert b"Reply-To" not in build_mime(replace(MAIL, reply_to=same))


@pytest.mark.parametrize("rcpt", ["", "无地址", "a b@unit.example", "张三@unit.example", "a@b@unit.example"])
def test_what_is_no_address_is_refused(rcpt: str) -> None:
    with pytest.raises(ValueError, match="邮箱地址"):
        build_mime(replace(MAIL, rcpt=rcpt))


@pytest.mark.parametrize(
    "text", ["", "plain\nFrom here\n.dot", "长" * 3000, "a" * 2000, "一行\r\n二行\r三行"]
)
def test_texts_come_back_as_written(text: str) -> None:
    for attachments in (MAIL.attachments, ()):
        read = facts_of(build_mime(replace(MAIL, text=text, attachments=attachments))).text
        assert read.strip() == "\n".join(text.splitlines()).strip()
