"""Rules that are no function or table of their own: limits, time-outs and whose clock counts, with cases.

A case that is no numbered one stands here, is run with its rule, and then without it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import SocketTimeout

from service.doors.imap.reading import UID_WINDOW, read_after
from service.incoming.receive import Receive
from service.office.letter import LetterFacts, Stage
from service.office.needs.mailbox import Batch, Box
from tests.intake import test_f_content as f
from tests.intake import test_k_complaints as k
from tests.intake.counter import FILED
from tests.intake.switches import Switch, done, no
from tests.intake.test_a_mailbox import Desk
from tests.intake.wires import nested_mails, nested_multiparts

RECEIVE = "service.incoming.receive"
IMAP = "service.doors.imap"
_letter = Receive._letter
# How long a server that falls silent may hold up the case, and how long it does without the rule.
PATIENT_SECONDS, ENDLESS_SECONDS = 3.0, 4.0


def asked(odd: Any, word: str) -> list[str]:
    """The server's log: every command that asks this."""
    return [line for line in odd.seen if word in line.upper()]


def a_full_folder_is_asked_in_windows(desk: Desk) -> None:
    """One answer with every number of a full mailbox would be longer than the library reads."""
    odd = desk.odd()
    odd.mails[2 * UID_WINDOW + 20_000] = desk.other()
    desk.round()
    assert [each.stage in FILED for each in desk.counter.letters] == [True, True]
    spans = [line.rsplit(" ", maxsplit=1)[-1] for line in asked(odd, "SEARCH")]
    assert spans[:3] == [
        f"1:{UID_WINDOW}",
        f"{UID_WINDOW + 1}:{2 * UID_WINDOW}",
        f"{2 * UID_WINDOW + 1}:*",
    ]


def a_new_numbering_is_read_from_its_start(desk: Desk) -> None:
    """Under another UIDVALIDITY a new letter may have a lower number than the last one read."""
    odd = desk.odd()
    desk.round()
    odd.uidvalidity, odd.mails = 2, {1: odd.mails[3], 2: desk.other()}
    desk.round()
    assert [each.stage in FILED for each in desk.counter.letters] == [True, True]
    assert len(desk.counter.filings()) == len(desk.counter.answers) == 2, "nothing twice"


def on_from_the_old_number(door: Any, box: Box, uidvalidity: int, last_uid: int, limit: int) -> Batch:
    """The cursor believed whatever the folder's UIDVALIDITY is."""
    line = door._line(box)
    with line.lock:
        line.folder = box.folder
        return read_after(line.examine(), last_uid, limit, None, line.account.raw_bytes_max)


def the_server_says_when_it_came(desk: Desk) -> None:
    """INTERNALDATE, and not the moment at which it was read."""
    desk.odd()
    desk.round()
    assert desk.assert_filed().received_at == datetime(2024, 9, 27, 1, 0, tzinfo=UTC)


def a_large_letter_is_fetched_in_pieces(desk: Desk) -> None:
    """Its size is asked for first, so that it never stands in memory with the others of its batch."""
    odd = desk.odd()
    odd.mails[3] += b"\r\n" * 4_500_000
    whole = odd.mails[3]
    desk.round()
    assert desk.counter.raw(desk.assert_filed()) == whole
    assert asked(odd, "BODY.PEEK[]<0.") and not asked(odd, "BODY.PEEK[])"), odd.seen


def a_silent_server_is_waited_for_so_long_and_no_longer(desk: Desk) -> None:
    """A question that is never answered costs the time-out, and the round goes on."""
    odd = desk.odd(untagged_bad={"SEARCH"})
    desk.open(desk.account.port if desk.account else 0, timeout=0.3)
    started = time.monotonic()
    desk.round()
    assert time.monotonic() - started < PATIENT_SECONDS
    assert desk.counter.letters == [] and asked(odd, "SEARCH")


