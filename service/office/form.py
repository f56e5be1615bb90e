"""登记表 — the answers found in a returned form, and where each was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FoundBy(Enum):
    """The carrier that gave a value, from the surest to the weakest (`read-form --json`, key `from`)."""

    TAG = "tag"
    BOOKMARK = "bookmark"
    LABEL = "label"
    PARAGRAPH = "paragraph"
    TABLE = "table"


class CodeFrom(Enum):
    """Where a form carried its code."""

    CUSTOM_PROPERTY = "custom-property"
    CORE_PROPERTY = "core-property"
    BOOKMARK = "bookmark"
    TEXT = "text"
    QR = "qr"  # the mark printed beside the code, read off a scan or photograph
    RAW = "raw"  # found in the bytes of an old .doc or .wps


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One answer; `key` is the field's key where known, else the label as printed."""

    key: str
    label: str
    value: str
    found_by: FoundBy


@dataclass(frozen=True, slots=True)
class FormReading:
    """All that a file's bytes say as a form. `codes` has more than one value only where carriers disagree."""

    codes: tuple[str, ...] = ()
    codes_from: tuple[CodeFrom, ...] = ()
    fields: tuple[FieldValue, ...] = ()
    text: str = ""  # all readable text, paragraphs divided by newlines
    headings: tuple[str, ...] = ()  # short lines that look like headings, numbering stripped
    pictures: int = 0  # pictures inside the document, each content once; logos and signatures are none
    images: tuple[str, ...] = ()  # sha256 of those pictures, where the format says
    flags: tuple[str, ...] = ()  # encrypted, macro, external, bomb, too-large, unreadable, no-text
    prefilled: tuple[str, ...] = ()  # keys whose value is what we had printed there ourselves

    @property
    def is_blank(self) -> bool:
        """Whether this is our own form as it was sent: our code is in it, and nothing was filled in."""
        return bool(self.codes) and all(field.key in self.prefilled for field in self.fields)

    @property
    def code(self) -> str | None:
        """The one code all carriers agree on, or None."""
        return self.codes[0] if len(self.codes) == 1 else None

    def value(self, key: str) -> str:
        """The value of a field by key, or an empty string."""
        return next((field.value for field in self.fields if field.key == key), "")
