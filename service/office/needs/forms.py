"""What the office needs of returned files: the code and the answers inside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from service.office.campaign import FormField
from service.office.form import FormReading


class Forms(Protocol):
    """Reads returned files; a file that is no form gives an empty reading."""

    def read(self, data: bytes, name: str, fields: Sequence[FormField] = ()) -> FormReading:
        """Code, fields and text of a .docx .doc .wps .odt .rtf .pdf .xlsx; never raises for bytes.

        Of a scan or photograph, the code in its mark.
        """
        ...

    def read_text(self, text: str, fields: Sequence[FormField]) -> FormReading:
        """Fields typed into a mail as `标签：值` lines."""
        ...
