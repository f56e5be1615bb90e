"""Tabs, line breaks, new paragraphs and new pages inside printed text, set as Word wants them."""

from __future__ import annotations

import re

from docxtpl import DocxTemplate

_BREAK = re.compile("[\t\n\a\f]")
_OPENS = re.compile(r"<w:p(?: [^>]*)?>")
_END = "</w:p>"
_TEMPLATE = DocxTemplate(None)


def has_breaks(xml: str) -> bool:
    """Whether anything might have to be set; four searches for one sign are faster than one for four."""
    return "\n" in xml or "\t" in xml or "\a" in xml or "\f" in xml


def set_breaks(xml: str) -> str:
    """As docxtpl's `resolve_listing`, but only the paragraphs that hold a break are gone through.

    A paragraph begins, as there, with the first opening tag after the last closing one.
    """
    pieces: list[str] = []
    done = 0
    while (found := _BREAK.search(xml, done)) is not None:
        at = found.start()
        after = xml.rfind(_END, done, at)
        opened = _OPENS.search(xml, done if after < 0 else after + len(_END))
        end = xml.find(_END, at)
        if opened is None or end < 0:
            break
        if opened.start() > at:  # between paragraphs: layout of the XML, no text
            pieces.append(xml[done : opened.start()])
            done = opened.start()
            continue
        end += len(_END)
        pieces.append(xml[done : opened.start()])
        pieces.append(_TEMPLATE.resolve_listing(xml[opened.start() : end]))
        done = end
    pieces.append(xml[done:])
    return "".join(pieces)
