"""Names of bodies in words that people type: full, shortened, or of somebody else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from service.office.roster import Unit

_SUFFIXES = (
    "局|委员会|研究院|研究所|检测院|检验院|中心|公司|协会|学会|集团|分局|管理处|监管所|院|所|厂|合作社"
)
# 局务会 is a meeting, and its 局 names nobody.
_BODY = re.compile(rf"[\u4e00-\u9fff]{{2,24}}(?:{_SUFFIXES})(?!务会|长办公会)")
# “现报上我局” names nobody: 我局, 贵局, 省局 are the writer, the reader, and the body above both.
_SPEAKING = re.compile(
    r"(?:[我本贵你您该各全两几三四五六]家?|我们|上级|[我本]分)(?:局|委员会|院|所|中心|公司|协会|学会|集团|厂|合作社)$"
    # 交换到市局 says where something went; 我局联合区教育局 says with whom the writer worked.
    r"|^[省总市县区]局$|[到至给报送向交往][省总市县区]局$"
    r"|^(?:我们?|本)(?:局|委|院|所|中心|公司|协会|单位)(?:联合|会同|协同|邀请|组织|与)"
)
_DEPARTMENT = re.compile(r"^[\u4e00-\u9fff]{0,10}(?:科|处|室|股|部|办公室|组)")
_SUB_BODY = re.compile(
    r"^[\u4e00-\u9fff]{0,14}?(?:分局|监管所|工商所|分公司|分院|分中心|执法队|支队|大队)|^[\u4e00-\u9fff]{1,6}所(?![\u4e00-\u9fff])|^(?:直属|所属|下属)"
)
_SIGNS = re.compile(r"^[\s\d.、,:：_\-—–（）()【】\[\]《》“”\"'*]*(?:年度?)?")
# With these before it a body is spoken of, not speaking; 和, 同 and 含山 begin the names of counties.
_MENTION = re.compile(
    r"^(?:含(?!山)|包括|联合|会同|协同|邀请|组织|走进|深入|在|到|赴|与|受|请|报|给|抄送|按照?|根据|依据|依照)"
)
# 上海市 · 静安 · 区 · 市场监管 of a bureau's full name.
_BUREAU = re.compile(
    r"(?P<above>[\u4e00-\u9fff]{2,8}?(?:省|自治区|市|州|盟))?"
    r"(?P<stem>[\u4e00-\u9fff]{1,12}?)(?P<kind>省|自治区|市|区|县|旗)(?P<matter>市场监管|药品监督管理|知识产权|生态环境)局"
)
_SHORT_MATTERS = {"市场监管": ("市监",), "药品监督管理": ("药监",)}
# What may stand before a name where somebody says who writes or whose paper this is.
_BEFORE = re.compile(
    r"^[\s\d.、,:：_\-—（(【\[《“\"'*]*(?:年度?)?"
    r"(?:(?:附件?\d*[为是：:]?|(?:报送|填报|填表|上报|推荐|来信|发件)?单位(?:名称)?[为是：:]?|落款[：:]|署名[：:]|"
    r"来自[：:]?|发件人[：:]?|我们?是|这里是|我(?:单位|局|公司|院|中心|所)[为是（(]|现?将|兹将|现|报送|呈报|上报|"
    r"提交|转报|转|关于)[\s（(“\"]*)*"
)
# After a name these make it the reader or the notice's author: a greeting, a request, a notice passed on.
_NOT_THE_WRITER = re.compile(
    r"^[\u4e00-\u9fff]{0,12}[:：]$|"
    r"^[,，]?(?:[\u4e00-\u9fff]{0,6}(?:科|处|室|股|办))?(?:收|启|阅|各位|领导|同志们|老师|负责同志|您好|你好)|"
    r"^(?:的)?[\u4e00-\u9fff]{0,6}(?:转发|印发|下发|通知|要求|安排|部署|委托|来文|来函)"
)
_NOTICE_TITLE = re.compile(r"(?:通知|方案|批复|意见)[\s。）)》”\"]*$")
_NOTICE = re.compile(r"通知|转发|印发|方案|批复|征求意见")
# A city's own paper does not open with the name of a county: 云冈区总结.
_PLACE = re.compile(
    r"^([\u4e00-\u9fff]{2,4}?[区县市旗])(?:局|市场监|总结|工作|宣传|活动|质量|有机|服务|绿色|认证|20|$)"
)
_NO_PLACE = re.compile(r"^[全各本我]|[社小园景辖街校商片进]$|开发$|示范$")
# A line is taken for a signature when it is this short: longer ones are sentences that merely mention a body.
SIGNATURE_CHARACTERS = 40
SIGNATURE_LINES = 8
# Titles stand in a document's first lines.
TITLE_LINES = 3


def plain(text: str) -> str:
    """A text as names are compared in: NFKC, no blanks, one spelling of 市场监管."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", "", folded).replace("市场监督管理", "市场监管")


