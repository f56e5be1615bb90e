"""The four groups of witnesses, gathered from a letter and the ledger [law 3]."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.incoming.match.index import Index, index_of, may_open
from service.incoming.match.names import (
    authors_in,
    bodies_in,
    head_lines,
    introductions,
    is_same_body,
    is_short_for,
    named_by,
    opening_body,
    other_place,
    signature_lines,
    speaks,
    title_lines,
)
from service.office.address import Address
from service.office.code import find_codes
from service.office.letter import Flag, LetterFacts
from service.office.matter import Group, Read, Witness
from service.office.needs.ledger import Ledger

# A domain of one of these says nothing about who writes.
PUBLIC_DOMAINS = frozenset(
    {
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "yeah.net",
        "139.com",
        "189.cn",
        "sina.com",
        "sina.cn",
        "sohu.com",
        "aliyun.com",
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "live.cn",
        "icloud.com",
        "tom.com",
        "21cn.com",
        "wo.cn",
        "vip.qq.com",
        "vip.163.com",
        "vip.126.com",
        "vip.sina.com",
        "188.com",
        "msn.com",
        "yahoo.com",
        "yahoo.com.cn",
        "263.net",
    }
)
HANDED_IN = "交换/收件/"
_UNUSED = {Flag.INLINE, Flag.BLANK_FORM}


# The rules that hear witnesses, by name, and what `why` says where one heard nothing.
THREAD_ID = "thread-id"
CODE_IN_SUBJECT = "code-in-subject"
CODE_IN_TEXT = "code-in-text"
CODE_IN_QUOTE = "code-in-quote"
REFERENCES_ID = "references-id"
FORM_CODE = "form-code"
SENDER_ON_ROSTER = "sender-on-roster"
SENDER_CONFIRMED = "sender-confirmed"
SENDER_DOMAIN = "sender-domain"
UNIT_NAMED = "unit-named"
UNIT_IN_FILE = "unit-in-file"
UNIT_IN_FROM = "unit-in-from"
UNIT_IN_FORM = "unit-in-form"
HANDED_OVER = "handed-over"
WITNESS_RULES = {
    THREAD_ID: "不是直接回复我们发出的邮件",
    CODE_IN_SUBJECT: "主题中没有编号",
    CODE_IN_TEXT: "正文中没有编号",
    CODE_IN_QUOTE: "引文中没有编号",
    REFERENCES_ID: "邮件往来记录没有用来认信",
    FORM_CODE: "附件中没有编号",
    SENDER_ON_ROSTER: "发件地址不在通讯录中",
    SENDER_CONFIRMED: "发件地址没有经办人确认过",
    SENDER_DOMAIN: "没有按邮箱域名认信",
    UNIT_NAMED: "署名、正文和新拟的主题没有写明单位",
    UNIT_IN_FILE: "没有按文件认出单位",
    UNIT_IN_FROM: "没有按发件人署名认出单位",
    UNIT_IN_FORM: "没有从表中读出另填的单位名称",
}


# A letter that names more units than this is a list; who is on it waits for nobody.
SUSPECTS_MAX = 60
_ANSWER = re.compile(
    r"^\s*(?:(?:[\[【(（][^\]】)）]{1,12}[\]】)）]\s*)?(?:re|fwd?|回复|答复|转发|回覆|转寄)\s*[:：]|转[:：])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Testimony:
    """Everything heard: witnesses for units, other bodies that spoke up, and what was looked for in vain.

    `authors` are the units that files name as their author; `suspected` are (campaign, unit) pairs that
    something points to without being a witness.
    """

    witnesses: tuple[Witness, ...]
    strangers: tuple[str, ...]  # bodies that sign the letter or fill the form, yet are not the unit
    misses: tuple[str, ...]
    authors: tuple[str, ...] = ()
    suspected: tuple[tuple[str, str], ...] = ()
    spoken_of: frozenset[str] = frozenset()  # campaigns that the letter names in their own words
    heard: tuple[Witness, ...] = ()  # every sign, also where several say the same, for `why`
    of_files: tuple[tuple[str, str, str], ...] = ()  # (sha256, campaign, unit) that a file names as its own


def hear(facts: LetterFacts, reads: tuple[Read, ...], ledger: Ledger, via: str = "") -> Testimony:
    """All witnesses of a letter. Words we pre-filled never count; quoted ones only as thread."""
    heard: list[Witness] = []
    heard += _threads(facts, ledger)
    heard += _forms(reads, ledger)
    # A campaign that has ended speaks only where its code or thread does; its late letters are filed too.
    named = sorted({each.campaign for each in heard if each.campaign})
    heard += _senders(facts, ledger, via, named)
    running = {row.key for row in ledger.campaigns() if row.state == "open"}
    campaigns = {each.campaign for each in heard if each.campaign} or running
    indexes = tuple(index_of(ledger.roll(key)) for key in sorted(campaigns))
    papers = _papers(facts, reads)
    authors = _authors(papers, indexes)
    heard += _names(facts, authors, indexes)
    of_files = _of_files(facts, papers, indexes)
    return Testimony(
        _each_once(heard),
        _strangers(facts, papers, heard, indexes, of_files),
        _misses(heard),
        tuple(sorted({unit for _, unit in authors})),
        _suspected(facts, indexes, ledger),
        heard=tuple(heard),
        of_files=of_files,
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """A document that came along: its name and its head, unless we made it ourselves."""

    sha256: str
    name: str
    head: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """What may open with the name of its author."""
        return (*title_lines(self.name), *self.head)

    def bodies(self) -> tuple[str, ...]:
        heads = (body for line in self.head if (body := opening_body(line)))
        return tuple(dict.fromkeys((*authors_in(self.name), *heads)))


def _papers(facts: LetterFacts, reads: tuple[Read, ...]) -> tuple[_Paper, ...]:
    by_sha = {each.sha256: each.reading for each in reads}
    found = []
    for part in facts.parts:
        if part.type.startswith("image/") or _UNUSED & set(part.flags):
            continue
        reading = by_sha.get(part.sha256)
        # A form of ours carries the name we printed into it; what was typed there is asked field by field.
        head = head_lines(reading.text) if reading and not reading.codes else ()
        found.append(_Paper(part.sha256, part.name, head))
    return tuple(found)


def _threads(facts: LetterFacts, ledger: Ledger) -> list[Witness]:
    found: list[Witness] = []
    for message_id in facts.in_reply_to:
        if (dispatch := ledger.dispatch_by_message_id(message_id)) is not None:
            say = "回复的是我们发出的邮件"
            found.append(Witness(Group.THREAD, dispatch.campaign, dispatch.unit, say, rule=THREAD_ID))
    in_subject = find_codes(facts.subject)
    for code in in_subject:
        if (whose := ledger.whose_code(code)) is not None:
            found.append(Witness(Group.THREAD, *whose, f"主题中有编号 {code}", rule=CODE_IN_SUBJECT))
    # What somebody types counts like a subject; what is only quoted may be the history of another matter.
    in_words = find_codes(facts.reply_text)
    for code in (*in_words, *find_codes(facts.text)):
        if code not in in_subject and (whose := ledger.whose_code(code)) is not None:
            is_quoted = code not in in_words
            say = f"{'引文' if is_quoted else '正文'}中有编号 {code}"
            rule = CODE_IN_QUOTE if is_quoted else CODE_IN_TEXT
            found.append(Witness(Group.THREAD, *whose, say, is_weak=is_quoted, rule=rule))
    if not found:
        # Clients recycle References, so they speak only where nothing better does.
        for message_id in facts.references:
            if (dispatch := ledger.dispatch_by_message_id(message_id)) is not None:
                say = "邮件往来记录指向我们发出的邮件"
                mine = (dispatch.campaign, dispatch.unit)
                found.append(Witness(Group.THREAD, *mine, say, is_weak=True, rule=REFERENCES_ID))
    return found


def _forms(reads: tuple[Read, ...], ledger: Ledger) -> list[Witness]:
    found: list[Witness] = []
    for read in reads:
        for code in read.reading.codes:
            if (whose := ledger.whose_code(code)) is not None:
                say = f"文件“{read.name}”内有编号 {code}"
                found.append(Witness(Group.FORM, *whose, say, rule=FORM_CODE))
    return found


def _senders(facts: LetterFacts, ledger: Ledger, via: str, named: Sequence[str]) -> list[Witness]:
    if via.startswith(HANDED_IN):
        unit = via.removeprefix(HANDED_IN)
        found = []
        for row in ledger.campaigns():
            if ledger.standing(row.key, unit) is not None:
                said = ((Group.SENDER, f"放在“收件/{unit}”文件夹内"), (Group.NAME, f"文件夹名是“{unit}”"))
                found += [Witness(group, row.key, unit, say, rule=HANDED_OVER) for group, say in said]
        return found
    if facts.sender is None:
        return []
    known = ledger.whose_address(facts.sender.key, named)
    if known:
        return [_known_sender(facts.sender, *pair, ledger) for pair in known]
    domain = facts.sender.domain
    if domain in PUBLIC_DOMAINS:
        return []
    pairs = ledger.whose_domain(domain, named)
    if len({unit for _, unit in pairs}) == 1:
        say = f"域名 {domain} 只有该单位使用"
        return [Witness(Group.SENDER, *pair, say, is_weak=True, rule=SENDER_DOMAIN) for pair in pairs]
    return []


def _known_sender(sender: Address, campaign: str, unit: str, ledger: Ledger) -> Witness:
    """An address on the unit's roster line, or one that a clerk confirmed for it."""
    standing = ledger.standing(campaign, unit)
    if standing is not None and any(each.key == sender.key for each in standing.unit.addresses):
        say = f"发件地址 {sender} 在通讯录中"
        return Witness(Group.SENDER, campaign, unit, say, rule=SENDER_ON_ROSTER)
    say = f"发件地址 {sender} 经办人以前确认过"
    return Witness(Group.SENDER, campaign, unit, say, rule=SENDER_CONFIRMED)


