"""The square mark beside the printed 编号, drawn to be read off a fax or a poor copy."""

from __future__ import annotations

import io
from functools import lru_cache

import segno

from service.office.mark import Mark

SIDE_MM = 19  # with its white margin; 33 squares of 0.58 mm, two dots and more at 100 dpi
_DOTS_A_SQUARE = 8
_MASK = 3  # one of eight; trying them all costs two milliseconds a form and gains nothing that Q has not
_MARGIN = 4  # squares of white around it [ISO/IEC 18004]


@lru_cache(maxsize=4096)
def draw(mark: Mark) -> bytes:
    """A PNG of one bit a dot, the same bytes for the same mark; a quarter of it may be spoilt (Q)."""
    out = io.BytesIO()
    segno.make_qr(mark.text, error="q", mask=_MASK, boost_error=False).save(
        out, kind="png", scale=_DOTS_A_SQUARE, border=_MARGIN
    )
    return out.getvalue()
