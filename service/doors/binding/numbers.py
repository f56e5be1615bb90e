"""Automatic numbers written out: 一、 （一） 1. ① stand in a list's settings, and would be lost with them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from lxml import etree

from service.doors.press.package import W_

_DIGITS = "〇一二三四五六七八九"
_BULLET = "•"
_LEVELS_MAX = 9


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered."""

    kind: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """Counts the lists of one document, paragraph after paragraph."""

    levels: dict[tuple[str, int], Level] = field(default_factory=dict)  # (numId, level)
    lists: dict[str, str] = field(default_factory=dict)  # numId → the list it counts in
    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def words(self, number: str, level: int) -> str:
        """What Word shows before the next paragraph of this list and level."""
        here = self.levels.get((number, level))
        if here is None or level >= _LEVELS_MAX:
            return ""
        counts = self.counts[self.lists.get(number, number)]
        while len(counts) <= level:
            at = self.levels.get((number, len(counts)))
            counts.append((at.start if at else 1) - 1)
        counts[level] += 1
        for deeper in range(level + 1, len(counts)):
            below = self.levels.get((number, deeper))
            counts[deeper] = (below.start if below else 1) - 1
        if here.kind == "bullet":
            return _BULLET + " "
        if here.kind == "none":
            return ""

        def shown(found: re.Match[str]) -> str:
            index = int(found[1]) - 1
            kind = self.levels.get((number, index), here).kind
            return written(max(counts[index], 1) if index < len(counts) else 1, kind)

        text = re.sub(r"%([1-9])", shown, here.text)
        return text + (" " if re.search(r"[\d.)]$", text) else "")


def numbering_of(root: etree._Element | None) -> Numbering:
    """The lists that word/numbering.xml defines."""
    found = Numbering()
    if root is None:
        return found
    abstract = {str(each.get(W_ + "abstractNumId")): each for each in root.findall(W_ + "abstractNum")}
    for each in root.findall(W_ + "num"):
        number = str(each.get(W_ + "numId"))
        pointer = each.find(W_ + "abstractNumId")
        source = abstract.get(str(pointer.get(W_ + "val"))) if pointer is not None else None
        if pointer is None or source is None:
            continue
        # Lists of one definition count on, unless one of them begins anew.
        anew = each.find(f"{W_}lvlOverride/{W_}startOverride") is not None
        found.lists[number] = number if anew else f"abstract {pointer.get(W_ + 'val')}"
        for level in source.findall(W_ + "lvl"):
            found.levels[number, int(level.get(W_ + "ilvl", "0"))] = _level(level)
    return found


def _level(level: etree._Element) -> Level:
    def value(name: str, default: str) -> str:
        child = level.find(W_ + name)
        return str(child.get(W_ + "val", default)) if child is not None else default

    start = value("start", "1")
    return Level(value("numFmt", "decimal"), value("lvlText", ""), int(start) if start.isdigit() else 1)


def written(number: int, kind: str) -> str:
    """A number as a list of this kind shows it."""
    match kind:
        case "chineseCounting" | "chineseCountingThousand" | "japaneseCounting" | "taiwaneseCountingThousand":
            return chinese(number)
        case "ideographDigital":
            return "".join(_DIGITS[int(digit)] for digit in str(number))
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if number <= 20:
            return chr(0x2460 + number - 1)
        case "decimalFullWidth":
            return "".join(chr(0xFF10 + int(digit)) for digit in str(number))
        case "decimalZero":
            return f"{number:02d}"
        case "lowerLetter" | "upperLetter":
            letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
            return letter if kind == "lowerLetter" else letter.upper()
        case "lowerRoman" | "upperRoman":
            return _roman(number) if kind == "upperRoman" else _roman(number).lower()
    return str(number)


def chinese(number: int) -> str:
    """一 … 九十九, and beyond that digit by digit."""
    if number < 10:
        return _DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _roman(number: int) -> str:
    pairs = (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    )
    out = ""
    for value, sign in pairs:
        while number >= value and len(out) < 30:
            out, number = out + sign, number - value
    return out
