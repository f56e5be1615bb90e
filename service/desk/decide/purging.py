"""销毁 — matter marked 密级 is purged by two people; only a tombstone stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.change import Change, Record
from service.office.holding import let_go
from service.office.keeping import PURGED, KeepLetter
from service.office.letter import Stage


def purge(office: Office, letter: int, *, by: Sequence[str], reason: str, now: datetime) -> Decided:
    """The letter's bytes, facts, parts and every word of it go for good; sha, time and names stay."""
    names = tuple(dict.fromkeys(each.strip() for each in by))
    if len(names) != 2:
        return refuse("销毁要两个不同的人：请写两次 --by，各写一个姓名")
    for each in names:
        if refused := missing_word(office, each, reason):
            return refuse(refused)
    ledger = office.doors.ledger
    row = ledger.letter(letter)
    if row is None or row.stage is not Stage.REFUSED:
        return refuse(f"来信 {letter} 不是密级来信：只有标有密级、已封存的来信可以销毁")
    if row.keeping == PURGED:
        return refuse(f"来信 {letter} 已经销毁")
    both = "、".join(names)
    place = (row.campaign or "", row.unit or "")
    about = (("sha256", row.raw_sha256), ("by", names[0]), ("and", names[1]), ("reason", reason))
    changes: list[Change] = [
        KeepLetter(row.id, row.keeping, PURGED, now, office.keep.blobs_of(row)),
        Record("purged", now, both, *place, letter=row.id, about=about),
        Record("noted", now, both, *place, letter=row.id, about=(("reason", reason),)),
        *let_go(ledger, row.id, now, both),
    ]
    if not ledger.apply(changes):
        return refuse("这封来信刚刚被别人处理过，请重新查看")
    office.keep.finish([row.id])
    return Decided(True, f"来信 {letter} 已由 {both} 销毁，只留下登记（SHA-256、时间、姓名、理由）")
