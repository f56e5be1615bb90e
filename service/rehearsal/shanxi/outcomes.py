"""What must come of every unit of Shanxi, written by hand."""

from __future__ import annotations

from service.rehearsal.scenario import Outcome, Row
from service.rehearsal.shanxi.cast import (
    CHANGZHI,
    COLLEAGUE,
    COUNTY,
    DATONG,
    FENBIN,
    JINCHENG,
    JINYUAN,
    JINZHI,
    JINZHONG,
    LINFEN,
    LVLIANG,
    PINGCHENG,
    PINGSHUI,
    SHUOZHOU,
    SILENT,
    TAIYUAN,
    TANGFENG,
    VINEGAR,
    XINZHOU,
    YANGQUAN,
    YANQI,
    YUHE,
    YUNCHENG,
    ZONE,
)

_WORK = Row("returned", entries=1, version=1)
_SUMMARY = Row("returned", entries=1, version=1)

OUTCOMES = {
    TAIYUAN: Outcome(
        {"works": _WORK, "summary": _SUMMARY, "major-events": Row("returned", entries=1, version=1)},
        ("acknowledged", "acknowledged", "acknowledged"),
        receipts=3,
    ),
    DATONG: Outcome(
        {"summary": Row("returned", is_late=True, entries=1, version=1)},
        ("acknowledged",),
        receipts=1,
        reminders=2,
    ),
    SHUOZHOU: Outcome(reminders=2, urgings=1),
    XINZHOU: Outcome(
        {"works": Row("returned", entries=1, version=2), "summary": _SUMMARY},
        ("acknowledged", "acknowledged", "acknowledged"),
        receipts=2,
        corrections=1,
        reminders=1,
    ),
    YANGQUAN: Outcome({"summary": _SUMMARY}, ("ignored", "acknowledged"), receipts=1),
    LVLIANG: Outcome(
        {"works": Row("undelivered"), "summary": Row("undelivered"), "major-events": Row("undelivered")}
    ),
    JINZHONG: Outcome({"works": _WORK, "summary": _SUMMARY}, ("acknowledged",), receipts=1),
    CHANGZHI: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1),
    JINCHENG: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1),
    LINFEN: Outcome({"summary": Row("returned", entries=1, version=5)}, ("acknowledged",) * 5, receipts=2),
    YUNCHENG: Outcome(
        {"summary": Row("returned", entries=1, version=2)}, ("acknowledged",), receipts=1, reminders=1
    ),
    ZONE: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1, reminders=1),
    FENBIN: Outcome(letters=("noted",)),
    JINYUAN: Outcome(letters=("noted",)),
    YUHE: Outcome({"works": Row("returned", entries=2, version=1)}, ("acknowledged",), receipts=1),
    PINGSHUI: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    JINZHI: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1),
    TANGFENG: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    YANQI: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    PINGCHENG: Outcome(letters=("asked",)),
    COLLEAGUE: Outcome(letters=("acknowledged",), receipts=1),
    COUNTY: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    VINEGAR: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    **{unit: Outcome() for unit in SILENT},
}
