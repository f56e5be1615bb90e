"""查错 of one template: text, blocks, names, type, form, and what a trial with each kind of unit shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from service.doors.forms.package import BadPackage, BrokenXml, parse_xml
from service.doors.press.answers import disagreements
from service.doors.press.measure import too_long
from service.doors.press.mend import unknown_names
from service.doors.press.package import Parts
from service.doors.press.paragraphs import Paragraph, paragraphs
from service.doors.press.proofread import problem_at, tags_in
from service.office.campaign import FormField
from service.office.finding import Problem
from service.office.needs.press import PressError, Trial, Value

# A template of a thousand slips is told of in part; after mending these the next look shows the rest.
PROBLEMS_MAX = 200


def check_soundness(parts: Parts) -> None:
    """Every part is whole and forbids nothing we refuse; raises BadPackage with a sentence for staff."""
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            try:
                parse_xml(data)
            except BrokenXml as error:
                say = f"文件已损坏（{name} 不完整或含有不允许的声明），请用 Word 打开后另存一份，再放进来"
                raise BadPackage("broken-xml", say) from error


def lint_parts(
    parts: Parts,
    file: str,
    facts: Mapping[str, Value],
    found: Sequence[Problem],
    fields: Sequence[FormField],
) -> list[Problem]:
    """Everything that can be told without rendering; `found` is what proofreading has said already."""
    texts = list(paragraphs(parts))
    problems = [*found, *unknown_names(parts, texts, file, facts, list(found))]
    problems += too_long(parts, texts, file, facts)
    if fields:
        problems += disagreements(parts, texts, file, fields)
    problems += _worth_knowing(parts, texts, file)
    return sorted(dict.fromkeys(problems), key=_in_reading_order)[:PROBLEMS_MAX]


def try_out(
    render: Callable[[Mapping[str, Value]], bytes],
    file: str,
    facts: Mapping[str, Value],
    trials: Sequence[Trial],
) -> list[Problem]:
    """What rendering shows with these facts, and with each trial's; the same slip is told once."""
    found: dict[tuple[str, int | None, str], Problem] = {}
    for whom, each in (("", facts), *((trial.whom, trial.facts) for trial in trials)):
        try:
            render(each)
        except PressError as error:
            told = error.problem
            if whom:
                told = replace(told, say=f"{told.say}（{whom}时填不出来）")
            found.setdefault((told.place, told.paragraph, told.code), told)
        except Exception:  # docxtpl, python-docx and lxml raise anything on odd XML; staff must be told so
            say = "文件结构不正常，试填没有成功，请用 Word 打开后另存一份，再放进来"
            found.setdefault(("全文", None, "broken-xml"), Problem(file, "全文", say, code="broken-xml"))
    return list(found.values())


def _worth_knowing(parts: Parts, texts: list[Paragraph], file: str) -> Iterator[Problem]:
    """What recipients would see and no author means them to: changes not accepted, remarks."""
    for each in texts:
        if each.deleted and (tags := tags_in(each.deleted)) and not each.is_twin:
            say = f"这一段有修订痕迹，删去的标记 {tags[0]} 仍会执行，请在“审阅”里接受全部修订"
            yield problem_at(file, each, "tracked-change", say)
    body = parts.get("word/document.xml", b"")
    if b"<w:ins " in body or b"<w:del " in body:
        say = "文档里有尚未接受的修订，收件人看得见，请在“审阅”里接受或拒绝全部修订"
        yield Problem(file, "全文", say, code="tracked-change", is_error=False)
    if any(each.part == "word/comments.xml" and each.text.strip() for each in texts):
        say = "文档里有批注，会随文发给每个单位，请在“审阅”里删除批注"
        yield Problem(file, "全文", say, code="comments", is_error=False)


def _in_reading_order(problem: Problem) -> tuple[bool, bool, int]:
    is_elsewhere = not problem.place.startswith("第")
    return is_elsewhere, problem.paragraph is None, problem.paragraph or 0
