"""A good reply in a dangerous file: kept, put before a person with the reason, its unit never missing."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from service.office.docket import DocketState
from service.office.letter import Stage
from tests.doors.ole_files import ole
from tests.doors.test_envelope_dangers import DANGERS, package
from tests.stories.story import DONG, DONG_AT, GOOD_SUMMARY, Story, summary_docx


def with_part(document: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO(document)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("word/vbaProject.bin", b"x"),
        ("word/_rels/web.xml.rels", DANGERS["template"][1]),
        ("word/embeddings/oleObject1.bin", ole({"\x01Ole10Native": package("附件.pdf")})),
    ],
    ids=["macro", "remote template", "packed-in file"],
)
def test_a_dangerous_summary_waits_for_a_person(released: Story, name: str, data: bytes) -> None:
    document = with_part(summary_docx(GOOD_SUMMARY), name, data)
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", document)])
    released.work()
    letter = released.letters()[0]
    assert letter.stage is Stage.REVIEW
    assert released.world.archive.get(hashlib.sha256(document).hexdigest()) == document
    assert released.docket(DONG, "summary").state is DocketState.IN_REVIEW
    assert DONG not in released.missing()
    assert not any("回执" in subject for subject in released.subjects(DONG_AT))


def test_the_same_summary_without_danger_is_filed(released: Story) -> None:
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    assert released.docket(DONG, "summary").state is DocketState.RETURNED
