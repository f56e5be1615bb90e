"""What a clerk of the office would make of a letter, written down before the program is asked."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from pypdf import PdfWriter

from service.office.letter import Letter, Stage
from service.rehearsal.units.papers import photo
from tests.doors.word_files import fill_in, word
from tests.stories.mail_programs import Sheet, write
from tests.stories.sample_office import DATONG, SHANXI, SPRING, SampleOffice

WORDS = {
    Stage.FILED: "filed",
    Stage.ACKNOWLEDGED: "filed",
    Stage.REVIEW: "review",
    Stage.ASKED: "ask",
    Stage.NOTED: "note",
    Stage.REFUSED: "refused",
    Stage.IGNORED: "ignored",
}


@dataclass(frozen=True)
class Filed:
    """A docket that must stand so afterwards; every other docket must be untouched by any filing."""

    unit: str
    item: str
    state: str = "returned"
    entries: int = 1
    version: int | None = None
    campaign: str = SHANXI


@dataclass(frozen=True)
class Then:
    """The prescription. `letters` has, for each letter of the case, the outcomes a clerk would accept."""

    letters: tuple[frozenset[str], ...]
    filed: tuple[Filed, ...] = ()
    answers: int = 0  # mails that leave the house because of these letters
    spared: tuple[str, ...] = ()  # must not stand in 未报
    missing: tuple[str, ...] = ()  # must stand in 未报
    campaign: str = SHANXI

    def also(self, **changes: object) -> Then:
        """The same with more said."""
        return replace(self, **changes)  # type: ignore[arg-type]  # a short hand for tables


Delivered = bytes | tuple[bytes, str]  # with the folder it is found in, INBOX if it is not said
Write = Callable[[SampleOffice], Iterable[Delivered] | bytes]


@dataclass
class Table:
    """Cases with their names, in the order they were written."""

    cases: dict[str, tuple[Write, tuple[Then, ...]]] = field(default_factory=dict)

    def case(self, *prescribed: Then) -> Callable[[Write], Write]:
        """Add a case, called like its function. Of several prescriptions one is as good as another."""

        def add(write: Write) -> Write:
            self.cases[write.__name__] = (write, prescribed)
            return write

        return add


def filed(*dockets: Filed, answers: int = 1, letters: int = 1) -> Then:
    """Filed without a person, answered once."""
    spared = tuple(each.unit for each in dockets if each.item == "summary")
    return Then((frozenset({"filed"}),) * letters, dockets, answers, spared)


def review(*spared: str, letters: int = 1) -> Then:
    """A person must look; nothing is answered, and nobody it may be of is called missing."""
    return Then((frozenset({"review"}),) * letters, spared=spared)


def either(*outcomes: str, spared: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> Then:
    """Several outcomes are as good; none files or answers anything."""
    return Then((frozenset(outcomes),), spared=spared, missing=missing)


def note(missing: str = DATONG) -> Then:
    """Noted: nothing came, nothing is answered, and the unit still owes."""
    return Then((frozenset({"note"}),), missing=(missing,))


def ask(*spared: str) -> Then:
    """For the named clerk."""
    return Then((frozenset({"ask"}),), spared=spared)


def machine(missing: str = DATONG) -> Then:
    """A machine: set aside or noted, at most looked at; never filed, never answered."""
    return Then((frozenset({"ignored"}),), missing=(missing,))


# What people send.

TEXT = """大同市市场监督管理局
2024年质量认证系列宣传周活动总结
一、开展情况
我局高度重视，制定了活动方案，组织云冈区、平城区、左云县市场监管局同步开展宣传，发放资料三千余份；联合大同御河计量检测有限公司举办开放日，邀请企业和群众代表六十人走进实验室。
二、活动效果
群众对有机产品认证的知晓率明显提高，二十六家小微企业接受了入企帮扶，解决问题四十一个。
三、典型案例
某陶瓷企业在帮扶下修订了质量手册，产品一次合格率提高四个百分点。
"""


def mail(office: SampleOffice, sender: str, words: str, unit: str = DATONG, **more: object) -> bytes:
    """A reply to the notice of a unit."""
    sheet = Sheet(sender, words, office.now, original=office.notice_of(unit))
    return write(replace(sheet, **more))  # type: ignore[arg-type]  # the fields of Sheet, by name


def new_mail(office: SampleOffice, sender: str, subject: str, words: str, **more: object) -> bytes:
    """A mail begun anew."""
    sheet = Sheet(sender, words, office.now, subject=subject)
    return write(replace(sheet, **more))  # type: ignore[arg-type]  # the fields of Sheet, by name


def summary(text: str = TEXT, name: str = "宣传周活动总结.docx") -> tuple[str, bytes]:
    """A summary in Word."""
    return name, word(*text.strip().splitlines())


ANSWERS = {
    "unit_type": "其他",
    "work_type": "视频",
    "contact": "贺云冈",
    "phone": "0352-5552011",
    "about": "讲述一家商超通过服务认证改进售后的故事，时长三分钟。",
    "original": "是",
}


def form(
    office: SampleOffice, of: str, title: str, *, name: str = "服务认证作品登记表.docx", **answers: str
) -> tuple[str, bytes]:
    """A unit's own form, filled in as Word does."""
    return name, fill_in(office.blank(of), {**ANSWERS, "title": title, **answers})


