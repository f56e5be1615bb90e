"""How fast notices go out: the whole daemon against plain smtplib, counted by the server."""

from __future__ import annotations

import contextlib
import smtplib
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tests.benchmarks.far_line import far_line
from tests.benchmarks.figures import US, Line, beside, middle
from tests.daemon import PASSWORD, OfficeAtWork, office_at_work, wait_until
from tests.mail_process import MailProcess
from tests.stories.story import OFFICE

BENCH = "send"
RUNS = 3
LETTERS = 300
LETTERS_FAR = 30
FAR_SECONDS = 0.05
EACH = "smtplib, a connection a letter"
KEPT = "smtplib, one kept connection"


def measure() -> Iterator[Line]:
    """Every figure of this bench."""
    for figure, letters, seconds in (
        ("messages_per_second", LETTERS, 0.0),
        ("messages_per_second_50ms", LETTERS_FAR, FAR_SECONDS),
    ):
        ours, each, kept = zip(*(_one_run(letters, seconds) for _ in range(RUNS)), strict=True)
        n = letters * RUNS
        yield from beside(
            middle(BENCH, US, figure, ours, n),
            middle(BENCH, EACH, figure, each, n),
            middle(BENCH, KEPT, figure, kept, n, is_ceiling=True),
        )


def _one_run(letters: int, seconds: float) -> tuple[float, float, float]:
    """Letters a second: ours, then the very same bytes by each peer."""
    with (
        tempfile.TemporaryDirectory() as place,
        MailProcess() as mail,
        contextlib.ExitStack() as stack,
        office_at_work(Path(place) / "office", mail, units=letters) as office,
    ):
        port = stack.enter_context(far_line(mail.smtp_port, seconds)) if seconds else mail.smtp_port
        _point_at(office, port)
        daemon = office.start()
        # The ledger is asked, not the server: that has enough to do.
        wait_until(lambda: office.ledger.next_due() is None, 600, daemon.said())
        daemon.stop()
        assert len(mail.log()) == letters
        ours = _rate([each.at for each in mail.log()])
        raws = {address: mail.mails(address)[0].raw for address in office.addresses}
        return ours, _peer(mail, port, raws, is_kept=False), _peer(mail, port, raws, is_kept=True)


def _point_at(office: OfficeAtWork, port: int) -> None:
    config = office.folder / "config" / "office.yaml"
    words = config.read_text(encoding="utf-8")
    config.write_text(words.replace(f"port: {office.mail.smtp_port},", f"port: {port},"), encoding="utf-8")


def _peer(mail: MailProcess, port: int, raws: dict[str, bytes], *, is_kept: bool) -> float:
    before = len(mail.log())
    if is_kept:
        with _logged_in(port) as client:
            for address, raw in raws.items():
                client.sendmail(OFFICE, address, raw)
    else:
        for address, raw in raws.items():
            with _logged_in(port) as client:
                client.sendmail(OFFICE, address, raw)
    return _rate([each.at for each in mail.log()[before:]])


@contextlib.contextmanager
def _logged_in(port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=60) as client:
        client.login(OFFICE, PASSWORD)
        yield client


def _rate(instants: Sequence[datetime]) -> float:
    """Letters a second between the first and the last that the server took."""
    return (len(instants) - 1) / (max(instants) - min(instants)).total_seconds()
