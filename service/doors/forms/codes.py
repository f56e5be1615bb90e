"""The code in a returned file, gathered from all its carriers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.office.code import find_codes
from service.office.form import CodeFrom

_NAMED = re.compile(r"编\s*号\s*[:：]?\s*([^\n]{0,24}(?:\n[^\n]{0,12})?)")


class CodeFinder:
    """Codes and their carriers in the order they were asked; different codes are all kept."""

    def __init__(self) -> None:
        self._found: dict[str, list[CodeFrom]] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """Each code once."""
        return tuple(self._found)

    @property
    def carriers(self) -> tuple[CodeFrom, ...]:
        """Where codes were found, each carrier once."""
        return tuple(dict.fromkeys(carrier for each in self._found.values() for carrier in each))

    def add(self, carrier: CodeFrom, text: str) -> None:
        """Every code in a text that is there to carry one."""
        for code in find_codes(text):
            self._found.setdefault(code, []).append(carrier)

    def add_bookmarks(self, names: Iterable[str]) -> None:
        """Bookmarks called nc_XXXX_XXXX."""
        for name in names:
            if name.lower().startswith("nc_"):
                self.add(CodeFrom.BOOKMARK, name[3:])

    def add_printed(self, text: str) -> None:
        """The printed 编号.

        Look-alikes elsewhere in a text, such as a standard's number, count only where nothing else does.
        """
        named = " \n".join(_NAMED.findall(text))
        seen = set(find_codes(text))
        if find_codes(named):
            self.add(CodeFrom.TEXT, named)
        elif self._found:
            self.add(CodeFrom.TEXT, " \n".join(code for code in self._found if code in seen))
        else:
            self.add(CodeFrom.TEXT, text)
