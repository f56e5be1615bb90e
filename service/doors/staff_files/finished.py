"""Finished files — sealed PDF, OFD, workbooks — that go out byte for byte as they lie there."""

from __future__ import annotations

from service.doors.staff_files.section import Section
from service.office.campaign import Attachment, AttachmentKind
from service.office.finding import Problem

# What a file of each kind begins with; a name that promises something else opens nowhere.
_BEGINNINGS = {
    ".pdf": (b"%PDF",),
    ".ofd": (b"PK\x03\x04",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".zip": (b"PK\x03\x04",),
    ".doc": (b"\xd0\xcf\x11\xe0",),
    ".xls": (b"\xd0\xcf\x11\xe0",),
    ".wps": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"),
    ".et": (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG",),
}
_OFD_ROOT = b"OFD.xml"
_ENCRYPTED_OFFICE = b"\xd0\xcf\x11\xe0"
# Readers allow some bytes before the mark of a PDF.
PDF_MARK_WITHIN = 1024


def check_finished(section: Section, attachment: Attachment, data: bytes, line: int) -> None:
    """A finished file is what its name says; a finished notice is for a person to compare."""
    if attachment.kind is not AttachmentKind.FILE:
        return
    name = attachment.file
    suffix = "." + name.lower().rpartition(".")[2]
    begins = _BEGINNINGS.get(suffix)
    if not data:
        section.wrong("file", f"“{name}”是空文件，请重新放一份", line=line, code="empty-file")
    elif suffix in (".docx", ".xlsx", ".pptx") and data.startswith(_ENCRYPTED_OFFICE):
        say = f"“{name}”加了密码或是旧格式改的扩展名，单位打不开；请另存为不加密码的{suffix}"
        section.wrong("file", say, line=line, code="wrong-kind")
    elif begins and not _is_what_it_says(suffix, data):
        say = f"“{name}”的内容不是 {suffix} 文件，多半是改了扩展名或没有传完，请重新导出"
        section.wrong("file", say, line=line, code="wrong-kind")
    if attachment.is_notice:
        say = (
            f"通知正文“{name}”是成品文件，原样发送，程序核对不了里面的标题、文号、期限和联系人；"
            "请有关人员与本活动的内容逐项核对"
        )
        problem = Problem(
            section.faults.file, "", say, code="finished-notice", is_error=False, line=None, key="file"
        )
        section.faults.problems.append(problem)


def _is_what_it_says(suffix: str, data: bytes) -> bool:
    if suffix == ".pdf":
        return b"%PDF" in data[:PDF_MARK_WITHIN]
    if suffix == ".ofd":
        return data.startswith(b"PK\x03\x04") and _OFD_ROOT in data
    return data.startswith(_BEGINNINGS[suffix])
