"""D. Decoding: labels lie, names come in a dozen spellings, and none of it may lose a file."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from service.office.letter import LetterFacts
from tests.intake.counter import Counter
from tests.intake.wires import encoded, with_part_head
from tests.stories.mail_programs import raw_gbk
from tests.stories.prescription import mail, summary
from tests.stories.sample_office import DATONG, DATONG_AT, OFFICE

NAME = "宣传周活动总结（大同）.docx"


def test_case_32_raw_gbk_in_subject_and_from(counter: Counter) -> None:
    office = counter.office
    subject = f"答复：[{office.code(DATONG)}] 宣传周活动总结"
    raw = raw_gbk(DATONG_AT, "大同市局", subject, "总结见附件。", summary(), office.now)
    letter = counter.take(raw)
    assert (letter.subject, counter.facts(letter).sender_name) == (subject, "大同市局")
    counter.assert_filed(letter)


def body_of(counter: Counter, label: str, data: bytes) -> LetterFacts:
    """A reply whose text part has this label and these bytes."""
    office = counter.office
    raw = (
        f"From: {DATONG_AT}\r\nTo: {OFFICE}\r\nSubject: Re: [{office.code(DATONG)}]\r\n"
        "Message-ID: <d@client.example>\r\nDate: Tue, 20 Aug 2024 10:03:00 +0800\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + data
    letter = counter.take(raw)
    assert len(counter.letters) == 1
    return counter.facts(letter)


@pytest.mark.parametrize("words", ["朱镕基题词与李喆", "大同市𬭎字公司"], ids=["GBK", "four bytes"])
def test_case_33_labelled_gb2312_but_more_than_that(counter: Counter, words: str) -> None:
    facts = body_of(counter, "gb2312", f"请问{words}怎么填？".encode("gb18030"))
    assert words in facts.text
    assert counter.letters[0].stage.value == "asked", "read, it is a question"


@pytest.mark.parametrize("label", ["x-gbk", "x-nobody-knows", '""gb18030""', "hz", "cp936"])
def test_case_34_an_odd_label_still_reads(counter: Counter, label: str) -> None:
    facts = body_of(counter, label, "请问通知里的总结怎么填？".encode("gbk"))
    assert "请问通知里的总结怎么填" in facts.text
    assert counter.letters[0].stage.value == "asked"


def test_case_34_utf8_within_doubled_quotation_marks(counter: Counter) -> None:
    assert "请问通知" in body_of(counter, '""utf-8""', "请问通知要盖章吗？".encode()).text


def split_2231(codec: str) -> bytes:
    """A name in pieces that are cut inside characters."""
    whole = quote(NAME.encode(codec), safe="")
    cut = len(whole) // 3 // 3 * 3 + 3
    pieces = (f"{codec}''{whole[:cut]}", whole[cut : 2 * cut], whole[2 * cut :])
    return b"".join(f";\r\n filename*{number}*={piece}".encode() for number, piece in enumerate(pieces))


def folded_2047() -> bytes:
    """Two encoded words on two lines."""
    return f';\r\n filename="{encoded(NAME[:6])}\r\n {encoded(NAME[6:])}"'.encode()


SPELLINGS: dict[str, bytes] = {
    "2047-quoted": f'; filename="{encoded(NAME)}"'.encode(),
    "2047-unquoted": f"; filename={encoded(NAME)}".encode(),
    "2047-folded": folded_2047(),
    "2047-gbk": f'; filename="{encoded(NAME, "gbk")}"'.encode(),
    "2231": f"; filename*=utf-8''{quote(NAME.encode(), safe='')}".encode(),
    "2231-split": split_2231("utf-8"),
    "2231-gbk": f"; filename*=GBK''{quote(NAME.encode('gbk'), safe='')}".encode(),
    "2231-gbk-split": split_2231("gb18030"),
    "raw-gbk": b'; filename="' + NAME.encode("gbk") + b'"',
    "raw-utf8": b'; filename="' + NAME.encode() + b'"',
    "percent": f'; filename="{quote(NAME.encode(), safe="().")}"'.encode(),
}


@pytest.mark.parametrize("form", [*SPELLINGS, "name-only"])
def test_case_35_one_name_in_every_spelling(counter: Counter, form: str) -> None:
    """Synthetic: no public set of such names exists."""
    raw = mail(counter.office, DATONG_AT, "见附件。", files=[summary(name="x.docx")])
    if form == "name-only":
        head = b"Content-Type: application/octet-stream; name=" + encoded(NAME).encode()
    else:
        head = b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment" + SPELLINGS[form]
    letter = counter.take(with_part_head(raw, "x.docx", head))
    assert list(counter.parts(letter)) == [NAME]
    counter.assert_filed(letter)
    (filing,) = counter.filings()
    assert [doc.name for doc in filing.docs] == [NAME]


@pytest.mark.parametrize(
    ("as_sent", "stored"),
    [
        ("..\\..\\evil/../总结.docx", "总结.docx"),
        ("总\x00结.docx", "总结.docx"),
        ("总结\u202excod.docx", "总结xcod.docx"),
        ("总结" + "长" * 300 + ".docx", None),
        ("CON.docx", "_CON.docx"),
        ('总结<>:"|?*.docx', "总结.docx"),
    ],
    ids=["path", "NUL", "bidi", "300", "reserved", "signs"],
)
def test_case_36_a_hostile_name_is_stored_safely_and_kept_as_sent(
    counter: Counter, as_sent: str, stored: str | None
) -> None:
    raw = mail(counter.office, DATONG_AT, "宣传周总结见附件。", files=[summary(name="x.docx")])
    name = f"utf-8''{quote(as_sent.encode(), safe='')}"
    head = f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*={name}"
    letter = counter.take(with_part_head(raw, "x.docx", head.encode()))
    (part,) = counter.facts(letter).parts
    assert part.name_as_sent == as_sent, "the original name is on record"
    if stored is None:
        assert part.name.endswith(".docx") and len(part.name.encode()) <= 130
    else:
        assert part.name == stored
    counter.assert_filed(letter)
    assert all(not set('\\/:*?"<>|\x00\u202e') & set(doc.name) for doc in counter.filings()[0].docs)


def test_case_37_two_files_of_one_name_and_one_without(counter: Counter) -> None:
    files = [summary(name="总结.docx"), ("总结.docx", summary("二、活动效果\n良好。")[1])]
    nameless = ("gone.pdf", b"%PDF-1.4\n%%EOF")
    raw = mail(counter.office, DATONG_AT, "总结见附件。", files=[*files, nameless])
    raw = with_part_head(raw, "gone.pdf", b"Content-Type: application/pdf\r\nContent-Disposition: attachment")
    letter = counter.take(raw)
    parts = counter.facts(letter).parts
    assert len(parts) == 3 and len({part.sha256 for part in parts}) == 3
    assert [part.name for part in parts][:2] == ["总结.docx", "总结.docx"]
    assert parts[2].name.endswith(".pdf") and parts[2].name_as_sent == ""
    archive = counter.office.world.archive
    assert all(archive[part.sha256] for part in parts), "every one is kept"
    (filing,) = counter.filings()
    assert {doc.sha256 for doc in filing.docs} >= {part.sha256 for part in parts[:2]}
    assert base64.b64encode(archive[parts[2].sha256]) in raw.replace(b"\r\n", b"")
