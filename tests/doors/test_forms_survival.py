"""Our forms filled, saved by other programs, and read back: the code and every field exact."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from docx import Document

from service.doors.forms import FormsDoor
from service.doors.marks import MarksDoor
from service.doors.press import PressDoor
from service.doors.press.blank_form import blank_form
from service.office.campaign import FieldKind, FormField, Item, ItemKind, Prefill
from service.office.form import FormReading
from service.office.mark import Mark
from service.office.needs.press import Imprint, Value
from tests.doors.test_forms_files import ANSWERS as WORKS_ANSWERS
from tests.doors.test_forms_files import FIELDS as WORKS_FIELDS
from tests.doors.test_forms_files import TEMPLATE
from tests.doors.word_files import fill_in, needs_soffice

pytestmark = pytest.mark.soffice
CODE = "ABCD-2345"
UNIT = "太原市市场监督管理局"

# One field of every kind, some known beforehand, labels and values that tempt a reader.
ALL_KINDS = (
    FormField("unit", "填报单位", is_unit_name=True, prefill=Prefill.UNIT),
    FormField("name", "联系人", prefill=Prefill.CONTACT),
    FormField("phone", "联系电话", kind=FieldKind.PHONE, prefill=Prefill.PHONE),
    FormField("mail", "电子邮箱", is_required=False, prefill=Prefill.EMAIL),
    FormField("title", "案例名称", is_title=True),
    FormField("kind", "案例类别", kind=FieldKind.CHOICE, choices=("管理", "服务", "技术")),
    FormField("on", "开始日期", kind=FieldKind.DATE),
    FormField("heads", "参加人数", kind=FieldKind.NUMBER),
    FormField("true", "真实性承诺", kind=FieldKind.CHECKBOX),
    FormField("agrees", "同意公开（勾选）", kind=FieldKind.CHECKBOX, is_required=False),
    FormField("done", "主要做法"),
    FormField("effect", "取得效果"),
)
KNOWN = {"unit": UNIT, "name": "张三", "phone": "0351-7654321", "mail": "zhang@ty.example"}
TYPED = {
    "title": "“一站式”服务 & <便民> 100%",
    "kind": "服务",
    "on": "2024年8月20日",
    "heads": "1200",
    "true": "是",
    "done": "一、走访企业40家。\n二、培训3场，联系人逐户回访。",
    "effect": "满意度由92.5%升到98%，节约成本约30万元。",
}
# What came back unticked is said too, for the form was answered.
BACK = {**KNOWN, **TYPED, "agrees": "否"}


def _fresh() -> bytes:
    item = Item("cases", "典型案例", ItemKind.FORM, (), fields=ALL_KINDS)
    known = {each.key: KNOWN.get(each.key, "") for each in ALL_KINDS if each.prefill is not Prefill.NONE}
    imprint = Imprint(CODE, ALL_KINDS, "典型案例", {"huizhi.item": "cases"}, known, Mark(CODE, "cases"))
    return PressDoor().render(blank_form(item, 2), "f.docx", {"code": CODE, "unit": {"name": UNIT}}, imprint)


def _works() -> bytes:
    imprint = Imprint(CODE, WORKS_FIELDS, "登记表", {"huizhi.item": "works"}, mark=Mark(CODE, "works"))
    facts: dict[str, Value] = {"code": CODE, "unit": {"name": UNIT}}
    return PressDoor().render(TEMPLATE.read_bytes(), "works-form.docx", facts, imprint)


STAFF_FIELDS = ALL_KINDS[4:9]


SURVEYED = {**{key: TYPED[key] for key in ("kind", "on", "heads", "true")}, "title": "一站式便民服务"}


def _staff() -> bytes:
    """A form that somebody made in a hurry: labels in the cell, above, and on a ruled line."""
    document = Document()
    document.add_paragraph("调查表")
    document.add_paragraph("案例名称：________________　　参加人数：________")
    table = document.add_table(2, 3, style="Table Grid")
    for cell, label in zip(table.rows[0].cells, ("案例类别", "开始日期（必填）", "真实性承诺"), strict=True):
        cell.text = label
    document.add_paragraph("谢谢配合。")
    out = io.BytesIO()
    document.save(out)
    imprint = Imprint(CODE, STAFF_FIELDS, "调查表", {"huizhi.item": "survey"}, mark=Mark(CODE, "survey"))
    return PressDoor().render(out.getvalue(), "f.docx", {}, imprint)


@dataclass(frozen=True)
class _Form:
    blank: bytes
    fields: tuple[FormField, ...]
    typed: Mapping[str, str]
    back: Mapping[str, str]
    prefilled: tuple[str, ...] = ()


FORMS = {
    "works": _Form(_works(), WORKS_FIELDS, WORKS_ANSWERS, WORKS_ANSWERS, ("unit",)),
    "fresh": _Form(_fresh(), ALL_KINDS, TYPED, BACK, (*KNOWN, "agrees")),
    "staff": _Form(_staff(), STAFF_FIELDS, SURVEYED, SURVEYED),
}


class Journeys:
    """Every form through every journey, a handful of LibreOffice processes in all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = needs_soffice()
        for name, form in FORMS.items():
            for state, data in (("filled", fill_in(form.blank, form.typed)), ("blank", form.blank)):
                (folder / f"{name}-{state}.docx").write_bytes(data)
        first = sorted(folder.glob("*.docx"))
        for to in ("docx", "doc", "odt", "rtf", "pdf"):
            self.save(first, to, to)
        back = []
        for kind in ("docx", "doc", "odt", "rtf"):
            for file in sorted((folder / kind).iterdir()):
                back.append(folder / f"{kind}@{file.name}")
                shutil.copy(file, back[-1])
        self.save(back, "docx", "back")

    def save(self, files: list[Path], to: str, where: str) -> None:
        """All these files saved as another kind by one process."""
        subprocess.run(
            [
                self.program,
                f"-env:UserInstallation={(self.folder / 'profile').as_uri()}",
                *("--headless", "--convert-to", to, "--outdir", str(self.folder / where)),
                *map(str, files),
            ],
            check=True,
            capture_output=True,
            timeout=200,
            env={**os.environ, "HOME": str(self.folder)},
        )

    def read(self, form: str, state: str, journey: str, kind: str) -> FormReading:
        """The form as it came back, by our reader."""
        where, at, first = journey.partition("@")
        file = self.folder / where / f"{first}{at}{form}-{state}.{kind}"
        return FormsDoor().read(file.read_bytes(), file.name, FORMS[form].fields)


