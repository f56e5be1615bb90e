"""The look into the Sent folder: is our letter there, and under which id did the provider deliver it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Any

from service.doors.imap.line import Examined
from service.doors.imap.reading import chunks, uids_after
from service.office.mail import OWN_HEADER
from service.office.needs.post import SentCopy, SentPage

# A letter in doubt was sent minutes ago; its copy lies among the last few.
LOOK_BACK = 200
PAGE_ROWS = 100
ADDRESSES_CHARS_MAX, DIGITS_MAX = 4_000, 15
_ADDRESS = re.compile(r"[^\s<>\",;:@]{1,64}@[^\s<>\",;:@]{1,255}")
_ASKED_TOO = f"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-OQ-MSGID {OWN_HEADER.upper()} TO)]"
_ASKED = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-OQ-MSGID)]"


@dataclass(frozen=True, slots=True)
class SentLook:
    """`is_there` is None when it cannot be known; `delivered_id` is the one the provider sent it under."""

    is_there: bool | None
    delivered_id: str = ""


def look(box: Examined, message_id: str) -> SentLook:
    """Read the last headers and compare them here: QQ's SEARCH HEADER answers with everything."""
    wanted = bare(message_id)
    last = list(uids_after(box, max(0, (box.uid_next or 1) - 1 - 4 * LOOK_BACK)))[-LOOK_BACK:]
    for uids in chunks(reversed(last), LOOK_BACK // 4):
        answer: Mapping[int, Mapping[bytes, Any]] = box.client.fetch(uids, [_ASKED])
        for uid in uids:
            ids = ids_of(answer.get(uid, {}))
            if wanted in {ids.delivered, ids.ours}:
                return SentLook(True, f"<{ids.delivered}>" if ids.delivered else "")
    return SentLook(False)


def read_page(box: Examined, uidvalidity: int, last_uid: int) -> SentPage:
    """The next heads after the cursor; a folder of years is not read from its beginning."""
    recent = max(0, (box.uid_next or 1) - 1 - LOOK_BACK)
    start = last_uid if uidvalidity == box.uidvalidity else recent
    after = list(uids_after(box, start))
    uids = after[:PAGE_ROWS]
    if not uids:
        return SentPage(box.uidvalidity, start, (), has_more=False)
    answer: Mapping[int, Mapping[bytes, Any]] = box.client.fetch(uids, [_ASKED_TOO])
    copies = tuple(_copy(answer.get(uid, {})) for uid in uids)
    return SentPage(box.uidvalidity, uids[-1], copies, has_more=len(after) > len(uids))


def _copy(facts: Mapping[bytes, Any]) -> SentCopy:
    ids = ids_of(facts)
    for key, value in facts.items():
        if key.startswith(b"BODY[HEADER") and value:
            head = BytesHeaderParser().parsebytes(value)
            number = str(head.get(OWN_HEADER, "")).strip()
            to = str(head.get("To", ""))[:ADDRESSES_CHARS_MAX]
            rcpts = tuple(each.lower() for each in _ADDRESS.findall(to))
            is_number = number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX
            return SentCopy(ids.delivered, ids.ours, int(number) if is_number else 0, rcpts)
    return SentCopy("", "", 0, ())


@dataclass(frozen=True, slots=True)
class _Ids:
    delivered: str
    ours: str


def ids_of(facts: Mapping[bytes, Any]) -> _Ids:
    for key, value in facts.items():
        if key.startswith(b"BODY[HEADER") and value:
            head = BytesHeaderParser().parsebytes(value)
            return _Ids(bare(str(head.get("Message-ID", ""))), bare(str(head.get("X-OQ-MSGID", ""))))
    return _Ids("", "")


def bare(message_id: str) -> str:
    return re.sub(r"[<>\s]", "", message_id)
