"""The writer of mail texts: `*.txt.j2` (and `*.html.j2`) that staff own, filled with facts in a sandbox."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from service.doors.own_html import fault_of
from service.doors.press.circular import circular_template
from service.doors.press.cover import cover_template
from service.doors.press.facts import clean
from service.doors.press.fill import NotRendered, fill
from service.doors.press.handing_up import letter_template
from service.doors.press.mend import lint_text
from service.doors.press.say import all_names, problem
from service.doors.press.urging import urging_template
from service.doors.safe_names import safe_parts
from service.office.finding import Problem
from service.office.mail_text import Wording
from service.office.needs.press import PressError, Trial, Value
from service.office.rollup import COVER_LETTER

TEMPLATE_BYTES_MAX = 256 * 1024
COVER = "cover.docx"
DOCUMENT_BYTES_MAX = 32 * 2**20
URGING = "urging.docx"
CIRCULAR = "circular.docx"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SUBJECT = re.compile(r"主题[:：]\s*(.+)")


class WordingDoor:
    """Renders mail texts: the campaign's own first, else the shared ones (see needs/wording.py).

    An HTML text counts only beside the plain one it belongs to; without it the HTML is made from the text.
    """

    def __init__(self, office: Path) -> None:
        self._templates = office / "templates"

    def write(self, name: str, campaign: str, facts: Mapping[str, Value]) -> Wording:
        """One mail text; its first line is `主题：…`. Raises PressError naming file, line and remedy."""
        file = self._find(name, campaign)
        known = clean(facts)
        assert isinstance(known, dict)
        wording = _split(self._filled(file, known, is_html=False), self._shown(file))
        own = file.with_name(f"{name}.html.j2")
        if not own.is_file():
            return wording
        html = self._filled(own, known, is_html=True).strip() + "\n"
        if fault := fault_of(html, wording.text):
            raise PressError(Problem(self._shown(own), "", fault, code="html"))
        return replace(wording, html=html)

    def _shown(self, file: Path) -> str:
        return file.relative_to(self._templates.parent).as_posix()

    def _filled(self, file: Path, known: Mapping[str, Value], *, is_html: bool) -> str:
        shown = self._shown(file)
        source = self._read(file, shown)
        try:
            return fill("", "\n" + source, known, autoescape=is_html)
        except NotRendered as error:
            line = error.place.paragraph
            wrong = replace(
                problem(shown, error, known=all_names(known)),
                place=f"第 {line} 行" if line else "",
                line=line,
            )
            raise PressError(replace(wrong, text=_line(source, line), paragraph=None)) from error

    def cover(self) -> bytes:
        """letters/cover.docx, which staff may change, else the one that ships."""
        own = self._templates / "letters" / COVER
        return own.read_bytes() if own.is_file() else cover_template()

    def document(self, name: str, campaign: str) -> bytes | None:
        """A Word template of the campaign's folder, else of letters/; None where staff have none."""
        for folder in (campaign, "letters"):
            own = self._templates.joinpath(*safe_parts(folder), name)
            if own.is_file() and not own.is_symlink() and own.stat().st_size <= DOCUMENT_BYTES_MAX:
                return own.read_bytes()
        return letter_template() if name == COVER_LETTER else None

    def urging(self, campaign: str, issuer: str, day: date) -> bytes:
        """The campaign's own urging.docx, else that of letters/, else the one made for this issuer."""
        return self._own(campaign, URGING) or urging_template(issuer, day)

    def circular(self, campaign: str, issuer: str, day: date) -> bytes:
        """The same of the draft of a circular: circular.docx."""
        return self._own(campaign, CIRCULAR) or circular_template(issuer, day)

    def _own(self, campaign: str, name: str) -> bytes:
        """A Word template of staff's own; nothing where there is none."""
        files = (self._templates / folder / name for folder in (campaign, "letters"))
        return next((each.read_bytes() for each in files if each.is_file()), b"")

    def lint(self, campaign: str, tried: Mapping[str, Sequence[Trial]]) -> tuple[Problem, ...]:
        """Everything wrong in the texts this campaign would use, by file and line; see needs/wording.py."""
        found: list[Problem] = []
        for file in self._used_by(campaign):
            name = file.name.removesuffix(".txt.j2")
            shown = file.relative_to(self._templates.parent).as_posix()
            if file.parent.name == campaign and name not in tried and not self._is_shared(name):
                found.append(_never_used(name, shown, tuple(tried)))
            try:
                source = self._read(file, shown)
            except (PressError, OSError) as error:
                found.append(error.problem if isinstance(error, PressError) else _unreadable(shown))
                continue
            # What a kind of letter that is not known here may say cannot be judged, only how it is written.
            facts = tried[name][0].facts if name in tried else None
            wrong = lint_text(source, shown, facts)
            if not wrong:
                wrong = self._tried(name, campaign, tried.get(name, ()))
            found += wrong
        return tuple(dict.fromkeys(found))

    def _tried(self, name: str, campaign: str, trials: Sequence[Trial]) -> list[Problem]:
        for trial in trials:
            try:
                self.write(name, campaign, trial.facts)
            except PressError as error:
                say = f"{error.problem.say}（{trial.whom}时填不出来）" if trial.whom else error.problem.say
                return [replace(error.problem, say=say)]
        return []

    def _used_by(self, campaign: str) -> list[Path]:
        """The campaign's own texts, and the shared ones it does not replace."""
        own = sorted((self._templates / campaign).glob("*.txt.j2"))
        names = {each.name for each in own}
        shared = sorted((self._templates / "letters").glob("*.txt.j2"))
        return [*own, *(each for each in shared if each.name not in names)]

    def _is_shared(self, name: str) -> bool:
        return (self._templates / "letters" / f"{name}.txt.j2").is_file()

    def fingerprint(self, campaign: str) -> str:
        """One sha256 over every text this campaign would use."""
        return hashlib.sha256(repr(self.texts(campaign)).encode()).hexdigest()

    def texts(self, campaign: str) -> tuple[tuple[str, str], ...]:
        """Path and sha256 of every text this campaign would use; one of its own stands for a shared one."""
        found: list[tuple[str, str]] = []
        for folder in (self._templates / "letters", self._templates / campaign):
            texts = (*folder.glob("*.txt.j2"), *folder.glob("*.html.j2"), *folder.glob(COVER))
            for file in sorted(texts):
                name = f"templates/{folder.name}/{file.name}"
                found.append((name, hashlib.sha256(file.read_bytes()).hexdigest()))
        return tuple(found)

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


def _never_used(name: str, shown: str, known: tuple[str, ...]) -> Problem:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"，是不是 {near[0]}.txt.j2？" if near else f"，可用的名称有：{'、'.join(known)}"
    return Problem(
        shown, "", f"没有叫 {name} 的信，这个文件不会用到{hint}", code="never-used", is_error=False
    )


def _unreadable(shown: str) -> Problem:
    return Problem(shown, "", "读不出来，请检查权限，或是否正被别的程序占用", code="unreadable")


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
