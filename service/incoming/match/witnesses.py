"""The four groups of witnesses, gathered from a letter and the ledger [law 3]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.incoming.match.names import bodies_in, introductions, is_named, is_same_body, signature_lines
from service.office.code import find_codes
from service.office.letter import LetterFacts
from service.office.matter import Group, Read, Witness
from service.office.needs.ledger import Ledger, Standing

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


@dataclass(frozen=True, slots=True)
class Testimony:
    """Everything heard: witnesses for units, other bodies that spoke up, and what was looked for in vain."""

    witnesses: tuple[Witness, ...]
    strangers: tuple[str, ...]  # bodies that sign the letter or fill the form, yet are not the unit
    misses: tuple[str, ...]


def hear(facts: LetterFacts, reads: tuple[Read, ...], ledger: Ledger, via: str = "") -> Testimony:
    """All witnesses of a letter. Words we pre-filled never count; quoted ones only as thread."""
    heard: list[Witness] = []
    heard += _threads(facts, ledger)
    heard += _forms(reads, ledger)
    heard += _senders(facts, ledger, via)
    campaigns = {each.campaign for each in heard if each.campaign} or {row.key for row in ledger.campaigns()}
    standings = tuple(each for key in sorted(campaigns) for each in ledger.standings(key))
    heard += _names(facts, reads, standings)
    strangers = _strangers(facts, heard, standings)
    return Testimony(_each_once(heard), strangers, _misses(heard))


def _threads(facts: LetterFacts, ledger: Ledger) -> list[Witness]:
    found: list[Witness] = []
    for message_id in facts.in_reply_to:
        if (dispatch := ledger.dispatch_by_message_id(message_id)) is not None:
            found.append(Witness(Group.THREAD, dispatch.campaign, dispatch.unit, "回复的是我们发出的邮件"))
    in_subject = find_codes(facts.subject)
    for code in in_subject:
        if (whose := ledger.whose_code(code)) is not None:
            found.append(Witness(Group.THREAD, *whose, f"主题中有编号 {code}"))
    for code in find_codes(facts.text):
        if code not in in_subject and (whose := ledger.whose_code(code)) is not None:
            found.append(Witness(Group.THREAD, *whose, f"正文或引文中有编号 {code}"))
    if not found:
        # Clients recycle References, so they speak only where nothing better does.
        for message_id in facts.references:
            if (dispatch := ledger.dispatch_by_message_id(message_id)) is not None:
                found.append(
                    Witness(Group.THREAD, dispatch.campaign, dispatch.unit, "邮件往来记录指向我们发出的邮件")
                )
    return found


def _forms(reads: tuple[Read, ...], ledger: Ledger) -> list[Witness]:
    found: list[Witness] = []
    for read in reads:
        for code in read.reading.codes:
            if (whose := ledger.whose_code(code)) is not None:
                found.append(Witness(Group.FORM, *whose, f"文件“{read.name}”内有编号 {code}"))
    return found


def _senders(facts: LetterFacts, ledger: Ledger, via: str) -> list[Witness]:
    if via.startswith(HANDED_IN):
        unit = via.removeprefix(HANDED_IN)
        found = []
        for row in ledger.campaigns():
            if ledger.standing(row.key, unit) is not None:
                found.append(Witness(Group.SENDER, row.key, unit, f"放在“收件/{unit}”文件夹内"))
                found.append(Witness(Group.NAME, row.key, unit, f"文件夹名是“{unit}”"))
        return found
    if facts.sender is None:
        return []
    known = ledger.whose_address(facts.sender.key)
    if known:
        return [Witness(Group.SENDER, *pair, f"发件地址 {facts.sender} 在通讯录中") for pair in known]
    domain = facts.sender.domain
    if domain in PUBLIC_DOMAINS:
        return []
    pairs = ledger.whose_domain(domain)
    if len({unit for _, unit in pairs}) == 1:
        return [Witness(Group.SENDER, *pair, f"域名 {domain} 只有该单位使用", is_weak=True) for pair in pairs]
    return []


def _names(facts: LetterFacts, reads: tuple[Read, ...], standings: tuple[Standing, ...]) -> list[Witness]:
    typed = [*signature_lines(facts.reply_text), *introductions(facts.reply_text)]
    files = [part.name for part in facts.parts]
    found: list[Witness] = []
    for standing in standings:
        unit = standing.unit
        if any(is_named(unit, line) for line in typed):
            found.append(Witness(Group.NAME, standing.campaign, unit.key, f"落款写有“{unit.name}”"))
        elif any(is_named(unit, name) for name in files):
            found.append(Witness(Group.NAME, standing.campaign, unit.key, f"文件名写有“{unit.name}”"))
        elif is_named(unit, facts.sender_name):
            found.append(Witness(Group.NAME, standing.campaign, unit.key, f"发件人署名“{unit.name}”"))
    return found


def _strangers(facts: LetterFacts, heard: list[Witness], standings: tuple[Standing, ...]) -> tuple[str, ...]:
    """Bodies in the signature that are none of the units a witness speaks for."""
    spoken = {(each.campaign, each.unit) for each in heard if each.unit}
    units = [each.unit for each in standings if (each.campaign, each.unit.key) in spoken]
    typed = [*signature_lines(facts.reply_text)[-3:], *introductions(facts.reply_text)]
    return tuple(body for body in bodies_in(typed) if not any(is_same_body(unit, body) for unit in units))


def _each_once(heard: Iterable[Witness]) -> tuple[Witness, ...]:
    seen: dict[tuple[Group, str, str], Witness] = {}
    for each in heard:
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
