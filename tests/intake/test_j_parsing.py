"""J. Parsing traps: headers, charsets and structures that make parsers stumble."""

from __future__ import annotations

import binascii
import time

import pytest

from service.office.letter import Flag, Kind, Stage
from tests.doors.word_files import with_part
from tests.intake.counter import FILED, Counter
from tests.intake.wires import CORPORA, ole, plain_letter, tnef
from tests.stories.mail_programs import raw_gbk
from tests.stories.prescription import mail, summary
from tests.stories.sample_office import DATONG, DATONG_AT, OFFICE


@pytest.mark.parametrize(
    "headers",
    [
        "To: unlisted-recipients:; (no To-header on input)\r\n",
        "To: undisclosed-recipients:;\r\nCc: group: a@x.example, b@x.example;, (trailing\r\n",
        "Cc: unlisted-recipients:; (no To-header on input)\r\n",
    ],
)
def test_case_74_an_empty_group_with_a_comment_stops_nothing(counter: Counter, headers: str) -> None:
    words = f"请问总结要盖章吗？编号 {counter.office.code(DATONG)}"
    letter = counter.take(plain_letter(DATONG_AT, "Re: 通知", words, headers))
    assert letter.stage is Stage.ASKED and letter.sender == DATONG_AT


def test_case_74_an_empty_group_in_from_is_no_exception(counter: Counter) -> None:
    raw = mail(counter.office, DATONG_AT, "总结见附件。", files=[summary()])
    head = b"From: unlisted-senders:; (no From-header on input)"
    letter = counter.take(raw.replace(f"From: {DATONG_AT}".encode(), head))
    assert letter.sender == "" and letter.stage in (*FILED, Stage.REVIEW)
    assert not counter.missing()


@pytest.mark.parametrize("label", ["x-martian", "utf-99", "base64", "iso-8859-77"])
def test_case_75_a_charset_python_does_not_know(counter: Counter, label: str) -> None:
    raw = plain_letter(DATONG_AT, "Re: 通知", "请问总结怎么报？").replace(
        b"charset=utf-8", f"charset={label}".encode()
    )
    letter = counter.take(raw)
    assert "请问总结怎么报" in counter.facts(letter).text
    assert letter.stage is Stage.ASKED


def uuencoded(name: str, data: bytes) -> bytes:
    """A file as uuencode writes it into a text."""
    lines = [binascii.b2a_uu(data[at : at + 45]).rstrip(b"\n") for at in range(0, len(data), 45)]
    return b"begin 644 " + name.encode() + b"\r\n" + b"\r\n".join([*lines, b"`", b"end"]) + b"\r\n"


def test_case_76_a_uuencoded_file_in_the_text(counter: Counter) -> None:
    name, data = summary(name="zongjie.docx")
    raw = mail(counter.office, DATONG_AT, "X", quote="none").partition(b"Content-Type: text/plain")[0]
    raw += b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    raw += "总结在信里。\r\n".encode() + uuencoded(name, data) + "以上。\r\n".encode()
    letter = counter.take(raw)
    (part,) = counter.facts(letter).parts
    assert (part.name, counter.office.world.archive[part.sha256]) == (name, data)
    text = counter.facts(letter).text
    assert "begin 644" not in text and "以上" in text
    counter.assert_filed(letter)


def broken(how: str, raw: bytes) -> bytes:
    """A letter of two parts whose structure is damaged in one of the ways seen."""
    boundary = raw.split(b'boundary="', 1)[1].split(b'"', 1)[0]
    match how:
        case "unterminated":
            return raw[: raw.rindex(b"--" + boundary + b"--")]
        case "wrong boundary":
            return raw.replace(b'boundary="' + boundary, b'boundary="no-such-thing', 1)
        case "missing boundary":
            return raw.replace(b'; boundary="' + boundary + b'"', b"", 1)
        case _:
            inner = b"From: b@unit.example\r\nSubject: inner\r\nContent-Type: message/rfc822\r\n\r\n" + raw
            return (
                f"From: {DATONG_AT}\r\nTo: {OFFICE}\r\nMessage-ID: <outer@x.example>\r\n"
                "Date: Tue, 20 Aug 2024 10:03:00 +0800\r\n"
            ).encode() + (
                b"Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" + inner
            )


