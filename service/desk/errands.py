"""交办 — a line that a member of staff typed in answer to the digest, carried out as the command would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from service.desk import decide
from service.desk.commands import naming
from service.desk.decide import VIA_WORDS, Decided, Via
from service.desk.tools import Refused
from service.journey import Office
from service.office.campaign import Campaign
from service.office.change import Change
from service.office.errand import Deed, Errand, day_in, looks_like_a_day
from service.office.frozen import frozen_campaign

_VIAS = {words: via for via, words in VIA_WORDS.items()} | {
    "oa": Via.OA,
    "纸质版": Via.PAPER,
    "纸质件": Via.PAPER,
}
_HOWS = "、".join(VIA_WORDS.values())


@dataclass(frozen=True, slots=True)
class _Given:
    """What a line is carried out with: who asked, when, and what is written down beside it."""

    by: str
    now: datetime
    also: Sequence[Change]


@dataclass(frozen=True, slots=True)
class DeskErrands:
    """Implements office/needs/errands.py over the desk's own decisions."""

    office: Office

    def carry_out(self, errand: Errand, by: str, now: datetime, also: Sequence[Change]) -> Decided:
        """Do it, or say why not; nothing is done by half."""
        given = _Given(by, now, also)
        try:
            match errand.deed:
                case Deed.ASSIGN:
                    return self._assign(errand, given)
                case Deed.RECORD:
                    return self._record(errand, given)
                case Deed.EXTEND:
                    return self._extend(errand, given)
                case Deed.NOTE:
                    return self._note(errand, given)
                case _:
                    assert_never(errand.deed)
        except Refused as refused:
            return Decided(False, "；".join(refused.lines))

    def _assign(self, errand: Errand, given: _Given) -> Decided:
        if not errand.words:
            raise Refused("没有写明是哪个单位：请写“归 来信编号 单位 材料”")
        letter = self.office.doors.ledger.letter(errand.letter)
        if letter is None:
            raise Refused(f"没有编号为 {errand.letter} 的来信")
        campaign, words = self._campaign(errand.words, 1, preferred=letter.campaign or "")
        unit = naming.unit(self.office, campaign.key, words[0])
        # A mistyped item must not pass for a reason: whatever follows the unit is the item.
        item = naming.item(campaign, words[1]) if len(words) > 1 else None
        return decide.assign(
            self.office,
            errand.letter,
            campaign=campaign.key,
            unit=unit,
            item=item,
            by=given.by,
            reason=_reason(words[2:]),
            now=given.now,
            also=given.also,
        )

    def _record(self, errand: Errand, given: _Given) -> Decided:
        campaign, words = self._campaign(errand.words, 2)
        unit, item, rest = self._place(campaign, words)
        via = _VIAS.get(rest[0].lower() if rest[0].isascii() else rest[0]) if rest else None
        if via is None:
            raise Refused(f"没有写明怎么收到的：请写“登记 单位 材料 方式 日期”，方式为{_HOWS}")
        today = self.office.policy.local(given.now).date()
        on, rest = _day(rest[1:], today, is_ahead=via is Via.PROMISE)
        if on is None and via is Via.PROMISE:
            raise Refused("没有写明承诺哪天报：请在“承诺”后面写日期，如 9月30日")
        return decide.record(
            self.office,
            campaign.key,
            unit,
            item,
            via=via,
            on=on or today,
            by=given.by,
            reason=_reason(rest),
            now=given.now,
            also=given.also,
        )

    def _extend(self, errand: Errand, given: _Given) -> Decided:
        campaign, words = self._campaign(errand.words, 2)
        unit, item, rest = self._place(campaign, words)
        until, rest = _day(rest, self.office.policy.local(given.now).date(), is_ahead=True)
        if until is None:
            raise Refused("没有写明延到哪天：请写“延期 单位 材料 日期 理由”，如 9月30日")
        if not rest:
            raise Refused("没有写明理由，台账要留痕：请在日期后面写明")
        return decide.extend(
            self.office,
            campaign.key,
            unit,
            item,
            until=until,
            by=given.by,
            reason=" ".join(rest),
            now=given.now,
            also=given.also,
        )

    def _note(self, errand: Errand, given: _Given) -> Decided:
        if not errand.words:
            raise Refused("没有写明理由，台账要留痕：请写“办结 来信编号 理由”")
        reason = " ".join(errand.words)
        return decide.note(
            self.office, errand.letter, by=given.by, reason=reason, now=given.now, also=given.also
        )

    # --- which campaign, unit, item -------------------------------------------------------------------------

    def _place(self, campaign: Campaign, words: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
        unit = naming.unit(self.office, campaign.key, words[0])
        return unit, naming.item(campaign, words[1]), tuple(words[2:])

    def _campaign(
        self, words: Sequence[str], needed: int, preferred: str = ""
    ) -> tuple[Campaign, Sequence[str]]:
        """The campaign that is meant and the words after its name, where it was named.

        Unnamed it is the only one that runs and may know both unit and item; among several nobody guesses.
        """
        ledger, archive = self.office.doors.ledger, self.office.doors.archive
        running = {row.key: frozen_campaign(row, archive) for row in ledger.campaigns() if row.is_open}
        named = _named(words[0], tuple(running.values())) if words else None
        if named is not None:
            words, running = words[1:], {named.key: named}
        if len(words) < needed:
            raise Refused("没有写明单位和材料" if needed > 1 else "没有写明单位")
        fitting = [each for each in running.values() if self._fits(each, words)]
        if not running:
            raise Refused("没有进行中的活动")
        if any(each.key == preferred for each in fitting):
            fitting = [running[preferred]]
        if len(fitting) == 1:
            return fitting[0], words
        if fitting:
            keys = "、".join(each.key for each in fitting)
            raise Refused(f"不止一个活动有这个单位和材料：请在单位前写明活动，{keys} 之一")
        raise Refused(self._nowhere(tuple(running.values()), words))

    def _fits(self, campaign: Campaign, words: Sequence[str]) -> bool:
        knows_item = len(words) < 2 or naming.may_mean_item(campaign, words[1])
        return knows_item and naming.may_mean_unit(self.office, campaign.key, words[0])

    def _nowhere(self, running: Sequence[Campaign], words: Sequence[str]) -> str:
        """Why no campaign fits, as the one that runs would say it, else in general."""
        if len(running) == 1:
            naming.unit(self.office, running[0].key, words[0])
            naming.item(running[0], words[1] if len(words) > 1 else "")
        what = "、".join(f"“{each}”" for each in words[:2])
        return f"进行中的活动里，没有同时有{what}这个单位和材料的：请核对单位名称和材料"


def _named(word: str, running: Sequence[Campaign]) -> Campaign | None:
    """The campaign that a word names: its key, or a part of its title within 《》."""
    title = word[1:-1] if word.startswith("《") and word.endswith("》") else ""
    found = [each for each in running if each.key == word or (title and title in each.title)]
    if len(found) > 1:
        raise Refused(f"{word}不止一个活动：请写{'、'.join(each.key for each in found)} 之一")
    return found[0] if found else None


def _day(words: Sequence[str], today: date, *, is_ahead: bool) -> tuple[date | None, tuple[str, ...]]:
    """The day that the words begin with, and the rest; a day that there is not is refused."""
    if not words or not looks_like_a_day(words[0]):
        return None, tuple(words)
    found = day_in(words[0], today, is_ahead=is_ahead)
    if found is None:
        raise Refused(f"“{words[0]}”读不出是哪一天：请连年份一起写，如 2024-09-30")
    return found, tuple(words[1:])


def _reason(words: Sequence[str]) -> str:
    return " ".join(words) or "回复每日情况办理"
