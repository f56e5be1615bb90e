"""验证 — every stored byte still has its hash, and the chains of events and journal are whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.desk.shapes import Damage
from service.journey import Office
from service.office.keeping import APART, LET_GO, PURGED
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.reach import inside


@dataclass(frozen=True, slots=True)
class Verified:
    """How many blobs, events and lines were looked at, and what is wrong with them.

    `keepings`: how many letters are set apart, let go and purged.
    """

    checked: int
    damaged: tuple[Damage, ...]
    head: str
    keepings: tuple[tuple[str, int], ...] = ()


def verify(office: Office, now: datetime, head: str = "") -> Verified:
    """Check every blob that the ledger counts on, every other stored one, and both chains.

    `head`: what a digest once named; the chain must have had it.
    """
    ledger, archive = office.doors.ledger, office.doors.archive
    named = dict.fromkeys((*ledger.blobs(), *inside(ledger, archive), *archive.all(), *archive.all_apart()))
    damaged = [Damage("blob", sha256, _say(archive, sha256)) for sha256 in named if not archive.check(sha256)]
    ledger.seal(now)
    chain, journal = ledger.check_chain(), ledger.check_journal()
    damaged += [
        Damage("event", str(each), "这条记录与前后的校验值不符，可能被改动过：请与备份核对")
        for each in chain.damaged
    ]
    damaged += [
        Damage("journal", each, "这几行流水与校验值不符，可能被改动过：请与备份核对")
        for each in journal.damaged
    ]
    if head and ledger.sealed_at(head.strip().lower()) is None:
        say = "记录链从来没有过这个值：请核对是否抄全；抄得没有错，就是这一段记录被换过，请与备份核对"
        damaged.append(Damage("event", head, say))
    aside = _aside(ledger)
    damaged += [
        Damage("journal", str(each), "流水里这封来信的内容被抹去，却没有两人销毁的记录：请与备份核对")
        for each in journal.blanked_for
        if each not in aside[PURGED]
    ]
    newest = chain.head if chain.checked else ""
    counts = tuple((keeping, len(ids)) for keeping, ids in aside.items())
    return Verified(len(named) + chain.checked + journal.checked, tuple(damaged), newest, counts)


def _aside(ledger: Ledger) -> dict[str, set[int]]:
    """By keeping; a purged one counts only with its event in the chain."""
    told = {each.letter for each in ledger.events(kind="purged")}
    aside: dict[str, set[int]] = {APART: set(), LET_GO: set(), PURGED: set()}
    for each in ledger.put_aside():
        letter = ledger.letter(each)
        if letter is not None and (letter.keeping != PURGED or each in told):
            aside[letter.keeping].add(each)
    return aside


def _say(archive: Archive, sha256: str) -> str:
    if archive.has(sha256):
        return "存档中的内容与它的 SHA-256 不符，文件已损坏：请从备份恢复"
    return "存档中没有这个文件：请从备份恢复"
