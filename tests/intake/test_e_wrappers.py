"""E. Links and wrappers: what came as a link, in an archive, in a mail, or in a dangerous coat."""

from __future__ import annotations

import html
import io
import zipfile

import pytest

from service.office.letter import Flag, Stage
from tests.doors.word_files import with_part
from tests.intake.counter import FILED, Counter
from tests.intake.wires import ole, ooxml_sheet, tnef, zip_gbk
from tests.stories.prescription import form, mail, new_mail, picture, scan, summary, zipped
from tests.stories.sample_office import DATONG, DATONG_AT

# Provider → its block as the mail program writes it, the URL it hides, and what stands beside it.
ENDS = "2024年9月17日 0:49 到期"
LINKS = {
    "qq": ("从QQ邮箱发来的超大附件", "https://wx.mail.qq.com/ftn/download?func=3&key=abc&code=f00d"),
    "qq-old": (
        "从QQ邮箱发来的超大附件",
        "http://mail.qq.com/cgi-bin/ftnExs_download?k=ab12&t=exs_ftn_download&code=beef",
    ),
    "exmail": (
        "从腾讯企业邮箱发来的超大附件",
        "http://exmail.qq.com/cgi-bin/ftnExs_download?k=ab12&t=exs_ftn_download&code=beef",
    ),
    "163": (
        "从网易163邮箱发来的超大附件",
        "https://mail.163.com/large-attachment-download/index.html?file=Zm9v",
    ),
    "dashi": ("云附件", "https://dashi.163.com/html/cloud-attachment-download/?key=k1"),
    "163-enterprise": ("超大附件", "https://edisk.qiye.163.com/api/biz/attachment/download?identity=x1"),
    "sina": ("超大附件", "http://mail.sina.com.cn/filecenter/download.php?id=1"),
    "189": ("超大附件", "http://download.cloud.189.cn/file/1"),
}
PROMOTION = '<a href="https://u.163.com/t0/abc" class="bigattach-mailmaster-download">下载邮箱大师</a>'


def link_page(head: str, url: str, name: str, *, ends: str = ENDS) -> str:
    """The block a mail program writes below the words."""
    href = html.escape(url)
    return (
        f"<div>总结材料较大，请从超大附件下载。</div><div><div>{head}</div>{PROMOTION}"
        f'<a href="{href}"><img src="x.png"></a><div><a href="{href}">{name}</a> '
        f'<span>(65.38M, {ends})</span></div><div><a href="{href}">进入下载页面</a></div></div>'
    )


@pytest.mark.parametrize("provider", LINKS)
def test_case_38_a_large_file_that_came_as_a_link(counter: Counter, provider: str) -> None:
    head, url = LINKS[provider]
    raw = mail(counter.office, DATONG_AT, "PAGE", quote="none", html_only=True)
    page = link_page(head, url, "宣传周工作总结.rar").encode()
    raw = raw.partition(b"Content-Type: text/html")[0] + (
        b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' + page
    )
    letter = counter.take(raw)
    (link,) = counter.facts(letter).links
    assert (link.name, link.size, link.url) == ("宣传周工作总结.rar", "65.38M", url)
    assert link.expires is not None and f"{link.expires:%Y-%m-%d %H:%M}" == "2024-09-17 00:49"
    assert letter.stage in FILED and counter.state() == "by-link" and not counter.missing()
    assert list(counter.filings()) == [], "a link is no file"
    assert len(counter.answers) == 1
    # The desk shows it with the day on which it is gone.
    (row,) = [each for each in counter.desk() if each.kind == "链接待取"]
    assert "宣传周工作总结.rar" in row.say and "9月17日" in row.say


def test_case_39_a_drive_with_its_code(counter: Counter) -> None:
    words = "总结材料太大，已传网盘：https://pan.baidu.com/s/1AbCdEfGhIjKlMnOpQrStUv 提取码: 8x2k"
    letter = counter.take(mail(counter.office, DATONG_AT, words))
    assert [each.provider for each in counter.facts(letter).links] == ["baidu"]
    assert letter.stage in (*FILED, Stage.REVIEW)
    assert counter.state() in ("by-link", "in-review") and not counter.missing()
    assert list(counter.filings()) == []


def test_case_40_a_winmail_gives_up_what_it_holds_and_is_kept(counter: Counter) -> None:
    inner = summary(name="总结.docx")
    raw = mail(counter.office, DATONG_AT, "总结见附件。", files=[("winmail.dat", tnef(inner))])
    letter = counter.take(raw)
    parts = counter.parts(letter)
    assert parts["总结.docx"].inside == "winmail.dat"
    counter.assert_filed(letter)
    names = {doc.name for filing in counter.filings() for doc in filing.docs}
    assert "总结.docx" in names
    assert counter.office.world.archive[parts["winmail.dat"].sha256].startswith(b"\x78\x9f\x3e\x22")


def test_case_41_an_attached_mail_gives_its_form_once(counter: Counter) -> None:
    office = counter.office
    inner = new_mail(
        office, DATONG_AT, "作品登记表", "登记表见附件。", files=[form(office, DATONG, "放心服务")]
    )
    raw = mail(office, DATONG_AT, "作品见附件邮件。", files=[("登记表.eml", inner)])
    letter = counter.take(raw)
    counter.assert_filed(letter, "works")
    (filing,) = counter.filings()
    assert [doc.name for doc in filing.docs].count("服务认证作品登记表.docx") == 1


