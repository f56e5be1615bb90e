"""The command that shows documents as they will look: preview."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from service.desk.commands.naming import planned
from service.desk.commands.seat import AsJson, Seat, clock_of, seat_of
from service.desk.commands.speech import answer, found_problem, margin, tell
from service.desk.tools import PROBLEM_FOUND, Refused
from service.journey import Office
from service.office.content import Content, Enclosure
from service.office.finding import Problem
from service.office.needs.staff_files import CampaignReading, StaffFiles
from service.office.record import from_bytes
from service.office.roster import Roster, Unit
from service.office.rule import Rulebook

DOTS_PER_INCH = 100
_LAID_OUT = (".docx", ".doc", ".rtf", ".odt")


@dataclass(frozen=True, slots=True)
class _OneUnit:
    """Staff's files with one unit on the roster: nobody else's letter need be drafted to look at one."""

    files: StaffFiles
    unit: Unit

    def roster(self) -> Roster:
        """The roster with this unit alone."""
        whole = self.files.roster()
        return Roster((self.unit,), whole.problems, whole.sha256)

    def campaigns(self) -> tuple[str, ...]:
        """As they are."""
        return tuple(self.files.campaigns())

    def campaign(self, key: str) -> CampaignReading:
        """As it is."""
        return self.files.campaign(key)

    def rules(self) -> tuple[Rulebook, tuple[Problem, ...]]:
        """As they are."""
        return self.files.rules()

    def workday_overrides(self) -> tuple[dict[date, bool], tuple[Problem, ...]]:
        """As they are."""
        return self.files.workday_overrides()


def preview(
    ctx: typer.Context,
    what: Annotated[
        list[str], typer.Argument(metavar="活动或文件.docx", help="一个活动，或一个、几个 Word 文件")
    ],
    unit: Annotated[
        str, typer.Option("--unit", metavar="单位", help="看发给哪个单位的（默认通讯录里的第一个）")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="文件夹", help="放在哪里（默认 预览/活动名）")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """预览：把通知和附件排成 PDF 和图片，看看发出去是什么样子。

    需要本机装有 LibreOffice；字体用相近的代替，换行与 Word 可能略有出入。不会发出任何邮件。
    """
    seat = seat_of(ctx)
    are_files = all(Path(each).suffix.lower() in _LAID_OUT for each in what)
    if are_files and unit:
        raise Refused("--unit 只在预览活动时有用：文件会照原样排出，不填内容")
    if not are_files and len(what) > 1:
        raise Refused("一次只能预览一个活动；几个文件请都写成以 .docx 结尾的文件名")
    if are_files:
        documents = _named_apart(seat, what)
        folder = out or Path("预览")
    else:
        name, documents = _of_campaign(seat, what[0], unit)
        folder = out or Path("预览") / name
    _show(seat, documents, folder, as_json=as_json)


def _show(seat: Seat, documents: Mapping[str, bytes], folder: Path, *, as_json: bool) -> None:
    door = seat.tools.preview
    console = margin()
    to_lay_out = {name: data for name, data in documents.items() if name.lower().endswith(_LAID_OUT)}
    with console.status("正在排版……") if console.is_terminal else nullcontext():
        pdfs = {name: data for name, data in documents.items() if name.lower().endswith(".pdf")}
        pdfs |= door.pdf(to_lay_out) if to_lay_out else {}
        has_failed = False
        for name in documents:
            if name not in pdfs:
                has_failed = has_failed or name in to_lay_out
                say = f"{name}：不能排版，请用 Word 打开看看是否损坏" if name in to_lay_out else ""
                _tell_failure(name, say or f"{name}：不是 Word 或 PDF 文件，没有预览", as_json=as_json)
                continue
            stem = name.rpartition(".")[0]
            seat.tools.write_file(folder / f"{stem}.pdf", pdfs[name])
            pages = []
            for number, picture in enumerate(door.pages(pdfs[name], DOTS_PER_INCH), 1):
                pages.append(folder / f"{stem}-{number:02}.png")
                seat.tools.write_file(pages[-1], picture)
            if as_json:
                made = {
                    "file": name,
                    "pdf": str(folder / f"{stem}.pdf"),
                    "pages": [str(each) for each in pages],
                }
                answer([made])
            else:
                tell(f"{folder / f'{stem}.pdf'}（{len(pages)} 页，图片 {stem}-01.png 起）")
    found_problem(has_failed)


def _tell_failure(name: str, say: str, *, as_json: bool) -> None:
    if as_json:
        answer([{"file": name, "error": say}])
    else:
        tell(say)


def _named_apart(seat: Seat, what: list[str]) -> dict[str, bytes]:
    """The files by their own names; a second of the same name gets a number."""
    found: dict[str, bytes] = {}
    for each in what:
        path, number = Path(each), 1
        name = path.name
        while name in found:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        found[name] = seat.tools.read_file(path)
    return found


def _of_campaign(seat: Seat, campaign: str, unit: str) -> tuple[str, dict[str, bytes]]:
    """Exactly what a draft would give one unit, drafted in an office that is thrown away."""
    with seat.tools.scratch_office(seat.folder, seat.now) as office:
        key = planned(office.doors.staff_files.campaigns(), campaign)
        chosen = _unit(office, key, unit)
        draft = replace(office.draft, staff_files=_OneUnit(office.doors.staff_files, chosen))
        drafted = draft.whole(key, clock_of(office))
        if drafted.manifest is None:
            wrong = [each.sentence() for each in drafted.problems if each.is_error]
            raise Refused(*wrong, "没有起草成，不能预览：请按上面的提示修改后再试。", status=PROBLEM_FOUND)
        archive = office.doors.archive
        enclosures: list[Enclosure] = []
        for each in drafted.manifest.planned:
            if each.kind == "notice":
                enclosures += from_bytes(Content, archive.get(each.content_sha256)).enclosures
        for _, pack in drafted.manifest.print_packs:
            enclosures += pack
        return key, {each.name: archive.get(each.sha256) for each in enclosures}


def _unit(office: Office, campaign: str, wanted: str) -> Unit:
    reading = office.doors.staff_files.campaign(campaign)
    if reading.campaign is None:
        raise Refused(*(each.sentence() for each in reading.problems), status=PROBLEM_FOUND)
    units = office.doors.staff_files.roster().in_groups(reading.campaign.groups)
    if not units:
        raise Refused("通讯录里没有这个活动要发的单位：请核对 campaign.yaml 的 groups 和通讯录的组别")
    exact = [each for each in units if wanted in (each.key, each.name)]
    found = exact or [each for each in units if wanted in each.name]
    if not found:
        raise Refused(f"这个活动的单位里没有“{wanted}”，请写单位全称")
    if wanted and len(found) > 1:
        raise Refused(f"“{wanted}”可能是：{'、'.join(each.name for each in found[:8])}，请写全称")
    return found[0]
