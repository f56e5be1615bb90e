"""The writer of mail texts: `*.txt.j2` that staff own, filled with facts in a sandbox."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from service.doors.press.cover import cover_template
from service.doors.press.facts import clean
from service.doors.press.fill import NotRendered, fill
from service.doors.press.say import all_names, problem
from service.office.finding import Problem
from service.office.mail_text import Wording
from service.office.needs.press import PressError, Value

TEMPLATE_BYTES_MAX = 256 * 1024
COVER = "cover.docx"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SUBJECT = re.compile(r"主题[:：]\s*(.+)")


class WordingDoor:
    """Renders mail texts: the campaign's own first, else the shared ones (see needs/wording.py)."""

    def __init__(self, office: Path) -> None:
        self._templates = office / "templates"

    def write(self, name: str, campaign: str, facts: Mapping[str, Value]) -> Wording:
        """One mail text; its first line is `主题：…`. Raises PressError naming file, line and remedy."""
        file = self._find(name, campaign)
        shown = file.relative_to(self._templates.parent).as_posix()
        source = self._read(file, shown)
        known = clean(facts)
        assert isinstance(known, dict)
        try:
            text = fill("", "\n" + source, known, autoescape=False)
        except NotRendered as error:
            line = error.place.paragraph
            wrong = replace(
                problem(shown, error, known=all_names(known)),
                place=f"第 {line} 行" if line else "",
                line=line,
            )
            raise PressError(replace(wrong, text=_line(source, line), paragraph=None)) from error
        return _split(text, shown)

    def cover(self) -> bytes:
        """letters/cover.docx, which staff may change, else the one that ships."""
        own = self._templates / "letters" / COVER
        return own.read_bytes() if own.is_file() else cover_template()

    def fingerprint(self, campaign: str) -> str:
        """One sha256 over every text this campaign would use."""
        whole = hashlib.sha256()
        for folder in (self._templates / "letters", self._templates / campaign):
            for file in sorted([*folder.glob("*.txt.j2"), *folder.glob(COVER)]):
                data = file.read_bytes()
                whole.update(f"{folder.name}/{file.name}\0{len(data)}\0".encode())
                whole.update(data)
        return whole.hexdigest()

    def _find(self, name: str, campaign: str) -> Path:
        if not _NAME.fullmatch(name) or campaign in ("", ".", "..") or re.search(r"[/\\\0]", campaign):
            raise PressError(Problem("templates", "", f"没有名为 {name} 的信件模板"))
        own = self._templates / campaign / f"{name}.txt.j2"
        shared = self._templates / "letters" / f"{name}.txt.j2"
        for file in (own, shared):
            if file.is_file():
                return file
        say = f"缺少信件模板 {name}.txt.j2，请放在 templates/letters/ 或 templates/{campaign}/ 里"
        raise PressError(Problem(f"templates/letters/{name}.txt.j2", "", say, code="missing-template"))

    def _read(self, file: Path, shown: str) -> str:
        data = file.read_bytes()
        if len(data) > TEMPLATE_BYTES_MAX:
            raise PressError(Problem(shown, "", "信件模板过大，请缩短"))
        try:
            return data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise PressError(
                Problem(shown, "", "文件不是 UTF-8 编码，请用记事本另存为 UTF-8", code="encoding")
            ) from error


def _line(source: str, number: int | None) -> str:
    lines = source.split("\n")
    return lines[number - 1].strip() if number and number <= len(lines) else ""


def _split(text: str, shown: str) -> Wording:
    """Subject and body, with blanks at line ends and repeated empty lines taken out."""
    head, _, body = text.strip().partition("\n")
    found = _SUBJECT.fullmatch(head.strip())
    if found is None:
        say = "第一行要写成“主题：……”，这是邮件的主题"
        raise PressError(Problem(shown, "第 1 行", say, code="no-subject", line=1, text=head[:80]))
    tidy = re.sub(r"[ \t\u3000]+$", "", body, flags=re.MULTILINE)
    return Wording(" ".join(found[1].split()), re.sub(r"\n{3,}", "\n\n", tidy).strip() + "\n")
