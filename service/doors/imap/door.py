"""The door to the office's mailboxes: one kept connection per watched folder, and one to look into Sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence

from service.doors.imap.account import AfterFiling, ImapAccount
from service.doors.imap.folders import to_sweep
from service.doors.imap.line import BROKEN, Line
from service.doors.imap.putting_away import put_away
from service.doors.imap.reading import Endless, in_pieces, read_after
from service.doors.imap.restraint import LoginRestraint
from service.doors.imap.sent import SentLook, look, read_page
from service.office.needs.mailbox import Arrival, Batch, Box, Kept
from service.office.needs.post import SentPage
from service.office.outcome import DoorError

CLOSE_SECONDS_MAX = 2.0


class MailboxesDoor:
    """Answers to `office.needs.mailbox.Mailboxes`. Each box belongs to one watcher thread.

    `monotonic` is machine time: pacing and back-off never follow a rehearsal's fast clock [law 2].
    """

    def __init__(
        self, accounts: Sequence[ImapAccount], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._closing = threading.Event()
        self._lines: dict[Box, Line] = {}
        self._sent: dict[str, Line] = {}
        # One line for an account's other folders, one to put filed mail away; both connect only when used.
        self._roving: dict[str, Line] = {}
        self._putting: dict[str, Line] = {}
        for account in accounts:
            restraint = LoginRestraint(account.name, account.logins_per_hour, monotonic)
            for folder in account.folders:
                line = Line(account, folder, restraint, self._closing, monotonic)
                self._lines[Box(account.name, folder)] = line
            for lines in (self._roving, self._putting):
                lines[account.name] = Line(
                    account, account.folders[0], restraint, self._closing, monotonic, is_roving=True
                )
            if account.sent_folder:
                self._sent[account.name] = Line(
                    account, account.sent_folder, restraint, self._closing, monotonic
                )

    def boxes(self) -> Sequence[Box]:
        return tuple(self._lines)

    def accounts(self) -> Sequence[str]:
        return tuple(name for name, line in self._roving.items() if line.account.sweeps)

    def others(self, account: str) -> Sequence[Box]:
        """The folders people may have moved mail to: all but the watched ones, drafts and what was sent."""
        line = self._roving[account]
        with line.lock:
            self._refuse_when_closing()
            listed = line.list_folders()
            line.succeed()
            names = to_sweep(listed, line.account.folders, line.account.sent_folder)
            return tuple(Box(account, name) for name in names)

    def rest(self, account: str) -> None:
        """A connection that is used once a night is not kept: providers count them."""
        line = self._roving[account]
        with line.lock:
            line.log_out(CLOSE_SECONDS_MAX)

    def fetch(self, box: Box, uidvalidity: int, last_uid: int, limit: int) -> Batch:
        """Mails after the cursor; from the beginning (that is, the stated date) when UIDVALIDITY differs.

        At most 50 and about 8 MB at a time. Nothing of a batch is given when any of it could not be read.
        """
        line = self._line(box)
        with line.lock:
            self._refuse_when_closing()
            line.folder = box.folder
            shown = line.examine()
            start = last_uid if shown.uidvalidity == uidvalidity else 0
            try:
                batch = read_after(shown, start, limit, line.account.first_since, line.account.raw_bytes_max)
            except BROKEN as error:
                raise line.fail(error) from error
            line.succeed(highest=batch.last_uid)
            return batch

    def pieces(self, box: Box, uidvalidity: int, arrival: Arrival) -> Generator[bytes]:
        """A large mail about 1 MB at a time; the line is held until the last piece, or until given up."""
        line = self._line(box)
        with line.lock:
            self._refuse_when_closing()
            line.folder = box.folder
            shown = line.examine()
            if shown.uidvalidity != uidvalidity:
                raise DoorError(f"信箱 {box.account}/{box.folder} 刚刚重新编号，将从头再读。", again=True)
            try:
                yield from in_pieces(shown.client, arrival.uid, arrival.size, line.account.raw_bytes_max)
            except Endless as error:
                raise DoorError(f"服务器交出的第 {arrival.uid} 号邮件没有尽头。", again=False) from error
            except BROKEN as error:
                raise line.fail(error) from error

    def tidying(self) -> Sequence[str]:
        lines = self._putting.items()
        return tuple(name for name, line in lines if line.account.after_filing is not AfterFiling.LEAVE)

    def put_away(self, box: Box, uidvalidity: int, letters: Sequence[Kept]) -> Sequence[int]:
        """Move or label; a folder with another UIDVALIDITY holds none of these letters by these numbers."""
        line = self._putting[box.account]
        with line.lock:
            self._refuse_when_closing()
            line.folder = box.folder
            shown = line.examine(may_change=True)
            if shown.uidvalidity != uidvalidity:
                return tuple(each.uid for each in letters)
            try:
                done = put_away(shown, line.account, letters)
            except BROKEN as error:
                raise line.fail(error) from error
            line.succeed()
            line.log_out(CLOSE_SECONDS_MAX)
            return done

    def wait(self, box: Box, seconds: float) -> bool:
        """Return True early when mail may have come; False when the time is up or the door is closing."""
        line = self._lines[box]
        with line.lock:
            if self._closing.is_set():
                return False
            news = line.wait(seconds)
            rest = line.poll_in_seconds() if line.is_open else line.rest_seconds()
        if news is not None:
            return news
        if self._closing.wait(min(seconds, rest)):
            return False
        return rest <= seconds

    def find_in_sent(self, account: str, message_id: str) -> SentLook:
        """Whether our Message-ID lies in the account's Sent folder, and the id it was delivered under."""
        line = self._sent.get(account)
        if line is None:
            return SentLook(None)
        with line.lock:
            if self._closing.is_set():
                return SentLook(None)
            try:
                found = look(line.examine(), message_id)
            except DoorError:
                return SentLook(None)
            except BROKEN as error:
                line.fail(error)
                return SentLook(None)
            line.succeed()
            return found

    def read_sent(self, account: str, uidvalidity: int, last_uid: int) -> SentPage | None:
        """The next copies in the account's Sent folder; None when it has none or cannot be read now."""
        line = self._sent.get(account)
        if line is None:
            return None
        with line.lock:
            if self._closing.is_set():
                return None
            try:
                page = read_page(line.examine(), uidvalidity, last_uid)
            except DoorError:
                return None
            except BROKEN as error:
                line.fail(error)
                return None
            line.succeed()
            return page

    def close(self) -> None:
        """End all waiting within about a second and log out; may be called from any thread."""
        self._closing.set()
        sides = (self._lines, self._sent, self._roving, self._putting)
        for line in (line for lines in sides for line in lines.values()):
            if line.lock.acquire(timeout=CLOSE_SECONDS_MAX):
                try:
                    line.log_out(CLOSE_SECONDS_MAX)
                finally:
                    line.lock.release()
            else:
                # Its thread is deep in a slow answer; pulling the plug makes that read fail at once.
                line.pull_plug()

    def _line(self, box: Box) -> Line:
        return self._lines.get(box) or self._roving[box.account]

    def _refuse_when_closing(self) -> None:
        if self._closing.is_set():
            raise DoorError("信箱正在关闭。", again=True)
