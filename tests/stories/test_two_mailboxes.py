"""An office with a mailbox outside and one in its OA: one ledger, and one receipt a letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.office.dispatch import DispatchKind
from service.office.letter import Kind, Stage
from tests.daemon import PASSWORD, OfficeAtWork, office_at_work, wait_until
from tests.mail_process import MailProcess
from tests.stories.story import OFFICE

OA = "oa@jia.example"


def add_oa(office: OfficeAtWork) -> None:
    """The second mailbox, read and never sent from."""
    office.mail.add_account(OA, PASSWORD)
    config = office.folder / "config" / "office.yaml"
    text = config.read_text(encoding="utf-8")
    smtp = f"{{host: 127.0.0.1, port: {office.mail.smtp_port}, security: none, pace_seconds: 0}}"
    imap = (
        f"{{host: 127.0.0.1, port: {office.mail.imap_port}, security: none, folders: [INBOX], "
        "first_since: 2024-01-01}"
    )
    row = f"  - {{name: oa, profile: plain, address: {OA}, smtp: {smtp}, imap: {imap}}}\n"
    config.write_text(text.replace("canary_hours: 0", "canary_hours: 1") + row, encoding="utf-8")
    (office.folder / "secrets" / "mail_password_oa").write_text(PASSWORD, encoding="ascii")


def test_both_are_read_swept_and_proven_and_a_letter_to_both_is_one(tmp_path: Path) -> None:
    with MailProcess() as mail, office_at_work(tmp_path / "office", mail, units=4) as office:
        add_oa(office)
        mail.add_folder(OA, "已处理")
        daemon = office.start("--now", "2024-09-10T10:00:00+08:00")
        wait_until(lambda: len(office.taken()) >= 4, what=daemon.said())
        first, second, third, _ = office.addresses
        both = office.reply(first, 1)
        mail.deliver(OFFICE, both)
        mail.deliver(OA, both)
        mail.deliver(OA, office.reply(second, 2))
        wait_until(lambda: acknowledged(office) == 2, what=daemon.said())
        # The round trip of the letter to ourselves, and it is nobody's letter.
        wait_until(lambda: office.ledger.events(kind="canary-seen"), what=daemon.said())
        wait_until(lambda: office.ledger.letters(stage=Stage.IGNORED), what=daemon.said())
        (own,) = office.ledger.letters(stage=Stage.IGNORED)
        assert (own.kind, own.campaign) == (Kind.OWN, None)
        assert len(office.ledger.dispatches(kinds=(DispatchKind.CANARY,))) == 1
        assert daemon.stop()[0] == 0
        # The next night: what people have moved meanwhile is found, what was read already is not doubled.
        for raw in (both, office.reply(third, 3)):
            mail.deliver(OA, raw, datetime.now(UTC) - timedelta(hours=1), "已处理")
        daemon = office.start("--now", "2024-09-11T10:00:00+08:00")
        wait_until(lambda: acknowledged(office) == 3, what=daemon.said())
        # A notice for each, a receipt for three, and no more.
        wait_until(lambda: len(written(office)) >= 4 + 3, what=daemon.said())
        assert daemon.stop()[0] == 0
        assert len(written(office)) == 4 + 3


def acknowledged(office: OfficeAtWork) -> int:
    return office.ledger.count_letters(stage=Stage.ACKNOWLEDGED)


def written(office: OfficeAtWork) -> list[str]:
    """To whom of the units the office wrote, once for each mail."""
    return [each.rcpt for each in office.mail.log() if each.rcpt in office.addresses]
