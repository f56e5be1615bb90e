"""Template sources, compiled once and filled for every recipient; an error's place in the template."""

from __future__ import annotations

import traceback
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.exceptions import TemplateSyntaxError

from service.doors.press.sandbox import MARK, BoundedEnvironment, metered

# How docxtpl lets an author print a brace. As constants they cannot be confused with a brace inside a fact.
_BRACES = {"{_{": "{{", "}_}": "}}", "{_%": "{%", "%_}": "%}"}
# Templates are few and small; the code of one is some tens of kilobytes.
COMPILED_MAX = 256
# They hold nothing that changes, so all renderings and threads share them.
_FOR_XML = BoundedEnvironment(autoescape=True)
_FOR_TEXT = BoundedEnvironment(autoescape=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a template something went wrong: the part in staff's words, the paragraph counted from 1."""

    part: str = ""
    paragraph: int | None = None

    def words(self) -> str:
        """页眉第 1 段 · 第 7 段."""
        return self.part + (f"第 {self.paragraph} 段" if self.paragraph else "") or "全文"


class NotRendered(Exception):
    """Jinja or the XML refused; `cause` is the original error, `place` where it happened."""

    def __init__(self, place: Place, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.place = place
        self.cause = cause


class Dangling(ValueError):
    """A link among the facts that leads nowhere in this template."""


class Foreign(ValueError):
    """A document within that belongs to another template, or to one that was printed already."""


@dataclass(frozen=True, slots=True)
class Source:
    """One compiled template source; `lines` are those that begin with a paragraph's mark."""

    part: str
    template: Template
    lines: tuple[int, ...]

    def fill(self, facts: Mapping[str, Any]) -> str:
        """The text for one recipient; raises NotRendered with the paragraph."""
        template = self.template
        try:
            with metered():
                return "".join(template.root_render_func(template.new_context(facts)))  # type: ignore[arg-type]  # only read
        except Exception as error:  # a template is a program: it may raise whatever Python can
            line = _line(error.__traceback__, template)
            raise NotRendered(Place(self.part, _paragraph(self.lines, line)), error) from error


@dataclass(frozen=True, slots=True)
class Finished:
    """Text without tags, which stays as it is; braces in it are somebody's words."""

    part: str
    text: str

    def fill(self, facts: Mapping[str, Any]) -> str:
        """The text."""
        return self.text


def paragraph_of(line: int) -> int | None:
    """Which paragraph a line of a marked source is; None before the first."""
    return line - 1 if line > 1 else None


def compiled(part: str, source: str, *, autoescape: bool) -> Source:
    """A template source made ready; raises NotRendered with the paragraph."""
    for typed, meant in _BRACES.items():
        source = source.replace(typed, "{{ '" + meant + "' }}")
    environment = _FOR_XML if autoescape else _FOR_TEXT
    lines = _marked_lines(source)
    try:
        with metered():
            code = environment.compile(source)
            template = Template.from_code(environment, code, environment.make_globals(None))
    except TemplateSyntaxError as error:
        raise NotRendered(Place(part, _paragraph(lines, error.lineno)), error) from error
    except (TemplateError, RecursionError, SyntaxError) as error:
        raise NotRendered(Place(part), error) from error
    return Source(part, template, lines)


def fill(part: str, source: str, facts: Mapping[str, Any], *, autoescape: bool) -> str:
    """One template source filled, and remembered in its compiled form; raises NotRendered."""
    return _remembered(part, source, autoescape).fill(facts)


@lru_cache(maxsize=COMPILED_MAX)
def _remembered(part: str, source: str, autoescape: bool) -> Source:
    return compiled(part, source, autoescape=autoescape)


def _marked_lines(source: str) -> tuple[int, ...]:
    if MARK not in source:
        return ()
    return tuple(n for n, line in enumerate(source.split("\n"), 1) if line.startswith("\0"))


def _paragraph(lines: tuple[int, ...], line: int | None) -> int | None:
    """The paragraph of a line: how many marks stand up to it; without marks, every line is one."""
    if line is None:
        return None
    return (bisect_right(lines, line) or None) if lines else paragraph_of(line)


def _line(trace: TracebackType | None, template: Template) -> int | None:
    """The template line in which an error arose: the innermost frame of compiled template code."""
    lines = [
        template.get_corresponding_lineno(line)
        for frame, line in traceback.walk_tb(trace)
        if frame.f_globals is template.root_render_func.__globals__
    ]
    return lines[-1] if lines else None