def public_form(office: SampleOffice, unit: str, title: str) -> tuple[str, bytes]:
    """The public form, filled in."""
    return "作品登记表.docx", fill_in(office.public_form(), {**ANSWERS, "title": title, "unit": unit})


LINES = (
    "作品名称：放心服务在身边\n报送单位：大同市市场监督管理局\n单位类型：其他\n作品形式：视频\n联系人：贺云冈\n"
    "联系电话：0352-5552011\n作品简介：讲述一家商超通过服务认证改进售后的故事。\n原创承诺：是"
)


@cache
def logo(width: int = 120, height: int = 40) -> bytes:
    """A small picture, as signatures have."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x20\x60\xc0" * width) * height
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture(name: str) -> tuple[str, bytes]:
    """A photograph."""
    return name, photo(name)


def scan(name: str) -> tuple[str, bytes]:
    """A page without a letter of text, as a scanner makes it."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return name, out.getvalue()


def zipped(*files: tuple[str, bytes], name: str = "材料.zip") -> tuple[str, bytes]:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for file_name, data in files:
            package.writestr(file_name, data)
    return name, out.getvalue()


def resaved(file: tuple[str, bytes]) -> tuple[str, bytes]:
    """The same document saved by another program: other bytes, and our own properties gone."""
    name, data = file
    source = zipfile.ZipFile(io.BytesIO(data))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for entry in source.namelist():
            if entry != "docProps/custom.xml":
                # Neither the list of parts nor the relations name what is no longer there.
                kept = re.sub(rb"<[^<>]*docProps/custom\.xml[^<>]*/>", b"", source.read(entry))
                package.writestr(entry, kept)
    return name, out.getvalue()


def differences(office: SampleOffice, before: int, then: Then, letters: tuple[Letter, ...]) -> list[str]:
    """Every point in which the office did not do what was prescribed."""
    said = []
    for number, (letter, allowed) in enumerate(zip(letters, then.letters, strict=False), start=1):
        became = WORDS.get(letter.stage, letter.stage.value)
        if became not in allowed:
            said.append(f"letter {number}: {became} ({letter.outcome}), not {'/'.join(sorted(allowed))}")
    if len(letters) != len(then.letters):
        said.append(f"{len(letters)} letters, not {len(then.letters)}")
    known = set()
    for each in then.filed:
        row = office.row(each.unit, each.item, each.campaign)
        known.add((each.campaign, each.unit, each.item))
        got = (row.state.value, row.entries) if row else None
        if got != (each.state, each.entries):
            said.append(f"{each.unit} {each.item} is {got}, not {(each.state, each.entries)}")
        if row and each.version is not None and row.version != each.version:
            said.append(f"{each.unit} {each.item} has version {row.version}, not {each.version}")
    for campaign in (SHANXI, SPRING):
        for row in office.ledger.dockets(campaign):
            touched = row.version or row.state.value in ("returned", "needs-correction", "by-link")
            if touched and row.key not in {(c, u, i) for c, u, i in known}:
                said.append(f"WRONG FILING: {row.unit} {row.item} is {row.state.value} v{row.version}")
    answers = len(office.world.accepted) - before
    if answers != then.answers:
        said.append(f"{answers} answers, not {then.answers}")
    absent = office.absent(then.campaign)
    said += [f"FALSE 未报: {unit}" for unit in then.spared if unit in absent]
    said += [f"not in 未报: {unit}" for unit in then.missing if unit not in absent]
    return said
