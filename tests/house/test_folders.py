"""The laws of the house that a walk through it can see: door-plates, decisions, glossary, stages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "service"

FOLDERS = sorted(
    folder
    for folder in [SERVICE, *SERVICE.rglob("*")]
    if folder.is_dir() and folder.name != "__pycache__" and any(folder.glob("*.*"))
)

# Written by hand from the house's own list: the words that staff, code, log and screen share.
GLOSSARY = {
    "campaign": "活动",
    "unit": "单位",
    "roster": "通讯录",
    "contact": "联系人",
    "item": "报送材料",
    "docket": "台账行",
    "letter": "来信",
    "dispatch": "发件",
    "code": "编号",
    "entry": "件",
    "filing": "归档件",
    "receipt": "回执",
    "read-receipt": "已读回执",
    "finding": "审核意见",
    "release": "签发",
    "in-doubt": "存疑",
    "review": "待人工",
    "by-link": "超大附件",
    "extension": "延期",
    "exempt": "免报",
    "voluntary": "自愿",
    "rolling": "随时报",
    "exchange": "交换",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_folder_has_its_door_plate(folder: Path) -> None:
    plate = folder / "README.md"
    assert plate.is_file(), f"{name_of(folder)} has no README.md"
    assert plate.read_text(encoding="utf-8").startswith("# "), f"{name_of(plate)} has no title"


@pytest.mark.parametrize("folder", ["templates", "mailbox_rules", "config", "tests"])
def test_what_staff_own_is_explained_where_it_lies(folder: str) -> None:
    assert (ROOT / folder / "README.md").is_file()


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (SERVICE / "decisions").glob("*.md") if path.name != "README.md")
    assert names
    for number, name in enumerate(names, start=1):
        assert re.fullmatch(rf"{number:04d}-[a-z0-9-]+\.md", name), (
            f"{name}: expected {number:04d}-short-title.md"
        )
        text = (SERVICE / "decisions" / name).read_text(encoding="utf-8")
        assert text.startswith("# "), f"{name} has no title"


@pytest.mark.parametrize(("word", "official"), GLOSSARY.items(), ids=list(GLOSSARY))
def test_the_glossary_holds_every_word(word: str, official: str) -> None:
    text = (SERVICE / "README.md").read_text(encoding="utf-8")
    together = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-]).{{0,12}}{re.escape(official)}")
    assert together.search(text), f"service/README.md does not explain “{word} {official}”"


def test_the_readmes_table_is_the_journeys_own() -> None:
    from service.journey import STAGES

    rows = ["| stage | word | what happens | room |", "|---|---|---|---|"]
    rows += [f"| {stage.name} | {stage.word} | {stage.says} | {stage.room} |" for stage in STAGES]
    assert "\n".join(rows) in (SERVICE / "README.md").read_text(encoding="utf-8"), "\n".join(rows)


def test_every_stage_of_the_journey_lives_where_it_says() -> None:
    from service.journey import STAGES

    assert len({stage.name for stage in STAGES}) == len(STAGES) >= 12
    for stage in STAGES:
        room = SERVICE / stage.room.strip("`")
        places = [room.with_suffix(".py"), room, room / f"{stage.name}.py", room / stage.name]
        assert any(place.exists() and stage.name in place.stem for place in places), (
            f"{stage.name}: {stage.room}"
        )
