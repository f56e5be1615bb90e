"""File names fit to be stored: base name only, no control, bidi or reserved characters, ending kept."""

from __future__ import annotations

import re
import unicodedata

from service.doors.envelope.limits import NAME_BYTES_MAX

_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')


def safe_name(as_sent: str, fallback: str) -> str:
    """A name that any file system takes, from whatever the sender wrote."""
    text = unicodedata.normalize("NFC", as_sent)
    text = re.split(r"[\\/]", text)[-1]
    # Control, bidi and other format characters could hide the true ending.
    text = "".join(ch for ch in text if unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    text = " ".join(_FORBIDDEN.sub("", text).split()).strip(" .")
    if not text.strip("._- "):
        text = fallback
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > 12 or not stem:
        stem, dot, ending = text, "", ""
    if _RESERVED.match(stem.split(".")[0]):
        stem = "_" + stem
    while len(stem.encode()) > NAME_BYTES_MAX:
        stem = stem[:-1]
    return stem.rstrip(" .") + dot + ending
