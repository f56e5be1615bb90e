"""The press: Word templates and facts in, documents out, nothing lost without a word."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from docxtpl import DocxTemplate, RichText

from service.doors.forms.package import BadPackage
from service.doors.press.facts import sorted_out
from service.doors.press.fill import NotRendered, Place
from service.doors.press.lint import check_soundness, lint_parts, try_out
from service.doors.press.package import read_parts
from service.doors.press.plate import make_plate, shape_of
from service.doors.press.plates import Plates
from service.doors.press.proofread import paragraphs
from service.doors.press.refill import refilled
from service.doors.press.say import all_names, problem
from service.doors.press.strict import check_links, file_of, is_touched, render_live
from service.office.campaign import FormField
from service.office.finding import Problem
from service.office.needs.press import Imprint, PressError, Trial, Value

TEMPLATE_BYTES_MAX = 32 * 2**20
PLATES = Plates()


class PressDoor:
    """Renders with docxtpl in a sandboxed, strict, escaping environment (see needs/press.py)."""

    def render(
        self,
        template: bytes | DocxTemplate,
        name: str,
        facts: Mapping[str, Value],
        imprint: Imprint | None = None,
    ) -> bytes:
        """One document, the same bytes for the same input; raises PressError.

        A template object that was prepared by docxtpl's `replace_*`, `new_subdoc` or `build_url_id`, and
        pictures and documents among the facts, are printed by docxtpl itself, as strictly.
        """
        prepared = template if isinstance(template, DocxTemplate) and is_touched(template) else None
        file = file_of(template) if isinstance(template, DocxTemplate) else template
        try:
            wrong = _wrong_before(file, name)
            if wrong:
                raise PressError(wrong[0])
            return _printed(file, facts, imprint, prepared)
        except BadPackage as error:
            raise PressError(_package_problem(name, error)) from error
        except NotRendered as error:
            text = _text_at(file, error.place)
            # Facts that contain themselves have no end of names.
            names = () if isinstance(error.cause, RecursionError) else all_names(facts)
            raise PressError(problem(name, error, text, names)) from error

    def refill(
        self, form: bytes, fields: Sequence[FormField], answers: Mapping[str, str], wrong: Collection[str]
    ) -> bytes | None:
        """A form as it was sent, with answers typed in and the `wrong` fields left open and marked."""
        try:
            return refilled(form, fields, answers, wrong)
        except BadPackage:
            return None

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


def _printed(
    file: bytes, facts: Mapping[str, Value], imprint: Imprint | None, prepared: DocxTemplate | None
) -> bytes:
    try:
        return _by_plate_or_docxtpl(file, facts, imprint, prepared)
    except (NotRendered, BadPackage):
        raise
    except Exception as error:  # odd XML makes docxtpl, python-docx and lxml raise whatever they can
        raise NotRendered(Place(), error) from error


def _by_plate_or_docxtpl(
    file: bytes, facts: Mapping[str, Value], imprint: Imprint | None, prepared: DocxTemplate | None
) -> bytes:
    known, live = sorted_out(facts)
    if prepared is None and not live:
        return PLATES.of(file, imprint).print(known, imprint)
    if prepared is None and all(isinstance(each, RichText) for each in live):
        # Links that the template has anyway need no docxtpl.
        check_links(read_parts(file), live)
        return PLATES.of(file, imprint).print(known, imprint)
    finished = render_live(file, known, live, prepared)
    return make_plate(finished, shape_of(imprint), is_template=False).print({}, imprint)


def _wrong_before(template: bytes, name: str) -> tuple[Problem, ...]:
    if len(template) > TEMPLATE_BYTES_MAX:
        raise BadPackage("too-large", f"模板超过 {TEMPLATE_BYTES_MAX // 2**20} MB，请压缩其中的图片")
    return PLATES.proofread(template, name)


def _text_at(template: bytes, place: Place) -> str:
    if place.paragraph is None:
        return ""
    return next((each.text for each in paragraphs(read_parts(template)) if each.place == place), "")


def _package_problem(name: str, error: BadPackage) -> Problem:
    return Problem(file=name, place="全文", say=error.say, code=error.flag)