def _authors(papers: tuple[_Paper, ...], indexes: tuple[Index, ...]) -> dict[tuple[str, str], _Paper]:
    """The first paper that names a unit as its author, by (campaign, unit)."""
    found: dict[tuple[str, str], _Paper] = {}
    for paper in papers:
        for whose in _speaking(paper.lines(), indexes):
            found.setdefault(whose, paper)
    return found


def _speaking(lines: Iterable[str], indexes: tuple[Index, ...]) -> tuple[tuple[str, str], ...]:
    """(campaign, unit) for every unit that one of these lines opens with."""
    found = [
        (campaign, unit.key)
        for line in lines
        for campaign, unit in may_open(indexes, line)
        if speaks(unit, line)
    ]
    return tuple(dict.fromkeys(found))


def _of_files(
    facts: LetterFacts, papers: tuple[_Paper, ...], indexes: tuple[Index, ...]
) -> tuple[tuple[str, str, str], ...]:
    """Whose each file says it is; a picture by its name, and what says nothing by the archive it lay in."""
    lines = {each.sha256: each.lines() for each in papers}
    found: list[tuple[str, str, str]] = []
    for part in facts.parts:
        named = _speaking(lines.get(part.sha256, tuple(title_lines(part.name))), indexes)
        if not named and part.inside:
            named = _speaking(title_lines(part.inside), indexes)
        found += [(part.sha256, *whose) for whose in named]
    return tuple(found)


