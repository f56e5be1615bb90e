"""The rehearsal's mail server behaves as a real one does, and fails exactly when told to."""

from __future__ import annotations

import gc
import hashlib
import imaplib
import os
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from service.rehearsal.mail_server import MailServer
from tests.mail_process import MailProcess

OFFICE = "office@gov.example"
UNIT = "unit@county.example"
LETTER = (
    b"From: office@gov.example\r\nMessage-ID: <one@gov.example>\r\nSubject: =?utf-8?b?6YCa55+l?=\r\n\r\n"
    b"..a line with dots\r\n.\r\nbytes \xcd\xa8\xd6\xaa\r\n"
)
SEPTEMBER = datetime(2024, 9, 28, 15, 30, tzinfo=UTC)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer(clock=lambda: SEPTEMBER) as server:
        server.add_account(OFFICE, "secret")
        server.add_account(UNIT, "word")
        yield server


def client(mail: MailServer | MailProcess, who: str = OFFICE, password: str = "secret") -> smtplib.SMTP:
    line = smtplib.SMTP("127.0.0.1", mail.smtp_port, timeout=10)
    line.login(who, password)
    return line


def test_what_is_accepted_arrives_byte_for_byte_and_is_witnessed(mail: MailServer) -> None:
    client(mail).sendmail(OFFICE, [UNIT], LETTER)
    (stored,) = mail.mails(UNIT)
    (taken,) = mail.log
    assert stored.raw == LETTER
    assert stored.at == SEPTEMBER
    assert (taken.rcpt, taken.message_id, taken.size) == (UNIT, "<one@gov.example>", len(LETTER))
    assert taken.sha256 == hashlib.sha256(LETTER).hexdigest()
    assert [each.raw for each in mail.mails(OFFICE, "Sent")] == [LETTER]


def test_a_stranger_is_refused_unless_there_is_an_outside(mail: MailServer) -> None:
    line = client(mail)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        line.sendmail(OFFICE, ["who@else.example"], LETTER)
    seen: list[tuple[str, str, bytes]] = []
    mail.outside(lambda *each: seen.append(each))
    line.sendmail(OFFICE, ["who@else.example"], LETTER)
    assert seen == [(OFFICE, "who@else.example", LETTER)]


def test_nobody_sends_without_a_password_or_as_another(mail: MailServer) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client(mail, password="wrong")
    line = client(mail)
    with pytest.raises(smtplib.SMTPSenderRefused):
        line.sendmail(UNIT, [UNIT], LETTER)
    # smtplib tries each mechanism it knows, so one wrong password is two attempts.
    assert [each.is_good for each in mail.logins] == [False, False, True]


def test_faults_happen_when_told_and_only_as_often(mail: MailServer) -> None:
    line = client(mail)
    mail.refuse(UNIT, 450, "4.2.1 try later", times=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        line.sendmail(OFFICE, [UNIT], LETTER)
    assert refused.value.recipients[UNIT][0] == 450
    mail.refuse_content(554, "DT:SPM")
    with pytest.raises(smtplib.SMTPDataError):
        line.sendmail(OFFICE, [UNIT], LETTER)
    assert mail.log == []
    line.sendmail(OFFICE, [UNIT], LETTER)
    assert len(mail.log) == 1


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_line_cut_after_data_keeps_the_mail_or_does_not(mail: MailServer, is_kept: bool) -> None:
    mail.drop_after_data(keep=is_kept)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client(mail).sendmail(OFFICE, [UNIT], LETTER)
    assert len(mail.mails(UNIT)) == len(mail.log) == int(is_kept)


def test_a_line_cut_at_rcpt_or_data_takes_nothing(mail: MailServer) -> None:
    mail.drop_at_rcpt()
    mail.drop_at_data()
    for _ in range(2):
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client(mail).sendmail(OFFICE, [UNIT], LETTER)
    assert mail.log == []


def test_a_bounce_comes_back_to_the_sender_after_its_250(mail: MailServer) -> None:
    mail.bounce("gone@county.example")
    line = client(mail)
    assert line.sendmail(OFFICE, ["gone@county.example"], LETTER) == {}
    line.noop()
    (notice,) = mail.mails(OFFICE)
    assert b"Final-Recipient: rfc822; gone@county.example" in notice.raw
    assert b"Status: 5.1.1" in notice.raw
    assert b"<one@gov.example>" in notice.raw


def test_ids_are_rewritten_as_qq_does(mail: MailServer) -> None:
    mail.rewrite_ids(OFFICE)
    client(mail).sendmail(OFFICE, [UNIT], LETTER)
    (taken,) = mail.log
    (stored,) = mail.mails(UNIT)
    assert taken.delivered_id != taken.message_id == "<one@gov.example>"
    assert f"Message-ID: {taken.delivered_id}".encode() in stored.raw
    assert b"X-OQ-MSGID: <one@gov.example>" in stored.raw


def test_down_refuses_and_up_answers_on_the_same_ports(mail: MailServer) -> None:
    ports = (mail.smtp_port, mail.imap_port)
    line = client(mail)
    mail.down()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        line.noop()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("127.0.0.1", port, timeout=10)
    mail.up()
    assert (mail.smtp_port, mail.imap_port) == ports
    client(mail).sendmail(OFFICE, [UNIT], LETTER)
    assert len(mail.log) == 1


def test_imap_connections_outlive_a_garbage_collection(mail: MailServer) -> None:
    lines = [imaplib.IMAP4("127.0.0.1", mail.imap_port, timeout=10) for _ in range(3)]
    for _ in range(3):
        gc.collect()
    for line in lines:
        line.login(UNIT, "word")
        assert line.select("INBOX", readonly=True)[0] == "OK"
        line.shutdown()


def test_a_large_mail_lies_where_it_was_put(mail: MailServer) -> None:
    raw = b"Subject: large\r\n\r\n" + os.urandom(20).hex().encode() * 100_000 + b"\r\n"
    uid = mail.deliver(UNIT, raw, SEPTEMBER, "Junk")
    (stored,) = mail.mails(UNIT, "Junk")
    assert (stored.uid, stored.raw, stored.is_seen) == (uid, raw, False)


def test_another_process_can_be_driven_alike() -> None:
    with MailProcess() as mail:
        mail.add_account(OFFICE, "secret")
        mail.set_clock(SEPTEMBER)
        mail.welcome_outside()
        client(mail).sendmail(OFFICE, ["who@else.example"], LETTER)
        (taken,) = mail.log()
        assert (taken.at, taken.rcpt) == (SEPTEMBER, "who@else.example")
        assert [each.raw for each in mail.outside_mails()] == [LETTER]
        assert [each.raw for each in mail.mails(OFFICE, "Sent")] == [LETTER]
        with pytest.raises(RuntimeError):
            mail.mails("nobody@gov.example")