@pytest.mark.parametrize("how", ["unterminated", "wrong boundary", "missing boundary", "mail in mail"])
def test_case_77_every_readable_file_of_a_broken_letter_is_kept(counter: Counter, how: str) -> None:
    name, data = summary(name="zongjie.docx")
    raw = mail(counter.office, DATONG_AT, "宣传周总结见附件。", files=[(name, data)])
    letter = counter.take(broken(how, raw))
    parts = {part.name: part for part in counter.facts(letter).parts}
    assert name in parts, parts
    assert counter.office.world.archive[parts[name].sha256] == data, "byte for byte"
    assert letter.stage in (*FILED, Stage.REVIEW) and not counter.missing()


def damaged_tnef(how: str, data: bytes) -> bytes:
    """winmail.dat without a name, with a wrong count, or torn."""
    whole = tnef(("总结.docx", data))
    if how == "nameless":
        title = "总结.docx".encode("gb18030") + b"\0"
        at = whole.index(title) - 9
        return whole[:at] + whole[at + 9 + len(title) + 2 :]
    if how == "torn":
        return whole + b"\x02" + (0x00069005).to_bytes(4, "little") + (40).to_bytes(4, "little") + b"\xff" * 9
    return whole.replace((0x00069002).to_bytes(4, "little"), (0x00069003).to_bytes(4, "little"))


@pytest.mark.parametrize("how", ["nameless", "torn", "wrong"])
def test_case_78_of_a_damaged_winmail_what_can_be_read_is_kept(counter: Counter, how: str) -> None:
    data = summary()[1]
    packed = damaged_tnef(how, data)
    raw = mail(counter.office, DATONG_AT, "宣传周总结见附件。", files=[("winmail.dat", packed)])
    letter = counter.take(raw)
    kept = [counter.office.world.archive[part.sha256] for part in counter.facts(letter).parts]
    assert packed in kept and data in kept
    assert letter.stage in (*FILED, Stage.REVIEW) and not counter.missing()


@pytest.mark.parametrize("label", ["big5", ""], ids=["labelled", "unlabelled"])
def test_case_79_big5(counter: Counter, label: str) -> None:
    words = "您好，請問本會的活動總結是否需要蓋章？謝謝，麻煩您回覆。"
    charset = f"; charset={label}" if label else ""
    raw = plain_letter("hk@unit.example", "Re: x", "X").replace(b"; charset=utf-8", charset.encode())
    letter = counter.take(raw[: raw.rindex(b"X")] + words.encode("big5"))
    text = counter.facts(letter).text
    assert "請問本會的活動總結" in text, text
    assert letter.stage in (Stage.ASKED, Stage.REVIEW)