def test_case_42_a_zip_with_gbk_names(counter: Counter) -> None:
    data = zip_gbk(summary(name="宣传周总结.docx"), ("通知.docx", counter.office.blank(DATONG)))
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=[("大同.zip", data)]))
    assert {"通知.docx", "宣传周总结.docx"} <= set(counter.parts(letter))
    assert letter.stage in (*FILED, Stage.REVIEW)
    assert not counter.missing()


def test_case_42_nested_zips_to_their_depth(counter: Counter) -> None:
    two = zipped(zipped(summary(), name="内层.zip"), name="外层.zip")
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见压缩包。", files=[two]))
    assert counter.parts(letter)["宣传周活动总结.docx"].inside == "内层.zip"
    assert letter.stage in FILED and counter.state() == "returned"


def test_case_42_deeper_than_that_is_kept_and_said(counter: Counter) -> None:
    data = summary()
    for number in range(5):
        data = zipped(data, name=f"{number}.zip")
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见压缩包。", files=[data]))
    assert "宣传周活动总结.docx" not in counter.parts(letter)
    assert any("没有再解开" in each for each in counter.facts(letter).trouble)
    counter.assert_review(letter)


def test_case_42_a_bomb_is_refused(counter: Counter) -> None:
    bomb = zipped(("zeros.bin", b"\0" * (40 * 1024 * 1024)), name="宣传周总结.zip")
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=[bomb]))
    assert Flag.BOMB in counter.parts(letter)["宣传周总结.zip"].flags
    assert "zeros.bin" not in counter.parts(letter)
    counter.assert_review(letter)


def locked_zip() -> bytes:
    """A zip whose directory says that its entry is enciphered."""
    data = bytearray(zipped(summary(), name="x.zip")[1])
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize("kind", ["zip", "docx"])
def test_case_42_what_needs_a_password_is_named_as_such(counter: Counter, kind: str) -> None:
    data = locked_zip() if kind == "zip" else ole("EncryptedPackage")
    name = f"宣传周总结.{kind}"
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件，密码电话告知。", files=[(name, data)]))
    assert Flag.ENCRYPTED in counter.parts(letter)[name].flags
    assert counter.state() in ("needs-correction", "in-review"), counter.state()
    assert not counter.missing()
    told = [*counter.told(letter), *(counter.answer_text(number) for number in range(len(counter.answers)))]
    assert any("密码" in say for say in told)


def with_macro(data: bytes) -> bytes:
    """The same document with a macro project in it."""
    return with_part(data, "word/vbaProject.bin", lambda _: b"\xd0\xcf\x11\xe0macro")


@pytest.mark.parametrize("kind", ["exe", "docm", "vba"])
def test_case_43_dangerous_files_are_quarantined_and_the_return_waits(counter: Counter, kind: str) -> None:
    name, data, flag = {
        "exe": ("宣传周总结.docx", b"MZ" + b"\0" * 600, Flag.EXECUTABLE),
        "docm": ("宣传周总结.docm", with_macro(summary()[1]), Flag.MACRO),
        "vba": ("宣传周总结.docx", with_macro(summary()[1]), Flag.MACRO),
    }[kind]
    letter = counter.take(mail(counter.office, DATONG_AT, "总结见附件。", files=[(name, data)]))
    part = counter.parts(letter)[name]
    assert flag in part.flags
    assert counter.office.world.archive[part.sha256] == data, "it is kept"
    counter.assert_review(letter)
    assert counter.state() == "in-review"


def ofd() -> bytes:
    """An OFD as any program would know it: a zip with OFD.xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("OFD.xml", '<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>')
        package.writestr("Doc_0/Document.xml", "<ofd/>")
    return out.getvalue()


KINDS = {
    "xlsx": (ooxml_sheet, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "doc": (lambda: ole("WordDocument"), "application/msword"),
    "wps": (lambda: ole("WordDocument"), "application/msword"),
    "ofd": (ofd, "application/ofd"),
    "pdf": (lambda: scan("x")[1], "application/pdf"),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 40_000, "image/heic"),
}


@pytest.mark.parametrize("ending", KINDS)
def test_case_44_every_kind_of_file_is_kept_under_its_true_type(counter: Counter, ending: str) -> None:
    make, wanted = KINDS[ending]
    name = f"宣传周工作总结.{ending}"
    files = [(name, make())]
    if ending == "heic":
        files.append(summary())
    letter = counter.take(mail(counter.office, DATONG_AT, "宣传周工作总结见附件。", files=files))
    assert counter.parts(letter)[name].type == wanted
    if letter.stage is Stage.REVIEW:
        counter.assert_review(letter)
        return
    assert letter.stage in FILED
    assert name in {doc.name for filing in counter.filings() for doc in filing.docs}
    assert not counter.missing()


def test_case_44_a_photograph_of_heic_is_filed_with_the_summary(counter: Counter) -> None:
    files = [summary(), ("IMG_2031.heic", KINDS["heic"][0]()), picture("现场.jpg")]
    letter = counter.take(mail(counter.office, DATONG_AT, "总结和照片见附件。", files=files))
    counter.assert_filed(letter)
    assert {doc.name for doc in counter.filings()[0].docs} >= {"IMG_2031.heic", "现场.jpg"}
