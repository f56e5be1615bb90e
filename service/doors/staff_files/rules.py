"""mailbox_rules/*.yaml as a Rulebook: ordered rows, each with its reason, the default row last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from service.doors.staff_files.page import read_page
from service.doors.staff_files.section import Faults, Section
from service.office.finding import Problem
from service.office.rule import Condition, Rule, Rulebook, Then, Where

RULE_KEYS = ("name", "version", "when", "unless", "then", "reason", "examples")
CONDITION_KEYS = ("where", "matches", "header", "at_most", "at_least", "is_absent")
PATTERN_LENGTH_MAX = 4000

_NUMBERS = (Where.ATTACHMENTS, Where.REPLY_LENGTH)
# A repetition inside a repetition can take for ever on a hostile letter.
_CLASSES = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
_NESTED = re.compile(r"\([^()]*(?:[*+]|\{\d+,\})[^()]*\)(?:[*+]|\{\d+,\})")


class RuleTable(Enum):
    """Which of the two tables a file adds its rows to."""

    SENDERS = "senders"
    MEANINGS = "meanings"


_CONCLUSIONS = {
    RuleTable.SENDERS: (
        Then.PERSON,
        Then.AUTO_REPLY,
        Then.BOUNCE,
        Then.DELAY,
        Then.READ_RECEIPT,
        Then.CALENDAR,
        Then.OWN,
    ),
    RuleTable.MEANINGS: (Then.PERSON, Then.NOTE, Then.ASK, Then.REFUSE, Then.NIL),
}


def read_rules(files: Sequence[tuple[str, bytes]]) -> tuple[Rulebook, tuple[Problem, ...]]:
    """Every file in order, its rows added to its table; `files` are (name for people, bytes)."""
    tables: dict[RuleTable, list[tuple[Rule, int]]] = {RuleTable.SENDERS: [], RuleTable.MEANINGS: []}
    problems: list[Problem] = []
    for file, data in files:
        table, faults_of_page = read_page(data, file)
        problems.extend(faults_of_page)
        if table is None:
            continue
        faults = Faults(file)
        section = Section(table, ("table", "version", "note", "rules"), faults)
        kind = section.choice("table", RuleTable, default=RuleTable.SENDERS, is_required=True)
        for each in section.sections("rules", RULE_KEYS):
            tables[kind].append((_rule(each, kind, file), each.line()))
        problems.extend(faults.problems)
    for kind, rows in tables.items():
        problems.extend(_check_table(kind, rows))
    book = Rulebook(*(tuple(rule for rule, _ in tables[kind]) for kind in RuleTable))
    return book, tuple(problems)


def _rule(section: Section, table: RuleTable, file: str) -> Rule:
    then = section.choice("then", Then, default=Then.PERSON, is_required=True)
    allowed = _CONCLUSIONS[table]
    if then not in allowed:
        names = "、".join(each.value for each in allowed)
        section.wrong("then", f"“{table.value}”表里的“then”只能是：{names}")
    return Rule(
        name=section.text("name", is_required=True),
        version=section.whole("version", at_least=1, at_most=9999, default=1),
        when=_conditions(section, "when"),
        then=then,
        reason=section.text("reason", is_required=True),
        examples=section.texts("examples"),
        unless=_conditions(section, "unless"),
        file=file,
    )


def _conditions(section: Section, key: str) -> tuple[Condition, ...]:
    return tuple(_condition(each) for each in section.sections(key, CONDITION_KEYS))


def _condition(section: Section) -> Condition:
    where = section.choice("where", Where, default=Where.SUBJECT, is_required=True)
    condition = Condition(
        where=where,
        matches=_pattern(section),
        header=section.text("header").lower(),
        at_most=_bound(section, "at_most"),
        at_least=_bound(section, "at_least"),
        is_absent=section.flag("is_absent"),
    )
    if where in _NUMBERS:
        if condition.at_most is None and condition.at_least is None:
            section.wrong("where", f"“{where.value}”是数目，要写“at_most”或“at_least”", code="missing")
        if condition.matches:
            section.wrong("matches", f"“{where.value}”是数目，不能用“matches”")
    elif condition.at_most is not None or condition.at_least is not None:
        numbers = "、".join(each.value for each in _NUMBERS)
        section.wrong("where", f"“at_most”“at_least”只用于：{numbers}")
    elif not condition.matches and not condition.is_absent and not section.has("matches"):
        section.wrong("matches", "缺少必填的键“matches”（正则表达式）", code="missing")
    if (where is Where.HEADER) != bool(condition.header):
        section.wrong("header", "“where: header”要写“header”（信头名称），其他情况不写")
    if condition.is_absent and where is not Where.HEADER:
        section.wrong("is_absent", "“is_absent”只用于“where: header”")
    return condition


def _pattern(section: Section) -> str:
    pattern = section.text("matches")
    if not pattern:
        return ""
    try:
        re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        section.wrong("matches", f"正则表达式写错了：{_regex_words(error)}", code="pattern")
        return ""
    if len(pattern) > PATTERN_LENGTH_MAX or _NESTED.search(_CLASSES.sub("x", pattern)):
        say = "正则表达式里有层层重复（如“(a+)+”），遇到特殊来信会卡住，请去掉一层“+”或“*”"
        section.wrong("matches", say, code="pattern")
        return ""
    return pattern


def _regex_words(error: Exception) -> str:
    place = getattr(error, "pos", None)
    words = str(getattr(error, "msg", error))
    remedies = (
        ("unterminated subpattern", "括号没有成对"),
        ("missing ), ", "括号没有成对"),
        ("unbalanced parenthesis", "括号没有成对"),
        ("unterminated character set", "方括号没有成对"),
        ("nothing to repeat", "“*”“+”“?”前面没有内容，若要找这个符号本身，请写成“\\*”“\\+”“\\?”"),
        ("multiple repeat", "“*”“+”“?”不能连写"),
        ("bad escape", "反斜杠后面的字母不对，若要找反斜杠本身，请写两个"),
        ("bad character range", "方括号里的范围写反了"),
    )
    said = next((remedy for start, remedy in remedies if start in words), "请对照样例改写")
    return said + (f"（第 {place + 1} 个字符）" if isinstance(place, int) else "")


def _bound(section: Section, key: str) -> int | None:
    return section.whole(key, at_least=0, at_most=100_000_000) if section.has(key) else None


def _check_table(kind: RuleTable, rows: Sequence[tuple[Rule, int]]) -> list[Problem]:
    if not rows:
        say = f"“{kind.value}”表一行规则也没有，请从样例复制 mailbox_rules/"
        return [Problem("mailbox_rules", "", say, code="missing")]
    found: list[Problem] = []
    seen: dict[str, str] = {}
    for index, (rule, line) in enumerate(rows):
        faults = Faults(rule.file)
        is_last = index == len(rows) - 1
        is_default = not rule.when and not rule.unless
        if rule.name in seen:
            faults.add(
                line, f"规则“{rule.name}”在 {seen[rule.name]} 已经有了，名称不能重复", code="duplicate"
            )
        if is_last and not is_default:
            faults.add(line, "最后一行必须是没有条件的默认规则（不写“when”和“unless”）", code="no-default")
        if is_default and not is_last:
            faults.add(line, f"规则“{rule.name}”没有条件，它后面的规则永远轮不到，请写条件或移到最后")
        seen.setdefault(rule.name, f"{rule.file} 第 {line} 行")
        found.extend(faults.problems)
    return found
