"""One of the twins written from the other, after a person has said which of them is right."""

from __future__ import annotations

from collections.abc import Mapping

from service.doors.staff_files.campaigns import read_campaign
from service.doors.staff_files.twin.book_out import book_of
from service.doors.staff_files.twin.layout import BOOK_FILE, PAGE_FILE
from service.doors.staff_files.twin.page_out import page_changed, page_of
from service.doors.staff_files.twin.written import written
from service.office.finding import Problem


def written_from(
    key: str, keep: str, files: Mapping[str, bytes]
) -> tuple[str, bytes | None, tuple[Problem, ...]]:
    """The name and bytes of the file to write so that both say what `keep` says.

    No bytes where they already agree, or where the kept file is not there or has faults (then its problems).
    """
    page = f"templates/{key}/{PAGE_FILE}"
    kept, other = (PAGE_FILE, BOOK_FILE) if keep == PAGE_FILE else (BOOK_FILE, PAGE_FILE)
    if kept not in files:
        missing = Problem(f"templates/{key}/{kept}", "", "没有这个文件，不能以它为准", code="no-file")
        return other, None, (missing,)
    alone = {name: data for name, data in files.items() if name != other}
    reading = read_campaign(key, page, alone, None)
    campaign = reading.campaign
    if campaign is None or any(each.is_error for each in reading.problems):
        return other, None, reading.problems

    def says_the_same(data: bytes) -> bool:
        said = read_campaign(key, page, {**{n: d for n, d in files.items() if n != kept}, other: data}, None)
        is_sound = said.campaign is not None and not any(each.is_error for each in said.problems)
        return is_sound and said.campaign is not None and written(said.campaign) == written(campaign)

    if other in files and says_the_same(files[other]):
        return other, None, ()
    if other == BOOK_FILE:
        return other, book_of(campaign), ()
    if other in files:
        before = read_campaign(key, page, {n: d for n, d in files.items() if n != kept}, None).campaign
        return other, page_changed(files[other], before, campaign, says_the_same), ()
    return other, page_of(campaign), ()
