"""交办 on the sample of Shanxi, where two campaigns ask the same units for a summary: nobody guesses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.desk.decide import Decided
from service.desk.errands import DeskErrands
from service.office.errand import read_answer_to_digest
from tests.stories.sample_office import CLERK, SHANXI, SPRING, TAIYUAN, Released, SampleOffice, release_once


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """The sample campaign and the spring one before it, both running."""
    return release_once(tmp_path_factory.mktemp("two"), with_spring=True)


@pytest.fixture
def office(two: Released, tmp_path: Path) -> Iterator[SampleOffice]:
    office = two.copy(tmp_path, "2024-09-20 10:00")
    yield office
    office.stop()


def do(office: SampleOffice, line: str) -> Decided:
    (errand,) = read_answer_to_digest(line, lambda code: False).errands
    return DeskErrands(office.office).carry_out(errand, CLERK, office.now, [])


def test_among_several_campaigns_the_name_decides_and_nothing_else(office: SampleOffice) -> None:
    refused = do(office, "延期 太原市 summary 10月12日 会议冲突")
    assert not refused.is_done and SHANXI in refused.say and SPRING in refused.say
    assert office.ledger.events(kind="extended") == ()
    done = do(office, f"延期 {SHANXI} 太原市 summary 10月12日 会议冲突")
    assert done.is_done and TAIYUAN in done.say
    (event,) = office.ledger.events(kind="extended")
    assert (event.campaign, event.unit, event.item, event.actor) == (SHANXI, TAIYUAN, "summary", CLERK)
    titled = do(office, "登记 《世界认可日》 太原市 summary 电话 昨天 说已寄出")
    assert titled.is_done and office.ledger.events(kind="recorded")[0].campaign == SPRING


@pytest.mark.parametrize(
    ("line", "say"),
    [
        (f"延期 {SHANXI} 太原市 summary", "没有写明延到哪天"),
        (f"延期 {SHANXI} 太原市 summary 2月30日 会议", "读不出是哪一天"),
        (f"延期 {SHANXI} 太原市 summary 10月12日", "没有写明理由"),
        (f"登记 {SHANXI} 太原市 summary", "没有写明怎么收到的"),
        (f"登记 {SHANXI} 太原市 summary 承诺", "没有写明承诺哪天报"),
        (f"登记 {SHANXI} 天津 summary 电话", "名单中没有“天津”"),
        (f"登记 {SHANXI} 太原市 zongjie 电话", "没有材料“zongjie”"),
        ("登记 天津 summary 电话", "没有同时有“天津”、“summary”"),
        (f"登记 {SHANXI} 太原 summary 电话", "不止一个单位"),
        ("登记 太原", "没有写明单位和材料"),
        ("归 999 太原市 summary", "没有编号为 999 的来信"),
        ("办结 999", "没有写明理由"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_done(office: SampleOffice, line: str, say: str) -> None:
    told = do(office, line)
    assert not told.is_done and say in told.say, told.say
    assert office.ledger.events(kind="extended") == () == office.ledger.events(kind="recorded")
