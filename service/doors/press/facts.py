"""Facts made fit to print, and what among them only docxtpl itself can print."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from docxtpl import InlineImage, Listing, RichText, RichTextParagraph

from service.office.needs.press import Value

NESTED_MAX = 100_000  # lists and mappings to be looked through in one go; a loop of them never ends
DEPTH_MAX = 60  # of facts within facts: more is a loop
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# One search tells whether a text needs any mending at all; almost none does.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# What docxtpl's own Listing and RichText give a meaning: a new paragraph and a new page.
_FORBIDDEN_SET = re.compile("[^\t\n\a\f\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SET_BREAKS = re.compile("\r\n|[\r\x0b\x85\u2028\u2029]")
# The same for many texts at once: signs of one byte, and the few others.
_CONTROLS = bytes({*range(32)} - {0x09, 0x0A})
_UNUSUAL = ("\x85", "\u2028", "\u2029", "\ufffe", "\uffff")
_TYPESET = (RichText, RichTextParagraph, Listing)


def clean(value: Any) -> Any:
    """The fact with what XML forbids mended: odd line breaks become breaks, half characters become visible.

    Nothing that a reader could see goes missing; control characters, which none can see, are left out.
    """
    return _clean(value, [], 0)


def sorted_out(facts: Mapping[str, Value]) -> tuple[dict[str, Any], list[Any]]:
    """The facts, clean, and whatever among them changes the file being made: pictures, documents, links."""
    if type(facts) is dict and _is_plain(facts):
        return facts, []
    live: list[Any] = []
    return {key: _clean(each, live, 1) for key, each in facts.items()}, live


def _is_plain(facts: dict[str, Any]) -> bool:
    """Whether there is nothing to mend: plain data of sound texts, which templates cannot change.

    Almost always so, and told several times faster than a copy is made.
    """
    texts: list[str] = []
    queue: list[Any] = [facts]
    seen = 0
    while queue:
        value = queue.pop()
        kind = type(value)
        if kind is str:
            texts.append(value)
        elif kind is dict:
            queue.extend(value.values())
            seen += 1
        elif kind is list:
            queue.extend(value)
            seen += 1
        elif kind is not int and kind is not bool and value is not None:
            return False
        if seen > NESTED_MAX:
            return False
    whole = "".join(texts)
    try:
        packed = whole.encode()
    except UnicodeEncodeError:  # half a character
        return False
    is_odd = len(packed.translate(None, _CONTROLS)) != len(packed)
    return not is_odd and not any(each in whole for each in _UNUSUAL)


def _clean(value: Any, live: list[Any], depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return value if _ODD.search(value) is None else _mended(value, _LINE_BREAKS, _FORBIDDEN)
    if kind is int or kind is bool or value is None:
        return value
    if depth > DEPTH_MAX:
        raise RecursionError("facts within facts")
    if kind is dict:
        return {key: _clean(each, live, depth + 1) for key, each in value.items()}
    if kind is list:
        return [_clean(each, live, depth + 1) for each in value]
    return _clean_unusual(value, live, depth)


def _clean_unusual(value: Any, live: list[Any], depth: int) -> Any:
    if isinstance(value, str):
        # A Markup among the facts would go round the escaping; its plain text does not.
        return _clean(str.__str__(value), live, depth)
    if isinstance(value, Mapping):
        return {key: _clean(each, live, depth + 1) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_clean(each, live, depth + 1) for each in value]
    if isinstance(value, _TYPESET):
        typeset = copy.copy(value)
        typeset.xml = _mended(str(value.xml), _SET_BREAKS, _FORBIDDEN_SET)
        if "r:id=" in typeset.xml:
            live.append(typeset)
        return typeset
    if isinstance(value, InlineImage) or hasattr(value, "subdocx"):
        live.append(value)
    return value


def _mended(text: str, breaks: re.Pattern[str], forbidden: re.Pattern[str]) -> str:
    return forbidden.sub(lambda found: "" if found[0] < " " else "\ufffd", breaks.sub("\n", text))