@pytest.fixture(scope="module")
def journeys(tmp_path_factory: pytest.TempPathFactory) -> Journeys:
    return Journeys(tmp_path_factory.mktemp("journeys"))


WAYS = [
    ("", "docx"),
    ("docx", "docx"),
    ("back@docx", "docx"),
    ("doc", "doc"),
    ("back@doc", "docx"),
    ("odt", "odt"),
    ("back@odt", "docx"),
    ("rtf", "rtf"),
    ("back@rtf", "docx"),
    ("pdf", "pdf"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("journey", "kind"), WAYS, ids=[f"{way or 'as sent'}" for way, _ in WAYS])
def test_code_and_every_field_come_back_exactly(
    journeys: Journeys, form: str, journey: str, kind: str
) -> None:
    reading = journeys.read(form, "filled", journey, kind)
    assert reading.codes == (CODE,)
    assert {each.key: each.value for each in reading.fields} == FORMS[form].back
    if kind != "pdf":  # printing leaves the properties behind
        assert set(reading.prefilled) == set(FORMS[form].prefilled)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("journey", "kind"), WAYS, ids=[f"{way or 'as sent'}" for way, _ in WAYS])
def test_a_blank_form_saved_by_others_still_says_nothing(
    journeys: Journeys, form: str, journey: str, kind: str
) -> None:
    reading = journeys.read(form, "blank", journey, kind)
    assert reading.codes == (CODE,)
    said = {each.key: each.value for each in reading.fields}
    ours = {key: value for key, value in KNOWN.items() if form == "fresh"}
    if form == "works":
        ours = {"unit": UNIT}
    assert {key: value for key, value in said.items() if value != "否"} == ours


@pytest.mark.parametrize("form", FORMS)
def test_printed_it_is_one_page_whose_mark_can_be_read(journeys: Journeys, form: str) -> None:
    data = (journeys.folder / "pdf" / f"{form}-blank.pdf").read_bytes()
    scan = MarksDoor().read(data)
    assert len(scan.pages) == 1
    assert [mark.code for mark in scan.marks] == [CODE]
