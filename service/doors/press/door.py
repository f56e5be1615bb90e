"""The press: Word templates and facts in, documents out, nothing lost without a word."""

from __future__ import annotations

from collections.abc import Mapping

from docxtpl import DocxTemplate, RichText
from jinja2.exceptions import TemplateSyntaxError
from lxml import etree

from service.doors.forms.package import BadPackage, parse_xml
from service.doors.press.facts import sorted_out
from service.doors.press.fill import NotRendered, Place, paragraph_of
from service.doors.press.names import missing_names
from service.doors.press.package import DOCUMENT, Parts, read_parts
from service.doors.press.plate import make_plate, shape_of
from service.doors.press.plates import Plates
from service.doors.press.proofread import paragraphs
from service.doors.press.say import all_names, no_such_name, problem
from service.doors.press.strict import (
    check_links,
    file_of,
    is_touched,
    part_name_in_words,
    patched,
    render_live,
)
from service.office.finding import Problem
from service.office.needs.press import Imprint, PressError, Value

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

    def lint(self, template: bytes, name: str, facts: Mapping[str, Value]) -> tuple[Problem, ...]:
        """Everything wrong in a template, by paragraph, with a trial render against `facts`."""
        try:
            wrong = list(_wrong_before(template, name))
            if not wrong:
                wrong = _unknown_names(read_parts(template), name, facts)
        except BadPackage as error:
            return (_package_problem(name, error),)
        if not wrong:
            try:
                self.render(template, name, facts)
            except PressError as error:
                wrong = [error.problem]
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


def _unknown_names(parts: Parts, file: str, facts: Mapping[str, Value]) -> list[Problem]:
    found = []
    texts = {(each.place.part, each.place.paragraph): each.text for each in paragraphs(parts)}
    for part in sorted(parts, key=lambda each: (each != DOCUMENT, each)):
        words = part_name_in_words(part)
        if not part.startswith("word/") or (words and words not in ("页眉", "页脚", "脚注", "尾注", "批注")):
            continue
        source = patched(etree.tostring(parse_xml(parts[part]), encoding="unicode"))
        try:
            missing = missing_names(source, facts)
        except TemplateSyntaxError as error:
            place = Place(words, paragraph_of(error.lineno))
            text = texts.get((place.part, place.paragraph), "")
            found.append(problem(file, NotRendered(place, error), text))
            continue
        for each in missing:
            place = Place(words, paragraph_of(each.line))
            found.append(
                Problem(
                    file=file,
                    place=place.words(),
                    say=no_such_name(each.name, each.known),
                    code="unknown-variable",
                    paragraph=place.paragraph,
                    text=texts.get((place.part, place.paragraph), ""),
                )
            )
    return found


def _text_at(template: bytes, place: Place) -> str:
    if place.paragraph is None:
        return ""
    return next((each.text for each in paragraphs(read_parts(template)) if each.place == place), "")


def _package_problem(name: str, error: BadPackage) -> Problem:
    return Problem(file=name, place="全文", say=error.say, code=error.flag)
