"""Filling one template source: facts made fit to print, errors given their place."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, TracebackType
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.exceptions import TemplateSyntaxError

from service.doors.press.sandbox import BoundedEnvironment
from service.office.needs.press import Value

# How docxtpl lets an author print a brace. As constants they cannot be confused with a brace inside a fact.
_BRACES = {"{_{": "{{", "}_}": "}}", "{_%": "{%", "%_}": "%}"}
# Templates are few and small; the code of one is some tens of kilobytes.
COMPILED_MAX = 256
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


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


def clean(value: Value) -> Value:
    """The fact with what XML forbids mended: odd line breaks become breaks, half characters become visible.

    Nothing that a reader could see goes missing; control characters, which none can see, are left out.
    """
    if isinstance(value, str):
        text = _LINE_BREAKS.sub("\n", value)
        return _FORBIDDEN.sub(lambda found: "" if found[0] < " " else "\ufffd", text)
    if isinstance(value, Mapping):
        return {key: clean(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [clean(each) for each in value]
    return value


def paragraph_of(line: int) -> int | None:
    """Which paragraph a line of a marked source is; None before the first."""
    return line - 1 if line > 1 else None


def fill(part: str, source: str, facts: Mapping[str, Any], *, autoescape: bool) -> str:
    """One template source filled; raises NotRendered with the paragraph."""
    for typed, meant in _BRACES.items():
        source = source.replace(typed, "{{ '" + meant + "' }}")
    environment = BoundedEnvironment(autoescape=autoescape)
    try:
        code = _compiled(source, autoescape)
        template = Template.from_code(environment, code, environment.make_globals(None))
    except TemplateSyntaxError as error:
        raise NotRendered(Place(part, paragraph_of(error.lineno)), error) from error
    except (TemplateError, RecursionError, SyntaxError) as error:
        raise NotRendered(Place(part), error) from error
    try:
        return "".join(template.root_render_func(template.new_context(dict(facts))))
    except Exception as error:  # a template is a program: it may raise whatever Python can
        line = _line(error.__traceback__, template)
        raise NotRendered(Place(part, paragraph_of(line) if line else None), error) from error


@lru_cache(maxsize=COMPILED_MAX)
def _compiled(source: str, autoescape: bool) -> CodeType:
    """Jinja's code for a source: the same for every recipient, so it is made once."""
    return BoundedEnvironment(autoescape=autoescape).compile(source)


def _line(trace: TracebackType | None, template: Template) -> int | None:
    """The template line in which an error arose: the innermost frame of compiled template code."""
    lines = [
        template.get_corresponding_lineno(line)
        for frame, line in traceback.walk_tb(trace)
        if frame.f_globals is template.root_render_func.__globals__
    ]
    return lines[-1] if lines else None
