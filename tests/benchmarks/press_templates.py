"""What the press bench fills: a campaign's notice and form, and one template in every peer's tongue."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from docx import Document
from lxml import etree

from service.desk.sample_facts import SAMPLE_UNIT, template_facts
from service.doors.press.facts import clean
from service.doors.press.package import DOCUMENT, W_, Parts, read_parts, serialise, write_parts
from service.doors.staff_files import StaffFilesDoor
from service.office.calendar import WorkCalendar
from service.office.facts import unit_facts
from service.office.needs.press import Imprint, Value
from service.office.roster import Unit
from tests.doors.docxtpl_twin import body, p, row, saved, table

ROOT = Path(__file__).parents[2]
CAMPAIGN = "shanxi-2024-quality-weeks"
ZONE = ZoneInfo("Asia/Shanghai")
Facts = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Job:
    """One template as a draft fills it: file, facts by unit number, and what is put into it besides."""

    name: str
    template: bytes
    facts: Callable[[int], Facts]
    imprint: Callable[[int], Imprint]


@cache
def jobs() -> tuple[Job, ...]:
    """Notice and form, as they are (lean) and on the styles that Word and python-docx bring along (plain)."""
    campaign = StaffFilesDoor(ROOT).campaign(CAMPAIGN)
    assert campaign.campaign is not None
    files, facts = dict(campaign.files), campaign.campaign
    notice = next(each.file for each in facts.attachments if each.is_notice)
    item = next(each for each in facts.items if each.form_template)

    shared: dict[bool, Facts] = {
        is_form: clean(template_facts(facts, item if is_form else None, SAMPLE_UNIT, WorkCalendar(), ZONE))
        for is_form in (True, False)
    }

    def of_unit(number: int, *, is_form: bool) -> Facts:
        unit = Unit(f"u{number}", f"第{number}市市场监督管理局", ("各市市场监管局",))
        return {**shared[is_form], "unit": unit_facts(unit), "code": code(number)}

    def of_notice(number: int) -> Imprint:
        return Imprint(title=facts.title)

    def of_form(number: int) -> Imprint:
        about = {"huizhi.campaign": facts.key, "huizhi.item": item.key}
        return Imprint(code(number), item.fields, item.name, about)

    lean = (
        Job("notice, lean", files[notice], lambda n: of_unit(n, is_form=False), of_notice),
        Job("form, lean", files[item.form_template], lambda n: of_unit(n, is_form=True), of_form),
    )
    plain = (
        Job(each.name.replace("lean", "plain"), on_plain_styles(each.template), each.facts, each.imprint)
        for each in lean
    )
    return (*plain, *lean)


def code(number: int) -> str:
    """A code as long as ours, another for each unit."""
    letters = "23456789ABCDEFGHJKMNPQRSTWXYZ"
    spelled = ""
    for _ in range(8):
        number, index = divmod(number, len(letters))
        spelled += letters[index]
    return f"{spelled[:4]}-{spelled[4:]}"


def on_plain_styles(template: bytes) -> bytes:
    """The same text in python-docx's own package: 40 KB of styles, theme and the like around it."""
    root = etree.fromstring(read_parts(template)[DOCUMENT])
    document = Document()
    for child in list(document.element.body)[:-1]:
        document.element.body.remove(child)
    for number, child in enumerate(each for each in root[0] if each.tag != W_ + "sectPr"):
        document.element.body.insert(number, child)
    return saved(document)


# --- one template in the tongue of each peer ------------------------------------------------------------

STILL = [
    f"第{number}段固定文字，谁都一样，说明有关背景、依据和要求，逐字保留，不作任何改动。"
    for number in range(10)
]
SECTIONS = [{"title": f"第{n}项", "text": f"第{n}项工作的内容与分工，详见后表。"} for n in range(1, 5)]
ROWS = [{"name": f"第{n}市", "n": str(n * 10)} for n in range(1, 5)]
SCALARS = {f"v{n}": f"第{n}个值（某某单位）" for n in range(1, 12)}
PEER_FACTS: Mapping[str, object] = {**SCALARS, "sections": SECTIONS, "rows": ROWS}


def for_docxtpl() -> bytes:
    """Ours and docxtpl's."""
    return _lean(
        *[p(f"{{{{ {name} }}}}") for name in SCALARS],
        *map(p, ["{%p for s in sections %}", "{{ s.title }}", "{{ s.text }}", "{%p endfor %}"]),
        table(
            2, row("{%tr for r in rows %}", ""), row("{{ r.name }}", "{{ r.n }}"), row("{%tr endfor %}", "")
        ),
    )


def for_docxtemplater() -> bytes:
    """docxtemplater's and easy-template-x's."""
    return _lean(
        *[p(f"{{{name}}}") for name in SCALARS],
        *map(p, ["{#sections}", "{title}", "{text}", "{/sections}"]),
        table(2, row("{#rows}{name}", "{n}{/rows}")),
    )


def for_docx_templates() -> bytes:
    return _lean(
        *[p(f"+++INS {name}+++") for name in SCALARS],
        *map(p, ["+++FOR s IN sections+++", "+++INS $s.title+++", "+++INS $s.text+++", "+++END-FOR s+++"]),
        table(
            2,
            row("+++FOR r IN rows+++", ""),
            row("+++INS $r.name+++", "+++INS $r.n+++"),
            row("+++END-FOR r+++", ""),
        ),
    )


def for_mailmerge() -> bytes:
    """docx-mailmerge2's: it repeats rows but no paragraphs, so the sections are written out."""
    fields = [f"s{number}_{key}" for number in range(len(SECTIONS)) for key in ("title", "text")]
    cells = [
        f"<w:tc><w:tcPr><w:tcW w:w='9' w:type='dxa'/></w:tcPr>{_field(name)}</w:tc>" for name in ("name", "n")
    ]
    return _lean(*map(_field, [*SCALARS, *fields]), table(2, row(*cells)))


def mailmerge_facts() -> dict[str, str]:
    """The scalars and sections under the names of their fields."""
    written_out = {f"s{n}_{key}": each[key] for n, each in enumerate(SECTIONS) for key in ("title", "text")}
    return {**SCALARS, **written_out}


def said(document: bytes) -> list[str]:
    """The text of every paragraph that has any."""
    root = etree.fromstring(read_parts(document)[DOCUMENT])
    lines = ("".join(t.text or "" for t in each.iter(W_ + "t")) for each in root.iter(W_ + "p"))
    return [line for line in lines if line]


def _field(name: str) -> str:
    run = f"<w:r><w:t>«{name}»</w:t></w:r>"
    return f'<w:p><w:fldSimple w:instr=" MERGEFIELD {name} \\* MERGEFORMAT ">{run}</w:fldSimple></w:p>'


def _lean(*xml: str) -> bytes:
    """A body in a package of four parts, as a small template of an office is."""
    filled: Parts = read_parts(body(*map(p, STILL), *xml))
    base = read_parts((ROOT / "templates" / CAMPAIGN / "works-form.docx").read_bytes())
    root, old = etree.fromstring(base[DOCUMENT]), etree.fromstring(filled[DOCUMENT])
    section = root[0].find(W_ + "sectPr")
    root[0][:] = [each for each in old[0] if each.tag != W_ + "sectPr"]
    if section is not None:
        root[0].append(section)
    return write_parts({**base, DOCUMENT: serialise(root)})


def bytes_of(document: object) -> bytes:
    """What a library writes into a file, as bytes."""
    out = io.BytesIO()
    document.save(out) if hasattr(document, "save") else document.write(out)  # type: ignore[attr-defined]  # docxtpl and mailmerge differ
    return out.getvalue()
