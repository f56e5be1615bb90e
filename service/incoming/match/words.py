"""Which item words speak of: in a file's name, a title, a subject, a covering note."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.incoming.match.names import head_lines
from service.office.campaign import Campaign, Item
from service.office.letter import LetterFacts

# A covering note says what comes in its first lines.
NOTE_CHARACTERS = 600
# A letter of more words than this may be the summary itself.
COVERING_CHARACTERS = 200
# So many of a summary's own sections make a text that summary, whatever it is called.
SECTIONS_AT_LEAST = 2
# A title is a line of its own; longer ones are sentences.
TITLE_CHARACTERS = 60
# What is announced for later does not lie in this letter.
_LATER = re.compile(
    r"[^，。；,;\n]{0,14}(?:随后|后续|另行|另报|另发|稍后|届时|之后|以后|再报|再行|尚未|正在|抓紧|延期|推迟|补报|下周|月底|下月)"
    r"[^，。；,;\n]{0,14}"
)
# A plan, a list, an identity card: no covering note makes a return of it.
OTHER_PAPER = re.compile(
    r"方案|计划|通知|名单|回执|请示|模板|要求|议程|简历|身份证|营业执照|合同|发票|新闻|简报|信息|报道|签到"
)
_OTHER_END = re.compile(r"(?:方案|计划|通知|名单|请示|模板|要求|议程|记录|签到表)$")
# Words that take a return back: a draft shown for an opinion, last year's paper as an example.
_TAKEN_BACK = re.compile(
    r"不(?:算|是|作为?)(?:我们?[局院所司])?(?:的)?正式|非正式|初稿|草稿|征求意见稿|(?:去年|上年|往年|上一年)度?的|"
    r"[在没]走(?:审批|会签)?流程|仅供参考|(?:格式|样式)(?:对不对|行不行|对吗|是否)|"
    r"先[^，。；\n]{0,12}(?:看看|看一下|过目|把把关|把关)"
)
_REPORTS_BELOW = re.compile(r"(?:如下|如下[:：]|报告于后|附后)\s*[。:：]?\s*$")
_END = re.compile(r"[\s。.）)》”\"*]*(?:[（(][^（）()]{0,12}[）)])?$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The items that a letter's own words name, in subject and covering note together."""

    items: tuple[Item, ...]

    @property
    def only(self) -> Item | None:
        """The one item spoken of, or None."""
        return self.items[0] if len(self.items) == 1 else None


def named_items(text: str, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Every item of which a name or keyword stands in a text; a word inside a longer one does not count."""
    folded = re.sub(r"\s+", "", text)
    spans: list[tuple[int, int, Item]] = []
    for item in items:
        for word in dict.fromkeys((item.name, *item.keywords)):
            spans += [(hit.start(), hit.end(), item) for hit in re.finditer(re.escape(word), folded)]
    free = [span for span in spans if not any(_covers(other, span) for other in spans)]
    return tuple(item for item in items if any(each is item for _, _, each in free))


def taken_back(facts: LetterFacts) -> str:
    """Why what came is perhaps not meant as the return, or an empty string.

    Asked of a covering note only: in a summary's own text last year's figures are no doubt.
    """
    words = "".join(facts.reply_text.split())
    found = _TAKEN_BACK.search(words if len(words) <= COVERING_CHARACTERS else words[:TITLE_CHARACTERS])
    return f"来信中有“{found[0]}”的话，可能不是正式报送，请确认" if found else ""


def only_item(text: str, items: tuple[Item, ...]) -> Item | None:
    """The one item a text names, or None where it names several or none."""
    found = named_items(text, items)
    return found[0] if len(found) == 1 else None


def own_subject(subject: str, title: str) -> str:
    """A subject without what stood in ours: the campaign's title may hold an item's word by itself."""
    return re.sub(r"\s+", "", subject).replace(re.sub(r"\s+", "", title), "")


def spoken(facts: LetterFacts, campaign: Campaign, items: tuple[Item, ...]) -> Spoken:
    """What subject and covering note say is coming."""
    subject = own_subject(facts.subject, campaign.title)
    words = _LATER.sub("", facts.reply_text[:NOTE_CHARACTERS])
    return Spoken(named_items(f"{subject}\n{words}", items))


def called(name: str, items: tuple[Item, ...]) -> Item | None:
    """The one item that a file is by its name; a plan for it, or a pattern of it, is something else."""
    stem = re.sub(r"[\s\d（）()_\-—]+$", "", re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name))
    return None if _OTHER_END.search(stem) else only_item(name, items)


def titled(text: str, items: tuple[Item, ...]) -> Item | None:
    """The item that a document's first lines name as what it is."""
    return next((found for line in head_lines(text) if (found := _as_title(line, items))), None)


def sectioned(text: str, headings: tuple[str, ...], items: tuple[Item, ...]) -> Item | None:
    """The item whose own sections a text has."""
    lines = "\n".join((*headings, *(line for line in text.splitlines() if len(line) <= TITLE_CHARACTERS)))
    fits = [
        item
        for item in items
        if len(item.sections) >= SECTIONS_AT_LEAST
        and sum(section in lines for section in item.sections) >= SECTIONS_AT_LEAST
    ]
    return fits[0] if len(fits) == 1 else None


def told(text: str, items: tuple[Item, ...]) -> Item | None:
    """The item that a mail's own body is: by its sections, its title line, or words that say it follows."""
    found = sectioned(text, (), items)
    if found is not None:
        return found
    for line in [line.strip() for line in text.splitlines() if line.strip()][:4]:
        named = _as_title(line, items)
        if named is None and _REPORTS_BELOW.search(line):
            named = only_item(line, items)
        if named is not None:
            return named
    return None


def _as_title(line: str, items: tuple[Item, ...]) -> Item | None:
    """The item that a line names at its end, as titles do; sentences only mention it."""
    named = only_item(line, items)
    bare = _END.sub("", line)
    if named is None or len(line) > TITLE_CHARACTERS or re.search(r"[，。；,;]", bare):
        return None
    return named if any(bare.endswith(word) for word in (named.name, *named.keywords)) else None


def _covers(longer: tuple[int, int, Item], span: tuple[int, int, Item]) -> bool:
    is_longer = longer[1] - longer[0] > span[1] - span[0]
    return is_longer and longer[0] <= span[0] and span[1] <= longer[1] and longer[2] is not span[2]
