"""A part of a template with tags in it: compiled once, filled and checked for every recipient."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from service.doors.forms.package import XML_BYTES_MAX, BrokenXml, parse_xml
from service.doors.press.breaks import has_breaks, set_breaks
from service.doors.press.fill import Finished, NotRendered, Place, Source
from service.doors.press.package import W_, serialise
from service.doors.press.repair import are_numbered, fit_grids, grids_fit, mend, number_drawings
from service.doors.press.sandbox import TooMuch
from service.doors.press.survey import Survey

_BARE_CELL = re.compile(r"(?<!</w:p>)(?<!</w:sdt>)(?<!<w:p/>)</w:tc>")
_BARE_TABLE = re.compile(r"(?:</w:tblGrid>|<w:tblGrid/>|</w:tblPr>|<w:tblPr/>|<w:tbl>)\s*</w:tbl>")
DECLARATION = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"


@dataclass(frozen=True, slots=True)
class LivePart:
    """A part with tags in it, compiled."""

    name: str
    source: Source | Finished
    survey: Survey

    def fill(self, facts: Mapping[str, Any], finish: Callable[[str], str] | None = None) -> bytes:
        """The part for one recipient; raises NotRendered, never loses text.

        `finish` may add to the filled XML before it is checked.
        """
        xml = self.source.fill(facts)
        if len(xml) > XML_BYTES_MAX:
            raise NotRendered(Place(self.source.part), TooMuch("too large"))
        if has_breaks(xml):
            xml = set_breaks(xml)
        if self.survey.drawings:
            xml = number_drawings(xml)
        try:
            if finish is not None:
                xml = finish(xml)
            data = (DECLARATION + xml).encode()
            root = parse_xml(data)
        except BrokenXml as error:
            raise NotRendered(Place(self.source.part), error) from error
        return serialise(root) if self._mended(xml, root) else data

    def _mended(self, xml: str, root: etree._Element) -> bool:
        """Whether the tree had to be repaired; almost always a look is enough."""
        is_damaged = (
            (self.survey.cells and _BARE_CELL.search(xml) is not None)
            or (self.survey.rowless and _BARE_TABLE.search(xml) is not None)
            or (self.survey.numbers and not are_numbered(root))
        )
        if is_damaged:
            mend(root)
        is_misfit = self.survey.grids and not grids_fit(root)
        if is_misfit:
            fit_grids(list(root.iter(W_ + "tbl")))
        return is_damaged or is_misfit