def names_of(unit: Unit) -> tuple[str, ...]:
    """Every name a unit goes by, plain, longest first; nothing shorter than four characters."""
    return _names(unit.name, unit.short_names)


@lru_cache(maxsize=65_536)
def _names(name: str, short_names: tuple[str, ...]) -> tuple[str, ...]:
    full = plain(name)
    names = {full, *(plain(each) for each in short_names), *_said(full)}
    names |= {each.removesuffix("有限公司") for each in names if each.endswith("有限公司")}
    return tuple(sorted((each for each in names if len(each) >= 4), key=len, reverse=True))


def _said(full: str) -> tuple[str, ...]:
    """What people say for a bureau: 太原市局, 晋中市监局, 静安区局, 山西省药监局.

    The place keeps its kind, 南昌县局 beside 南昌市局. Only of a city 市监局 stands behind the bare name:
    朝阳市监局 is read as the city's, whatever a district of that name may mean by it.
    """
    found = _BUREAU.fullmatch(full)
    if found is None:
        return ()
    above, stem, kind, matter = found["above"] or "", found["stem"], found["kind"], found["matter"]
    place = stem + kind
    if kind in ("省", "自治区"):
        return tuple(f"{place}{word}局" for word in _SHORT_MATTERS.get(matter, ()))
    names = [f"{place}局", f"{place}{matter}局"]
    for word in _SHORT_MATTERS.get(matter, ()):
        names += [f"{place}{word}局", f"{above}{place}{word}局"]
        if kind == "市" and len(stem) >= 2:
            names.append(f"{stem}{word}局")
    return tuple(names)


@lru_cache(maxsize=4096)
def openings(line: str) -> tuple[str, ...]:
    """A line as it may begin with a name; the same few lines are asked about again and again."""
    folded = plain(line)
    # What looks like 现 or 转 before a name may be its first sign.
    return tuple(dict.fromkeys((folded[_before(folded) :], _SIGNS.sub("", folded))))


def speaks(unit: Unit, line: str) -> bool:
    """Whether a line says that this unit writes it: its name opens the line, and nobody is greeted by it."""
    return _spoken(unit, line) > 0


def named_by(units: Iterable[Unit], line: str) -> str:
    """The key of the one unit whose name opens a line; "" where nobody's does, or several share that name.

    The longest name wins: 吉林市船营区局 is not 吉林市's. 鼓楼区局 alone, where several cities have one, is
    nobody's.
    """
    best, found = 0, set[str]()
    for unit in units:
        length = _spoken(unit, line)
        if length > best:
            best, found = length, {unit.key}
        elif length and length == best:
            found.add(unit.key)
    return next(iter(found)) if len(found) == 1 else ""


def _spoken(unit: Unit, line: str) -> int:
    """How many characters of a line are the unit's own name, 0 where it does not say that the unit writes."""
    rests = openings(line)
    starts = starts_of(unit.name, unit.short_names, unit.parent)
    # Many a unit ends here, so this is asked in one go.
    if not any(rest.startswith(starts) for rest in rests):
        return 0
    start = next(start for start in starts if any(rest.startswith(start) for rest in rests))
    after = next(rest[len(start) :] for rest in rests if rest.startswith(start))
    return len(start) if not _SUB_BODY.match(after) and not _NOT_THE_WRITER.match(after) else 0


@lru_cache(maxsize=4096)
def starts_of(name: str, short_names: tuple[str, ...], parent: str) -> tuple[str, ...]:
    """What a line may begin with that a unit writes: its names, longest first, each also behind its place."""
    places = _places_in(parent)
    return tuple(start for each in _names(name, short_names) for start in (each, *(p + each for p in places)))


def title_lines(name: str) -> tuple[str, ...]:
    """What of a file's name, or of a line of its head, may open with its author; nothing of a notice's."""
    return () if _NOTICE.search(name) else _pieces(name)


def signature_lines(reply_text: str) -> tuple[str, ...]:
    """The short lines at the end of a letter, where people say who they are."""
    lines = [line.strip() for line in reply_text.splitlines() if line.strip()]
    return tuple(line for line in lines[-SIGNATURE_LINES:] if len(line) <= SIGNATURE_CHARACTERS)