XML_BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">
<!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&c;
</w:t></w:r></w:p></w:body></w:document>"""
ENTITY = XML_BOMB.replace(
    b'<!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;">', b'<!ENTITY c SYSTEM "http://203.0.113.9/x">'
)


@pytest.mark.parametrize("kind", ["bomb", "entity"])
def test_case_80_bombs_and_entities_are_refused_without_a_call(counter: Counter, kind: str) -> None:
    xml = XML_BOMB if kind == "bomb" else ENTITY
    data = with_part(summary()[1], "word/document.xml", lambda _: xml)
    started = time.perf_counter()
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=[("宣传周总结.docx", data)]))
    assert time.perf_counter() - started < 2  # a call outside would have been refused by the sandbox, loudly
    assert counter.state() in ("in-review", "needs-correction")
    told = [*counter.told(letter), *(each.say for each in counter.office.ledger.findings(letter.id))]
    assert any(word in say for say in told for word in ("打不开", "损坏", "无法打开", "已隔离")), told


def test_case_80_passwords_and_macros_are_named(counter: Counter) -> None:
    macro = with_part(summary()[1], "word/vbaProject.bin", lambda _: b"macro")
    files = [("总结甲.docx", ole("EncryptedPackage")), ("总结乙.docx", macro)]
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=files))
    parts = counter.parts(letter)
    assert Flag.ENCRYPTED in parts["总结甲.docx"].flags and Flag.MACRO in parts["总结乙.docx"].flags
    counter.assert_review(letter)


def test_case_81_many_letters_in_one_run(counter: Counter) -> None:
    from tests.letter_reading import LETTERS

    take_all(counter, [path.read_bytes() for path in sorted(LETTERS.glob("*.eml"))[::3]])


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no public mail sets beside the checkout")
def test_case_81_the_mime_files_of_public_sets_in_one_run(counter: Counter) -> None:
    folder = CORPORA / "mime"
    take_all(
        counter, [each.read_bytes() for each in sorted(folder.rglob("*")) if each.suffix in (".eml", ".txt")]
    )


def take_all(counter: Counter, letters: list[bytes]) -> None:
    """Stored byte for byte, one row each, nothing stuck, none over two seconds."""
    whole = list(dict.fromkeys(letters))
    assert len(whole) > 5
    slowest = 0.0
    for raw in whole:
        started = time.perf_counter()
        counter.office.arrive(raw)
        counter.office.work()
        slowest = max(slowest, time.perf_counter() - started)
    found = counter.letters
    identities = {each.identity for each in found}
    assert len(found) == len(identities)
    kept = {counter.raw(each) for each in found}
    assert kept <= set(whole) and len(found) == len(kept)
    assert all(raw in counter.office.world.archive.values() for raw in whole)
    assert [each.id for each in found if each.stage in (Stage.RECEIVED, Stage.SORTED, Stage.MATCHED)] == []
    assert slowest <= 2
    assert [each for each in found if each.stage in FILED] == [], "nothing of it is anybody's return"


STREAM = b"Content-Type: application/octet-stream;"
ATTACHED = b"\r\nContent-Disposition: attachment;"
IDIOMS = {
    # How each program writes a raw 8-bit name; synthetic, no public set exists.
    "foxmail": STREAM + b'\r\n\tname="%s"' + ATTACHED + b'\r\n\tfilename="%s"',
    "qq": STREAM + b'\r\n\tcharset="gb18030";\r\n\tname="%s"' + ATTACHED + b' filename="%s"',
    "163": STREAM + b" name=%s" + ATTACHED + b" filename=%s",
    "outlook": b'Content-Type: application/msword;\r\n\tname="%s"' + ATTACHED + b'\r\n\tfilename="%s"',
}
RARE = "宣传周总结𬭎喆（大同）.docx"


@pytest.mark.parametrize("program", IDIOMS)
@pytest.mark.parametrize("codec", ["gbk", "gb18030"])
def test_case_82_raw_names_in_the_idioms_of_programs(counter: Counter, program: str, codec: str) -> None:
    name = RARE if codec == "gb18030" else RARE.replace("𬭎", "")
    office = counter.office
    raw = raw_gbk(
        DATONG_AT,
        "大同",
        f"回复：[{office.code(DATONG)}]",
        "总结见附件。",
        summary(name="x.docx"),
        office.now,
    )
    at = raw.index(b'Content-Type: application/octet-stream; name="x.docx"')
    end = raw.index(b"\r\n\r\n", at)
    shown = name.encode(codec)
    raw = raw[:at] + b"Content-Transfer-Encoding: base64\r\n" + IDIOMS[program] % (shown, shown) + raw[end:]
    letter = counter.take(raw)
    assert list(counter.parts(letter)) == [name]
    counter.assert_filed(letter)
    assert letter.kind is Kind.PERSON