def a_fault_in_reading_stops_no_other_letter(desk: Desk) -> None:
    """Reading promises never to fail; were that broken once, the letter is kept and a person looks."""
    odd = desk.odd()
    odd.mails[2] = b"From: a@unit.example\r\nSubject: stumbling-block\r\n\r\nx\r\n"
    office = desk.counter.office
    read = office.office.receive.envelope.read

    class Stumbling:
        def read(self, raw: bytes, keep: Any) -> LetterFacts:
            if b"stumbling-block" in raw:
                raise ValueError("a fault of ours")
            return read(raw, keep)

    object.__setattr__(office.office.receive, "envelope", Stumbling())
    desk.round()
    stages = {desk.counter.raw(each) == odd.mails[2]: each.stage for each in desk.counter.letters}
    assert stages[True] is Stage.REVIEW and stages[False] in FILED


def by_its_own_date(self: Receive, facts: LetterFacts, sha: str, size: int, at: datetime, via: str) -> object:
    """The letter's own Date, believed."""
    return _letter(self, facts, sha, size, facts.sent_at or at, via)


def read_all_the_same(self: Receive, sha256: str, size: int, head: bytes, say: str) -> LetterFacts:
    """No cap."""
    return self._read(self.archive.get(sha256), sha256)


def nearly_endless(connect: float, read: float) -> SocketTimeout:
    """A time-out beyond anybody's patience."""
    return SocketTimeout(connect, ENDLESS_SECONDS)


INLINE: tuple[Switch, ...] = (
    Switch("UIDs in windows", {f"{IMAP}.reading.UID_WINDOW": 10**9}, a_full_folder_is_asked_in_windows),
    Switch(
        "another UIDVALIDITY begins anew",
        {f"{IMAP}.door.MailboxesDoor.fetch": on_from_the_old_number},
        a_new_numbering_is_read_from_its_start,
    ),
    Switch(
        "INTERNALDATE read",
        {f"{IMAP}.reading.aware": lambda at: datetime.now(UTC)},
        the_server_says_when_it_came,
    ),
    Switch(
        "INTERNALDATE decides",
        {f"{RECEIVE}.Receive._letter": by_its_own_date},
        f.test_case_50_the_servers_clock_decides,
        {"arrives": f.DUE_END, "dated": b"Sun, 29 Sep 2024 09:00:00 +0800", "is_late": True},
    ),
    Switch("sizes first", {f"{IMAP}.reading.BATCH_BYTES_MAX": 10**12}, a_large_letter_is_fetched_in_pieces),
    Switch(
        "empty replies asked to be completed",
        {"service.incoming.sort.stage.empty_reply": done},
        f.test_case_45_an_empty_reply_of_a_person_is_asked_to_be_completed,
    ),
    *(
        Switch(
            f"asked of no machine by {name}",
            {f"service.incoming.sort.empty.{rule}": instead},
            f.test_case_45_what_may_be_a_machine_is_asked_nothing,
            {"minutes": minutes, "more": {"headers": headers}},
        )
        for name, rule, instead, minutes, headers in (
            ("its haste", "_PERSON_WAITS", timedelta(0), 9, []),
            ("its headers", "_has_signs_of_a_machine", no, 60, [("Precedence", "bulk")]),
        )
    ),
    Switch(
        "the cap of a letter",
        {f"{RECEIVE}.Receive._unread": read_all_the_same},
        f.test_case_49_too_large_a_letter_is_kept_and_shown,
    ),
    Switch(
        "a stand-in for what is not fetched",
        {f"{RECEIVE}._stand_in": lambda box, arrival, head: head or b"\r\n"},
        k.test_case_92_a_letter_above_every_cap_is_recorded_and_alarmed,
    ),
    Switch(
        "faults in reading set aside", {f"{RECEIVE}.UNREADABLE": ()}, a_fault_in_reading_stops_no_other_letter
    ),
    Switch(
        "time-outs of the line",
        {f"{IMAP}.line.SocketTimeout": nearly_endless},
        a_silent_server_is_waited_for_so_long_and_no_longer,
    ),
    *(
        Switch(
            f"depth of {name}",
            {"service.doors.envelope.structure.DEPTH_MAX": 10**6},
            f.test_case_49_bottomless_nesting_stops_nothing,
            {"make": make},
        )
        for name, make in (("multiparts", nested_multiparts), ("mails", nested_mails))
    ),
)
