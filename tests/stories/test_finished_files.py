"""The official original: a sealed notice, an OFD and a finished form go out byte for byte."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from tests.stories.story import CAMPAIGN, Story

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"


def _ofd() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("OFD.xml", "<ofd/>")
        package.writestr("Doc_0/Signs/seal.dat", bytes(range(256)))
    return out.getvalue()


def _workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def _finish(story: Story) -> dict[str, bytes]:
    """The campaign with finished files instead of Word templates, one of them an item's form."""
    folder = story.folder / "templates" / CAMPAIGN
    page = (folder / "campaign.yaml").read_text(encoding="utf-8")
    old = page[page.index("attachments:") : page.index("contacts:")]
    new = (
        "attachments:\n  - {file: 通知.pdf, notice: true}\n  - {file: 要求.ofd, title: 征集要求}\n"
        "  - {file: 登记表.xlsx, title: 作品登记表, item: works}\n"
    )
    page = page.replace(old, new).replace("form: form.docx", "form: 登记表.xlsx")
    (folder / "campaign.yaml").write_text(page, encoding="utf-8")
    for name in ("notice.docx", "form.docx"):
        (folder / name).unlink()
    files = {"通知.pdf": PDF, "要求.ofd": _ofd(), "登记表.xlsx": _workbook()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


def test_finished_files_reach_every_unit_byte_for_byte(story: Story) -> None:
    files = _finish(story)
    drafted = story.office.draft.whole(CAMPAIGN, story.now)
    assert [each.sentence() for each in drafted.problems if each.is_error] == []
    assert any("通知正文“通知.pdf”是成品文件" in each.say for each in drafted.problems)
    story.release()
    story.work()
    mails = {each.rcpt for each in story.world.accepted}
    assert mails
    for rcpt in mails:
        letter = story.notice(rcpt)
        sent = [part.get_payload(decode=True) for part in letter.walk() if part.get_filename()]
        for data in files.values():
            assert data in sent


def test_a_file_that_is_not_what_its_name_says_is_refused(story: Story) -> None:
    _finish(story)
    folder = story.folder / "templates" / CAMPAIGN
    (folder / "通知.pdf").write_bytes(b"<html>not found</html>")
    (folder / "要求.ofd").write_bytes(b"")
    drafted = story.office.draft.whole(CAMPAIGN, story.now)
    assert drafted.manifest is None
    said = "\n".join(each.sentence() for each in drafted.problems if each.is_error)
    assert "“通知.pdf”的内容不是 .pdf 文件" in said and "“要求.ofd”是空文件" in said
