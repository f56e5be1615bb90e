"""Two witnesses, a what and a who, and no contradiction: only then is a letter filed without a person."""

from __future__ import annotations

from dataclasses import dataclass

from service.incoming.match.witnesses import Testimony
from service.office.matter import WHO, Group, Witness


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whose letter it is. Uncertain rulings still name the likeliest unit, so that its docket can wait."""

    campaign: str | None
    unit: str | None
    is_certain: bool
    doubt: str = ""


def rule_on(testimony: Testimony, open_campaigns: int, has_item: bool) -> Ruling:
    """Weigh the witnesses [law 3]. `has_item` says that the letter recognisably brings an item."""
    named = [each for each in testimony.witnesses if each.unit]
    if not named:
        campaign = next((each.campaign for each in testimony.witnesses), None)
        return Ruling(campaign, None, False, "看不出是哪个单位的来信")
    campaign, unit = _likeliest(named)
    doubt = _contradiction(named, campaign, unit) or _stranger(testimony)
    if doubt:
        return Ruling(campaign, unit, False, doubt)
    mine = [each for each in named if (each.campaign, each.unit) == (campaign, unit)]
    groups = {each.group for each in mine}
    who = groups & set(WHO)
    what = groups - set(WHO)
    if len(groups) < 2 or not who:
        return Ruling(campaign, unit, False, _thin(groups))
    if not what and not (len(who) == 2 and has_item and _is_only_campaign(named, campaign)):
        return Ruling(campaign, unit, False, "来信没有编号，也不是回复我们的邮件，请确认它答复的是哪份通知")
    is_weak = who == {Group.SENDER} and all(each.is_weak for each in mine if each.group is Group.SENDER)
    # A shared domain is the weakest of witnesses: it needs both the thread and the form beside it.
    if is_weak and not {Group.THREAD, Group.FORM} <= groups:
        return Ruling(campaign, unit, False, "发件地址不在通讯录中，只有域名相同，请确认是否为该单位")
    return Ruling(campaign, unit, True)


def _likeliest(named: list[Witness]) -> tuple[str, str]:
    weight = {Group.THREAD: 4, Group.FORM: 3, Group.SENDER: 2, Group.NAME: 1}
    score: dict[tuple[str, str], int] = {}
    for each in named:
        score[(each.campaign, each.unit)] = score.get((each.campaign, each.unit), 0) + weight[each.group]
    return max(score, key=lambda pair: (score[pair], pair))


def _contradiction(named: list[Witness], campaign: str, unit: str) -> str:
    """A group that speaks only for somebody else contradicts; one that speaks for several does not."""
    for group in Group:
        speaking = [each for each in named if each.group is group]
        if not speaking:
            continue
        units = {each.unit for each in speaking}
        if unit not in units:
            other = speaking[0]
            return f"{other.say}，指向“{other.unit}”，与“{unit}”不一致"
        if group in (Group.THREAD, Group.FORM) and len(units) > 1:
            return f"来信中有几个单位的编号：{'、'.join(sorted(units))}"
        if group is Group.THREAD and campaign not in {each.campaign for each in speaking}:
            return "编号属于另一份通知"
    return ""


def _stranger(testimony: Testimony) -> str:
    if not testimony.strangers:
        return ""
    return f"来信落款是“{testimony.strangers[0]}”，不是编号所属的单位，可能是转发后由别的单位答复"


def _thin(groups: set[Group]) -> str:
    if groups & set(WHO):
        return "来信没有编号，也不是回复我们的邮件，请确认它答复的是哪份通知"
    return "有编号，但发件地址不在通讯录中，来信也没有写明单位，请确认是谁答复的"


def _is_only_campaign(named: list[Witness], campaign: str) -> bool:
    return {each.campaign for each in named} == {campaign}