def introductions(reply_text: str) -> tuple[str, ...]:
    """What follows 我是, 我们是, 这里是: people naming themselves in a sentence."""
    found = re.findall(r"(?:我们?是|这里是|我单位为|我局为|单位名称[:：])([^，。；,\n]{2,40})", reply_text)
    return tuple(found)


def head_lines(text: str) -> tuple[str, ...]:
    """A document's first lines, where its title and its author stand; none of a notice passed on."""
    lines: list[str] = []
    for line in text[:1000].splitlines():
        if line.strip():
            lines.append(line.strip()[: SIGNATURE_CHARACTERS * 2])
        if len(lines) == TITLE_LINES:
            break
    return () if any(_NOTICE_TITLE.search(line) for line in lines) else tuple(lines)


def bodies_in(lines: Iterable[str]) -> tuple[str, ...]:
    """Every body that signature lines name, plain, departments cut off; who is only spoken of is left out."""
    found: dict[str, None] = {}
    for line in lines:
        for run in _BODY.findall(plain(line)):
            # 附件是闵行区局 and 现将大同市局 begin before the name does.
            name = run[_before(run) :] if len(run) - _before(run) > 2 else run
            if not _SPEAKING.search(name) and not _MENTION.match(name):
                found.setdefault(name, None)
    return tuple(found)


def opening_body(line: str) -> str:
    """The body that a line opens with, as its author, plain; or an empty string."""
    folded = _SIGNS.sub("", plain(line))
    found = _BODY.match(folded)
    if found is None or _MENTION.match(found[0]):
        return ""
    body = found[0][_before(found[0]) :]
    if len(body) < 3 or _SPEAKING.search(body) or _MENTION.match(body):
        return ""
    return "" if _NOT_THE_WRITER.match(folded[found.end() :]) else body


def authors_in(name: str) -> tuple[str, ...]:
    """Bodies that a file's name, or a line of its head, names as the author."""
    return tuple(body for piece in title_lines(name) if (body := opening_body(piece)))


def other_place(unit: Unit, name: str) -> str:
    """The county or district that a file's name opens with, where the unit is an office of another place."""
    if not names_of(unit) or not names_of(unit)[0].endswith(("局", "委员会", "政府")):
        return ""
    for piece in _pieces(name):
        found = _PLACE.match(piece)
        stem = found[1][:-1] if found else ""
        if found and not _NO_PLACE.search(stem) and not any(stem in each for each in names_of(unit)):
            return found[1]
    return ""


def is_same_body(unit: Unit, body: str) -> bool:
    """Whether a named body is the unit itself or a department of it."""
    for name in names_of(unit):
        if body == name or body in {place + name for place in _places(unit)}:
            return True
        # 市场监管局 without its place, 晋质认证有限公司 without its province.
        if len(body) >= 4 and name.endswith(body):
            return True
        # Where a body begins in a run of signs is a guess, 现将大同市局; a name with its own place is not.
        if name[:2] == plain(unit.name)[:2] and body.endswith(name):
            return True
        after = body[len(name) :]
        if body.startswith(name) and _DEPARTMENT.match(after) and not _SUB_BODY.match(after):
            return True
    return False


def is_short_for(unit: Unit, body: str) -> bool:
    """Whether a body may be this unit's name in short, as people say it: 盐湖公司, 晋质认证公司.

    Good enough not to contradict the unit, never enough to speak for it.
    """
    stem = re.sub(rf"(?:有限|股份|责任)*(?:{_SUFFIXES})$", "", body)
    full = plain(unit.name)
    kind = next((each for each in ("局", "公司", "院", "所", "中心", "协会") if body.endswith(each)), "")
    if not kind or re.search(r"分局|监管所|分公司|分院|支队|大队", body):
        return False
    return len(stem) >= 2 and kind in full and _is_within(stem, full)


def _is_within(short: str, full: str) -> bool:
    """Whether the characters of `short` stand in `full` in this order."""
    rest = iter(full)
    return all(sign in rest for sign in short)


def _before(folded: str) -> int:
    found = _BEFORE.match(folded)
    return found.end() if found else 0


def _places(unit: Unit) -> tuple[str, ...]:
    """What may stand before a unit's own name: the province or city that its parent is named after."""
    return _places_in(unit.parent)


def _places_in(parent: str) -> tuple[str, ...]:
    found = re.match(r"[\u4e00-\u9fff]{2,6}?(?:省|自治区|市)", plain(parent))
    return (found[0],) if found else ()


@lru_cache(maxsize=4096)
def _pieces(name: str) -> tuple[str, ...]:
    """A file's name taken apart where people put dashes, brackets and dots."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", plain(name))
    return tuple(each for each in re.split(r"[-—–_~()（）【】\[\]《》.+、,，;；:：]+", stem) if each)