def _names(
    facts: LetterFacts, authors: dict[tuple[str, str], _Paper], indexes: tuple[Index, ...]
) -> list[Witness]:
    typed = [*signature_lines(facts.reply_text), *introductions(facts.reply_text)]
    if not _ANSWER.match(facts.subject):
        # A subject begun anew is the sender's own; an answered one may be anybody's.
        typed.append(facts.subject)
    found: list[Witness] = []
    written = {key for line in typed if (key := _named_by(indexes, line))}
    signed = _named_by(indexes, facts.sender_name)
    for index in indexes:
        of_files = {unit for campaign, unit in authors if campaign == index.campaign}
        for unit in index.units({*written, *of_files, signed}):
            mine = (index.campaign, unit.key)
            if unit.key in written:
                say = f"来信写明是“{unit.name}”"
                found.append(Witness(Group.NAME, *mine, say, rule=UNIT_NAMED))
            elif (paper := authors.get(mine)) is not None:
                say = f"文件“{paper.name}”写明是“{unit.name}”的"
                found.append(Witness(Group.NAME, *mine, say, rule=UNIT_IN_FILE))
            else:
                say = f"发件人署名“{unit.name}”"
                # A display name is what an address book says, and a county's clerk may keep his city's.
                found.append(Witness(Group.NAME, *mine, say, is_weak=True, rule=UNIT_IN_FROM))
    return found


