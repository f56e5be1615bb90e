"""Preview: many documents in one process, in fonts that come near, and clear words where programs lack."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pdfplumber
import pytest
from PIL import Image

from service.desk.sample_facts import SAMPLE_CAMPAIGN, SAMPLE_UNIT, template_facts
from service.doors.press import PressDoor
from service.doors.press.blank import blank_notice
from service.doors.preview import PreviewDoor, fonts_conf
from service.office.calendar import WorkCalendar
from service.office.outcome import DoorError
from tests.doors.word_files import needs_soffice, with_part, word


def needs_pdftoppm() -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("poppler-utils (pdftoppm) is not installed on this machine")


@pytest.mark.soffice
def test_documents_become_pages_whatever_they_are_called() -> None:
    needs_soffice()
    needs_pdftoppm()
    door = PreviewDoor()
    names = ("通知.docx", "附件1　“表”.docx", "-o.docx")
    pdfs = door.pdf({name: word(f"第 {n} 份正文") for n, name in enumerate(names)})
    assert set(pdfs) == set(names)
    for number, name in enumerate(names):
        with pdfplumber.open(io.BytesIO(pdfs[name])) as pdf:
            assert f"第 {number} 份正文" in (pdf.pages[0].extract_text() or "")
    (picture,) = door.pages(pdfs["通知.docx"], 50)
    with Image.open(io.BytesIO(picture)) as page:
        assert page.format == "PNG" and page.width > 300


@pytest.mark.soffice
def test_the_red_head_is_red_and_on_paper_of_the_standard() -> None:
    needs_soffice()
    facts = template_facts(SAMPLE_CAMPAIGN, None, SAMPLE_UNIT, WorkCalendar(), ZoneInfo("Asia/Shanghai"))
    written = with_part(
        blank_notice(SAMPLE_CAMPAIGN),
        "word/document.xml",
        lambda xml: xml.replace("（请在这里写明".encode(), "（已写明".encode()),
    )
    notice = PressDoor().render(written, "notice.docx", facts)
    pdfs = PreviewDoor().pdf({"notice.docx": notice})
    with pdfplumber.open(io.BytesIO(pdfs["notice.docx"])) as pdf:
        page = pdf.pages[0]
        assert (round(page.width), round(page.height)) == (595, 842)
        head = [each for each in page.chars if each["non_stroking_color"] == (1, 0, 0)]
        assert "".join(each["text"] for each in head) == "样例机关文件"


@pytest.mark.soffice
def test_what_cannot_be_laid_out_is_left_out() -> None:
    needs_soffice()
    pdfs = PreviewDoor().pdf({"good.docx": word("正文"), "bad.docx": b"PK\x03\x04 no zip at all"})
    assert set(pdfs) == {"good.docx"}


@pytest.mark.parametrize(
    ("work", "program", "package"),
    [
        (lambda door: door.pdf({"a.docx": word("正文")}), "LibreOffice", "libreoffice-writer-nogui"),
        (lambda door: door.pages(b"%PDF", 100), "pdftoppm", "poppler-utils"),
    ],
)
def test_a_missing_program_is_named_with_how_to_install_it(
    work: Callable[[PreviewDoor], object], program: str, package: str, tmp_path: Path
) -> None:
    with pytest.raises(DoorError) as error:
        work(PreviewDoor(path=str(tmp_path)))
    assert f"没有安装 {program}" in error.value.why and f"sudo apt install {package}" in error.value.why


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = tmp_path / "pdftoppm"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    with pytest.raises(DoorError, match="没有完成，已停止"):
        PreviewDoor(path=f"{tmp_path}:/bin:/usr/bin", picture_seconds_max=0.2).pages(b"%PDF", 100)


def test_each_official_typeface_has_a_chinese_stand_in(tmp_path: Path) -> None:
    """Without the aliases every one of them fell to DejaVu or to a typeface of another kind."""
    program = shutil.which("fc-match")
    if program is None:
        pytest.skip("fontconfig (fc-match) is not installed on this machine")
    listed = subprocess.run(["fc-list"], capture_output=True, text=True, check=True).stdout
    if "Noto Serif CJK SC" not in listed or "Noto Sans CJK SC" not in listed:
        pytest.skip("fonts-noto-cjk is not installed on this machine")
    conf = tmp_path / "fonts.conf"
    conf.write_text(fonts_conf(tmp_path / "cache"), encoding="utf-8")

    def stand_in(family: str) -> str:
        return subprocess.run(
            [program, "-f", "%{family}", family],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "FONTCONFIG_FILE": str(conf)},
        ).stdout

    assert "Sans CJK" in stand_in("黑体") or "SimHei" in stand_in("黑体")
    for family in ("仿宋_GB2312", "楷体_GB2312", "方正小标宋简体", "宋体"):
        assert not any(each in stand_in(family) for each in ("DejaVu", "Sans")), family
