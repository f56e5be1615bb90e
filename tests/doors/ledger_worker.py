"""A process of its own that works on a ledger until nothing is left, for a test to kill in the middle.

    python -m tests.doors.ledger_worker send  URL FOLDER OWNER
    python -m tests.doors.ledger_worker watch URL FOLDER OWNER

Every line it prints is one step done. It does as many steps as it is told to on standard input, a number a
line, and waits for the next; "on" lets it run to the end. What a mail server would have taken goes to
FOLDER/server.log, one line each in one write, so that the log says the truth whatever happens to the process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from service.doors.ledger import LedgerDoor, open_ledger
from service.office.change import BeginSending, Change, FinishSending, Record
from service.office.dispatch import DispatchState
from service.office.outcome import DoorError
from service.office.reading import MoveCursor, TakeIn
from tests.doors.ledger_samples import ACCOUNT, NOW, new_letter

LETTERS = 120
LETTERS_A_ROUND = 10


class Leash:
    """How many steps may still be done."""

    def __init__(self) -> None:
        self._left = 0.0

    def step(self) -> None:
        """One more; waits until it is allowed."""
        while self._left <= 0:
            said = sys.stdin.readline().strip()
            if not said:
                raise SystemExit
            self._left = float("inf") if said == "on" else float(said)
        self._left -= 1


leash = Leash()


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def send(ledger: LedgerDoor, folder: Path, owner: str) -> None:
    """Drain the outbox."""
    server = os.open(folder / "server.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while rows := ledger.claim(owner, NOW, 5):
        for row in rows:
            leash.step()
            if not ledger.apply([BeginSending(row.id, owner, row.attempt_token, "0" * 64)]):
                continue
            os.write(server, f"{row.message_id} {owner}\n".encode())
            finish = FinishSending(
                row.id, owner, row.attempt_token, DispatchState.SENDING, DispatchState.SENT, NOW
            )
            say(f"sent {row.id} {ledger.apply([finish])}")


def watch(ledger: LedgerDoor, _folder: Path, owner: str) -> None:
    """Read a mailbox of LETTERS letters; every third comes again under the next number's UID."""
    while True:
        cursor = ledger.hold_mailbox(ACCOUNT, "INBOX", owner)
        if cursor is None:
            leash.step()
            say("waits")
            continue
        if cursor.last_uid >= LETTERS:
            return
        last = min(cursor.last_uid + LETTERS_A_ROUND, LETTERS)
        for uid in range(cursor.last_uid + 1, last + 1):
            leash.step()
            letter = new_letter(uid - 1 if uid % 3 == 0 else uid)
            changes: list[Change] = [TakeIn(ACCOUNT, "INBOX", cursor.epoch, 7, uid, letter)]
            if ledger.letter_by_identity(letter.identity) is None:
                changes.append(Record("received", NOW, owner, about=(("identity", letter.identity),)))
            if not ledger.apply(changes):
                say("fenced")
                break
            say(f"took {uid}")
        else:
            ledger.apply([MoveCursor(ACCOUNT, "INBOX", cursor.epoch, 7, last, NOW)])


def main() -> None:
    """Do one kind of work to the end."""
    work, url, folder, owner = sys.argv[1:]
    with open_ledger(url, Path(folder), owner=owner) as ledger:
        try:
            {"send": send, "watch": watch}[work](ledger, Path(folder), owner)
        except DoorError as error:
            say(f"door: {error}")
            raise


if __name__ == "__main__":
    main()