def _named_by(indexes: tuple[Index, ...], line: str) -> str:
    return named_by((unit for _, unit in may_open(indexes, line)), line)


def _strangers(
    facts: LetterFacts,
    papers: tuple[_Paper, ...],
    heard: list[Witness],
    indexes: tuple[Index, ...],
    of_files: tuple[tuple[str, str, str], ...],
) -> tuple[str, ...]:
    """Bodies that sign the letter or its files and are none of the units a witness speaks for."""
    units = [
        unit
        for index in indexes
        for unit in index.units({each.unit for each in heard if each.campaign == index.campaign})
    ]
    lines = [line for line in facts.reply_text.splitlines() if line.strip()]
    typed = [*signature_lines(facts.reply_text)[-3:], *introductions(facts.reply_text)]
    bodies = [*bodies_in(typed), *(opening_body(line) for line in lines[:2])]
    bodies += [body for paper in papers for body in paper.bodies()]
    found = [
        body
        for body in bodies
        if body and not any(is_same_body(unit, body) or is_short_for(unit, body) for unit in units)
    ]
    # 云冈区总结.docx: a place alone is a name only where the unit is the office of another one.
    # What names itself the paper of a unit of this place is of no other place.
    own = {(sha256, key) for sha256, _, key in of_files}
    open_papers = [
        paper
        for paper in papers
        if not any((paper.sha256, unit.key) in own and not other_place(unit, paper.name) for unit in units)
    ]
    places = (other_place(unit, paper.name) for unit in units for paper in open_papers)
    return tuple(dict.fromkeys((*found, *(each for each in places if each))))


def _suspected(facts: LetterFacts, indexes: tuple[Index, ...], ledger: Ledger) -> tuple[tuple[str, str], ...]:
    """Units that subject, display name or quoted addresses point to: no witness, yet maybe theirs."""
    lines = (_ANSWER.sub("", facts.subject), facts.sender_name)
    found = [
        (campaign, unit.key)
        for line in lines
        for campaign, unit in may_open(indexes, line)
        if speaks(unit, line)
    ]
    own = facts.sender.key if facts.sender else ""
    for address in dict.fromkeys(each.lower() for each in _ADDRESS.findall(facts.text)[:SUSPECTS_MAX]):
        # Whose the sender's own address is, a witness says.
        if address != own:
            found += ledger.whose_address(address)
    return tuple(dict.fromkeys(found))[:SUSPECTS_MAX]


def _each_once(heard: Iterable[Witness]) -> tuple[Witness, ...]:
    seen: dict[tuple[Group, str, str], Witness] = {}
    for each in sorted(heard, key=lambda witness: witness.is_weak):
        seen.setdefault((each.group, each.campaign, each.unit), each)
    return tuple(seen.values())


def _misses(heard: list[Witness]) -> tuple[str, ...]:
    groups = {each.group for each in heard}
    said = {
        Group.THREAD: "主题、引文和往来记录中没有我们的编号",
        Group.FORM: "附件中没有编号",
        Group.SENDER: "发件地址不在通讯录中",
        Group.NAME: "来信没有写明单位名称",
    }
    return tuple(words for group, words in said.items() if group not in groups)
