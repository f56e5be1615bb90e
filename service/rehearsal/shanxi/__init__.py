"""Shanxi 2024: forty units, from the release on 20 August to the second week of October."""

from __future__ import annotations

from service.rehearsal.scenario import Scenario, Stranger, at
from service.rehearsal.shanxi.cast import COLLEAGUE, COUNTY, VINEGAR, YANGQUAN
from service.rehearsal.shanxi.outcomes import OUTCOMES
from service.rehearsal.shanxi.summaries import OCTOBER, SEPTEMBER
from service.rehearsal.shanxi.works import AUGUST
from service.rehearsal.units.acts import AwayNote

__all__ = ["SHANXI"]

SHANXI = Scenario(
    campaign="shanxi-2024-quality-weeks",
    signer="郝清源",
    released_at=at("2024-08-20", "09:30"),
    ends_at=at("2024-10-11", "17:00"),
    strangers=(
        Stranger(COLLEAGUE, "李榆社", "liyushe85@post.example"),
        Stranger(COUNTY, "田灵空", "rzg@qinyuan-scjg.example"),
        Stranger(VINEGAR, "贾清徐", "pinzhi@laochenfang.example"),
    ),
    away={YANGQUAN: AwayNote("您好，我正在休假，9月中旬返回，来信会尽快回复。")},
    dead_addresses={"rzjg@lvliang-scjg.example": "User unknown in virtual mailbox table"},
    steps=(*AUGUST, *SEPTEMBER, *OCTOBER),
    outcomes=OUTCOMES,
    notices=43,
    bounces=1,
)
