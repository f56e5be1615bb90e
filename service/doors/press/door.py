"""The press: Word templates and facts in, documents out, nothing lost without a word."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from service.doors.forms.package import BadPackage
from service.doors.press.fill import NotRendered, Place
from service.doors.press.imprint import put_in
from service.doors.press.lint import check_soundness, lint_parts, try_out
from service.doors.press.package import check_every_part, read_parts, write_parts
from service.doors.press.proofread import paragraphs, proofread
from service.doors.press.say import all_names, problem
from service.doors.press.strict import render_parts
from service.office.campaign import FormField
from service.office.finding import Problem
from service.office.needs.press import Imprint, PressError, Trial, Value

TEMPLATE_BYTES_MAX = 32 * 2**20


class PressDoor:
    """Renders with docxtpl in a sandboxed, strict, escaping environment (see needs/press.py)."""

    def render(
        self, template: bytes, name: str, facts: Mapping[str, Value], imprint: Imprint | None = None
    ) -> bytes:
        """One document, the same bytes for the same input; raises PressError."""
        try:
            wrong = _wrong_before(template, name)
            if wrong:
                raise PressError(wrong[0])
            parts = render_parts(template, facts)
            if imprint is not None:
                put_in(parts, imprint)
            check_every_part(parts)
            return write_parts(parts)
        except BadPackage as error:
            raise PressError(_package_problem(name, error)) from error
        except NotRendered as error:
            text = _text_at(template, error.place)
            raise PressError(problem(name, error, text, all_names(facts))) from error

    def lint(
        self,
        template: bytes,
        name: str,
        facts: Mapping[str, Value],
        trials: Sequence[Trial] = (),
        fields: Sequence[FormField] = (),
    ) -> tuple[Problem, ...]:
        """Everything wrong in a template, by paragraph, tried with `facts` and with each trial's."""
        try:
            parts = read_parts(template)
            check_soundness(parts)
            before = _wrong_before(template, name)
            wrong = lint_parts(parts, name, facts, before, fields)
        except BadPackage as error:
            return (_package_problem(name, error),)
        if not any(each.is_error for each in wrong):
            wrong += try_out(lambda each: self.render(template, name, each), name, facts, trials)
        return tuple(wrong)


@lru_cache(maxsize=8)
def _proofread_once(digest: str, name: str, template: bytes) -> tuple[Problem, ...]:
    return tuple(proofread(read_parts(template), name))


def _wrong_before(template: bytes, name: str) -> tuple[Problem, ...]:
    if len(template) > TEMPLATE_BYTES_MAX:
        raise BadPackage("too-large", f"模板超过 {TEMPLATE_BYTES_MAX // 2**20} MB，请压缩其中的图片")
    return _proofread_once(hashlib.sha256(template).hexdigest(), name, template)


def _text_at(template: bytes, place: Place) -> str:
    if place.paragraph is None:
        return ""
    return next((each.text for each in paragraphs(read_parts(template)) if each.place == place), "")


def _package_problem(name: str, error: BadPackage) -> Problem:
    return Problem(file=name, place="全文", say=error.say, code=error.flag)
