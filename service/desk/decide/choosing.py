"""推荐 — a person says whether an entry is to be handed upward, and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.desk.decide.word import Decided, refuse
from service.followup.rollup import chosen
from service.followup.rollup.rows import take_stock
from service.journey import Office
from service.office.rollup import REMARK_LENGTH_MAX, Choice, RowKey


@dataclass(frozen=True, slots=True)
class Word:
    """What was said; None leaves that half as it is. `clears` takes 推荐 or 不推荐 back."""

    recommended: bool | None = None
    clears: bool = False
    remark: str | None = None


def choose(office: Office, campaign: str, key: RowKey, word: Word, *, by: str, now: datetime) -> Decided:
    """Recommend an entry or not, with a remark; both stay until somebody says otherwise."""
    if office.policy.person(by) is None:
        return refuse(f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人")
    if word == Word():
        return refuse("请写明 --recommend、--not、--clear 或 --remark 评语")
    if word.remark is not None and len(word.remark.strip()) > REMARK_LENGTH_MAX:
        return refuse(f"评语超过 {REMARK_LENGTH_MAX} 字，请缩短")
    stock = take_stock(office.doors.ledger, office.doors.archive, campaign)
    entries = {each.key: each for each in stock.entries.get(key.item, ())}
    if key not in entries:
        theirs = sorted(each.entry for each in entries if each.unit == key.unit)
        have = f"，现有第 {'、'.join(map(str, theirs))} 件" if theirs else "，还没有收到"
        return refuse(f"没有 {key.unit} 的这一件材料{have}")
    before = stock.choices.get(key, Choice())
    recommended = (
        None if word.clears else before.recommended if word.recommended is None else word.recommended
    )
    remark = before.remark if word.remark is None else word.remark.strip()
    choice = Choice(recommended, remark)
    if choice != before:
        office.doors.ledger.apply([chosen(campaign, key, choice, now, by)])
    title = entries[key].current.title
    named = f"《{title}》" if title else ""
    said = choice.word or "没有推荐"
    return Decided(True, f"{key.unit}第 {key.entry} 件{named}：{said}{'，评语：' + remark if remark else ''}")
