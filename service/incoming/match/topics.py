"""Whether a letter speaks of a campaign in its own words: its number, its title, its activities."""

from __future__ import annotations

import re

from service.incoming.match.names import plain
from service.office.campaign import Campaign
from service.office.letter import LetterFacts
from service.office.matter import Read

# Shorter words than these stand in many notices.
TOPIC_CHARACTERS_AT_LEAST = 3
HEAD_CHARACTERS = 400
_VERBS = re.compile(
    r"^(?:(?:积极|组织|开展|做好|举办|报送|印发|召开|推进|加强|配合|征集|进一步|切实|\d{4}年度?|第[\d一二三四五六七八九十]+届|有关|相关))+"
)
_TAIL = re.compile(r"(?:(?:系列)?活动|有关|相关|工作|材料|事项|情况)+$")


def topics_of(campaign: Campaign) -> tuple[str, ...]:
    """Words that name this campaign and hardly anything else, plain."""
    words = [campaign.doc_number, *re.split(r"[、，,；;]", campaign.theme), _core(campaign.title)]
    words += [re.sub(r"[“”\"《》]|活动$", "", each.name) for each in campaign.activities]
    # What a title puts in quotation marks is what people call the matter: “世界认可日”.
    words += re.findall(r"“([^“”]{4,20})”", campaign.title)
    found = dict.fromkeys(plain(word) for word in words)
    return tuple(word for word in found if len(word) >= TOPIC_CHARACTERS_AT_LEAST)


def speaks_of(campaign: Campaign, facts: LetterFacts, reads: tuple[Read, ...]) -> bool:
    """Whether subject, own words, file names or the heads of files name the campaign."""
    heads = (read.reading.text[:HEAD_CHARACTERS] for read in reads)
    names = (part.name for part in facts.parts)
    said = plain("\n".join((facts.subject, facts.reply_text, *names, *heads)))
    return any(topic in said for topic in topics_of(campaign))


def _core(title: str) -> str:
    """质量认证系列宣传周 of 某局关于开展2024年度质量认证系列宣传周活动的通知."""
    core = re.sub(r"(?:的)?(?:通知|函|意见|通告)$", "", re.sub(r"^.*?关于", "", plain(title)))
    return _TAIL.sub("", _VERBS.sub("", core))
