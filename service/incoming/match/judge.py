"""Two witnesses, a what and a who, and no contradiction: only then is a letter filed without a person."""

from __future__ import annotations

from dataclasses import dataclass

from service.incoming.match.witnesses import UNIT_NAMED, Testimony
from service.office.matter import WHO, Group, Witness

# How much each group counts when the likeliest unit is sought; weak witnesses count half.
_WEIGHT = {Group.THREAD: 8, Group.FORM: 4, Group.SENDER: 4, Group.NAME: 2}
_CODES = (Group.THREAD, Group.FORM)


@dataclass(frozen=True, slots=True)
class Likeliest:
    """The pair most speaks for; `is_alone` says that no other pair has as much."""

    campaign: str | None = None
    unit: str | None = None
    is_alone: bool = True


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whose letter it is. Uncertain rulings still name the likeliest unit, so that its docket can wait."""

    campaign: str | None
    unit: str | None
    is_certain: bool
    doubt: str = ""


def likeliest(testimony: Testimony) -> Likeliest:
    """The campaign and unit that most speaks for; a campaign alone where no unit is spoken for."""
    named = [each for each in testimony.witnesses if each.unit]
    if not named:
        return Likeliest(next((each.campaign for each in testimony.witnesses), None))
    score: dict[tuple[str, str], int] = {}
    for each in named:
        weight = _WEIGHT[each.group] // (2 if each.is_weak else 1)
        score[each.campaign, each.unit] = score.get((each.campaign, each.unit), 0) + weight
    for campaign, unit in score:
        public = {each.group for each in testimony.witnesses if (each.campaign, each.unit) == (campaign, "")}
        score[campaign, unit] += 2 * len(public) + (campaign in testimony.spoken_of)
    best = max(score.values())
    found = sorted(pair for pair, points in score.items() if points == best)
    return Likeliest(*found[0], is_alone=len(found) == 1)


def rule_on(testimony: Testimony, pair: Likeliest, has_item: bool) -> Ruling:
    """Weigh the witnesses [law 3]. `has_item` says that the letter recognisably brings an item."""
    campaign, unit = pair.campaign, pair.unit
    if campaign is None or unit is None:
        return Ruling(campaign, None, False, "看不出是哪个单位的来信")
    doubt = (
        _contradiction(testimony, campaign, unit)
        or _stranger(testimony)
        or _several(testimony, unit)
        or _signed_by_several(testimony, campaign, unit)
        or _thin(testimony, campaign, unit, has_item)
        or ("" if pair.is_alone else "来信可能属于几个单位或几份通知，请确认")
    )
    return Ruling(campaign, unit, not doubt, doubt)


def _contradiction(testimony: Testimony, campaign: str, unit: str) -> str:
    """A group that speaks only for somebody else contradicts; one that speaks for several does not."""
    for group in Group:
        speaking = [each for each in testimony.witnesses if each.group is group]
        units = {each.unit for each in speaking if each.unit}
        if units and unit not in units:
            other = next(each for each in speaking if each.unit)
            return f"{other.say}，指向“{other.unit}”，与“{unit}”不一致"
        if group in _CODES and len(units) > 1:
            return f"来信中有几个单位的编号：{'、'.join(sorted(units))}"
        if group in _CODES and _campaigns(speaking) - {campaign}:
            return "来信中的编号分属几份通知，请确认答复的是哪一份"
    return ""


def _campaigns(speaking: list[Witness]) -> set[str]:
    """What codes say; below a fresh thread an older one may hang, which then says nothing."""
    strong = {each.campaign for each in speaking if not each.is_weak}
    return strong or {each.campaign for each in speaking}


def _stranger(testimony: Testimony) -> str:
    if not testimony.strangers:
        return ""
    other = testimony.strangers[0]
    return f"来信或附件署名“{other}”，不是编号、地址所属的单位，可能是转发后由别的单位答复"


def _several(testimony: Testimony, unit: str) -> str:
    """Files of several units in one letter are somebody's collection; one of another unit is not ours."""
    others = [each for each in testimony.authors if each != unit]
    return f"附件写明是“{'、'.join(others)}”的，请确认各归哪个单位" if others else ""


def _signed_by_several(testimony: Testimony, campaign: str, unit: str) -> str:
    """Who signs together may report together: filed under one, the others would be called missing."""
    others = [
        each.unit
        for each in testimony.witnesses
        if each.rule == UNIT_NAMED and each.campaign == campaign and each.unit != unit
    ]
    return f"来信同时写明“{unit}”和“{'、'.join(others)}”，请确认是不是几个单位一并报送" if others else ""


def _thin(testimony: Testimony, campaign: str, unit: str, has_item: bool) -> str:
    mine = [each for each in testimony.witnesses if (each.campaign, each.unit) == (campaign, unit)]
    groups = {each.group for each in mine}
    if Group.SENDER in groups:
        # The public code says which notice is answered; anybody may have it, so it needs an address.
        public = [each for each in testimony.witnesses if (each.campaign, each.unit) == (campaign, "")]
        groups |= {each.group for each in public}
    who = groups & set(WHO)
    what = groups - set(WHO)
    if not who:
        return "有编号，但发件地址不在通讯录中，来信也没有写明单位，请确认是谁答复的"
    if not what and not (len(who) == 2 and has_item and testimony.spoken_of == {campaign}):
        return "来信没有我们的编号，也不是回复我们的邮件，请确认它答复的是哪份通知"
    if who == {Group.NAME} and all(each.is_weak for each in mine if each.group is Group.NAME):
        return "发件地址不在通讯录中，只有发件人的显示名写着该单位，请确认是否为该单位"
    is_weak = who == {Group.SENDER} and all(each.is_weak for each in mine if each.group is Group.SENDER)
    # A shared domain is the weakest of witnesses: it needs thread and form beside it [decision 8].
    if is_weak and not {Group.THREAD, Group.FORM} <= groups:
        return "发件地址不在通讯录中，只有域名相同，请确认是否为该单位"
    return ""
