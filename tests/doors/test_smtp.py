"""Letters handed to a real SMTP server: what is accepted, refused, cut off, and how patiently it is done."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.doors.imap import ImapAccount, MailboxesDoor
from service.doors.smtp import Day, PostDoor, SmtpAccount
from service.doors.smtp.conversation import as_content
from service.doors.smtp.line import readable
from service.doors.tls import Security
from service.office.mail import OutgoingMail
from service.office.needs.mailbox import Box
from service.office.needs.post import Post
from service.office.outcome import Accepted, AskAPerson, InDoubt, Never, TryAgain
from service.rehearsal.mail_server import MailServer
from tests.fault_server import FaultServer

OFFICE = "office@gov.example"
UNIT = "unit@county.example"
ACCOUNT = "office"
LETTER = (
    b"From: office@gov.example\r\nMessage-ID: <one@gov.example>\r\nSubject: HZ4K 2024\r\n\r\n"
    b".a line with a dot\r\n.\r\n..\r\n"
)


class Machine:
    """Machine time that moves when told."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer(size_bytes_max=200_000) as server:
        server.add_account(OFFICE, "code")
        server.add_account(UNIT, "word")
        yield server


@pytest.fixture
def account(mail: MailServer) -> SmtpAccount:
    return SmtpAccount(
        ACCOUNT, "127.0.0.1", mail.smtp_port, Security.NONE, OFFICE, "code", pace_seconds=0, timeout=10
    )


@pytest.fixture
def post(account: SmtpAccount, machine: Machine) -> Iterator[PostDoor]:
    door = PostDoor([account], None, monotonic=machine, chance=lambda: 0.0)
    yield door
    door.close()


def connections(mail: MailServer) -> int:
    """Each connection logs in once."""
    return len(mail.logins)


def test_the_door_answers_to_the_office(post: PostDoor) -> None:
    needed: Post = post
    assert needed.accounts() == (ACCOUNT,)
    assert needed.pause_seconds(ACCOUNT) == 0


def test_a_letter_arrives_byte_for_byte(mail: MailServer, post: PostDoor) -> None:
    outcome = post.send(ACCOUNT, LETTER, UNIT)
    assert isinstance(outcome, Accepted) and outcome.code == 250
    assert [each.raw for each in mail.mails(UNIT)] == [LETTER]
    (taken,) = mail.log
    assert (taken.sender, taken.rcpt) == (OFFICE, UNIT)
    assert taken.sha256 == hashlib.sha256(LETTER).hexdigest()


def test_what_is_built_is_what_arrives(mail: MailServer, post: PostDoor) -> None:
    letter = OutgoingMail(
        sender=OFFICE,
        sender_name="省局质量处",
        rcpt=UNIT,
        subject="HZ4K 关于开展质量月活动的通知",
        text="请于 9 月 28 日前报送。\n",
        message_id="<built@gov.example>",
        date=datetime(2024, 8, 20, 9, 0, tzinfo=UTC),
        attachments=(("登记表.docx", b"PK\x03\x04" + bytes(5000), "application/octet-stream"),),
    )
    mime = post.build(letter)
    assert isinstance(post.send(ACCOUNT, mime, UNIT), Accepted)
    assert [each.raw for each in mail.mails(UNIT)] == [mime]


def test_many_letters_share_one_connection_up_to_its_limit(
    mail: MailServer, account: SmtpAccount, machine: Machine
) -> None:
    post = PostDoor([replace(account, per_connection=3)], None, monotonic=machine)
    for _ in range(7):
        assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    assert len(mail.log) == 7
    assert connections(mail) == 3
    post.close()


def test_a_connection_that_died_while_idle_is_made_anew(mail: MailServer, post: PostDoor) -> None:
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    mail.hang_up()
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    assert len(mail.log) == 2


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (450, "4.2.1 try later", TryAgain),
        (550, "5.1.1 user unknown", Never),
        (550, "Ip frequency limited", TryAgain),
        (554, "5.7.1 relay access denied", AskAPerson),
    ],
)
def test_a_refused_recipient_stops_nobody_else(
    mail: MailServer, post: PostDoor, machine: Machine, code: int, text: str, kind: type
) -> None:
    mail.refuse("gone@county.example", code, text)
    outcome = post.send(ACCOUNT, LETTER, "gone@county.example")
    assert isinstance(outcome, kind)
    assert text in str(outcome)
    machine.now += post.pause_seconds(ACCOUNT)
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    assert [each.rcpt for each in mail.log] == [UNIT]
    assert connections(mail) == 1


def test_a_limited_account_is_left_in_peace(mail: MailServer, post: PostDoor, machine: Machine) -> None:
    mail.refuse_sender(451, "MI:SFQ")
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
    rest = post.pause_seconds(ACCOUNT)
    assert rest >= 15 * 60
    machine.now += rest - 1
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
    assert mail.log == []
    machine.now += 1
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)


def test_content_called_spam_stops_the_account_and_asks_a_person(mail: MailServer, post: PostDoor) -> None:
    mail.refuse_content(554, "DT:SPM 163 smtp")
    outcome = post.send(ACCOUNT, LETTER, UNIT)
    assert isinstance(outcome, AskAPerson) and "垃圾邮件" in outcome.why
    assert post.pause_seconds(ACCOUNT) >= 3600
    assert mail.log == []


def test_a_letter_too_large_is_refused_for_good_before_its_bytes_go_out(
    mail: MailServer, post: PostDoor
) -> None:
    outcome = post.send(ACCOUNT, LETTER + b"x" * 70 + b"\r\n" * 200_000, UNIT)
    assert isinstance(outcome, Never) and outcome.code == 552
    assert "太大" in outcome.why
    assert post.pause_seconds(ACCOUNT) == 0


@pytest.mark.parametrize("fault", ["drop_at_rcpt", "drop_at_data"])
def test_a_line_lost_before_the_letter_is_tried_again(
    mail: MailServer, post: PostDoor, machine: Machine, fault: str
) -> None:
    getattr(mail, fault)()
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
    assert mail.log == []
    machine.now += post.pause_seconds(ACCOUNT)
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    assert len(mail.log) == 1


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_line_lost_after_the_letter_is_in_doubt(mail: MailServer, post: PostDoor, is_kept: bool) -> None:
    mail.drop_after_data(keep=is_kept)
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), InDoubt)
    assert len(mail.log) == int(is_kept)


def test_a_server_that_is_down_is_knocked_at_less_and_less(
    mail: MailServer, post: PostDoor, machine: Machine
) -> None:
    mail.down()
    rests = []
    for _ in range(8):
        assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
        rests.append(post.pause_seconds(ACCOUNT))
        machine.now += rests[-1]
    assert rests == sorted(rests) and rests[0] <= 5 and rests[-1] == 300
    mail.up()
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    # What never reached the server does not count against the day.
    assert post.pause_seconds(ACCOUNT) == 0


def test_a_wrong_code_is_one_attempt_and_a_persons_matter(
    mail: MailServer, account: SmtpAccount, machine: Machine
) -> None:
    post = PostDoor([replace(account, password="expired")], None, monotonic=machine)
    outcome = post.send(ACCOUNT, LETTER, UNIT)
    assert isinstance(outcome, AskAPerson) and "授权码" in outcome.why
    assert post.pause_seconds(ACCOUNT) >= 600
    for _ in range(3):
        assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
    assert [each.is_good for each in mail.logins] == [False]
    post.close()


def test_a_sender_that_is_not_the_login_is_a_persons_matter(account: SmtpAccount, machine: Machine) -> None:
    post = PostDoor([replace(account, sender="boss@gov.example")], None, monotonic=machine)
    outcome = post.send(ACCOUNT, LETTER, UNIT)
    assert isinstance(outcome, AskAPerson) and outcome.code == 501
    post.close()


def test_the_pace_is_kept(mail: MailServer, account: SmtpAccount, machine: Machine) -> None:
    post = PostDoor([replace(account, pace_seconds=20)], None, monotonic=machine, chance=lambda: 1.0)
    sent_at = []
    for _ in range(100):
        if post.pause_seconds(ACCOUNT) == 0:
            assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
            sent_at.append(machine.now)
        else:
            assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
        machine.now += 5
    # Twenty seconds and the largest jitter, a quarter.
    assert [later - earlier for earlier, later in itertools.pairwise(sent_at)] == [25.0] * 19
    assert len(mail.log) == 20
    post.close()


def test_temporary_refusals_widen_the_gap_and_acceptance_narrows_it(
    mail: MailServer, account: SmtpAccount, machine: Machine
) -> None:
    post = PostDoor([replace(account, pace_seconds=20)], None, monotonic=machine, chance=lambda: 0.0)
    mail.refuse(UNIT, 450, "greylisted", times=2)
    gaps = []
    for _ in range(5):
        post.send(ACCOUNT, LETTER, UNIT)
        gaps.append(post.pause_seconds(ACCOUNT))
        machine.now += gaps[-1]
    assert gaps == [40.0, 80.0, 80.0, 40.0, 20.0]
    post.close()


def test_a_restart_is_no_new_day(account: SmtpAccount, machine: Machine) -> None:
    """What an earlier process sent counts until its own day is over; then each letter frees its place."""
    capped = replace(account, per_day=3, per_hour=0, day=Day.ROLLING)
    before = PostDoor([capped], None, monotonic=machine, chance=lambda: 0.0)
    assert isinstance(before.send(ACCOUNT, LETTER, UNIT), Accepted)
    before.close()
    post = PostDoor([capped], None, monotonic=machine, chance=lambda: 0.0)
    post.remember(ACCOUNT, [timedelta(hours=23), timedelta(hours=1), timedelta(0)])
    assert post.free(ACCOUNT) == 0
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), TryAgain)
    assert post.pause_seconds(ACCOUNT) == pytest.approx(3600)
    machine.now += 3601
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    assert post.pause_seconds(ACCOUNT) == pytest.approx(22 * 3600 - 1, abs=5)
    post.close()


@pytest.mark.parametrize(("cap", "span"), [("per_hour", 3600.0), ("per_day", 86400.0)])
def test_the_caps_are_kept(
    mail: MailServer, account: SmtpAccount, machine: Machine, cap: str, span: float
) -> None:
    capped = replace(
        account,
        per_hour=4 if cap == "per_hour" else 0,
        per_day=4 if cap == "per_day" else 0,
        day=Day.ROLLING,
    )
    post = PostDoor([capped], None, monotonic=machine)
    for _ in range(10):
        post.send(ACCOUNT, LETTER, UNIT)
    assert len(mail.log) == 4
    assert post.pause_seconds(ACCOUNT) == span
    machine.now += span
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    post.close()


def test_accounts_rest_apart(mail: MailServer, account: SmtpAccount, machine: Machine) -> None:
    mail.add_account("second@gov.example", "code")
    second = replace(account, name="second", username="second@gov.example", pace_seconds=60)
    post = PostDoor([account, second], None, monotonic=machine)
    assert isinstance(post.send("second", LETTER, UNIT), Accepted)
    assert post.pause_seconds("second") >= 60
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), Accepted)
    assert [each.sender for each in mail.log] == ["second@gov.example", OFFICE]
    post.close()


def test_an_address_that_would_speak_smtp_is_never_spoken(mail: MailServer, post: PostDoor) -> None:
    for rcpt in ("a@b.example>\r\nRCPT TO:<c@d.example", "中文@county.example", "a b@c.example", ""):
        assert isinstance(post.send(ACCOUNT, LETTER, rcpt), Never)
    assert mail.log == [] and mail.logins == []


def test_our_letter_is_looked_up_in_sent(mail: MailServer, account: SmtpAccount, machine: Machine) -> None:
    where = ("127.0.0.1", mail.imap_port, Security.NONE)
    imap = ImapAccount(ACCOUNT, *where, OFFICE, "code", sent_folder="Sent", timeout=10)
    boxes = MailboxesDoor([imap])
    mail.rewrite_ids(OFFICE)
    post = PostDoor([account], boxes, monotonic=machine)
    mail.drop_after_data(keep=True)
    assert isinstance(post.send(ACCOUNT, LETTER, UNIT), InDoubt)
    assert post.is_in_sent(ACCOUNT, "<one@gov.example>") is True
    assert post.is_in_sent(ACCOUNT, "<two@gov.example>") is False
    (taken,) = mail.log
    assert boxes.find_in_sent(ACCOUNT, "<one@gov.example>").delivered_id == taken.delivered_id
    post.close()
    boxes.close()


def test_without_a_sent_folder_nothing_is_claimed(post: PostDoor) -> None:
    assert post.is_in_sent(ACCOUNT, "<one@gov.example>") is None


@pytest.mark.parametrize("silent_at", [b"RCPT", b"DATA"])
def test_closing_breaks_off_a_letter_and_says_how_far_it_came(machine: Machine, silent_at: bytes) -> None:
    """The server never answers to the recipient, or takes the whole letter and says no more."""
    outcomes: list[object] = []
    has_all = threading.Event()

    def serve(ear: socket.socket) -> None:
        line, _ = ear.accept()
        with line, line.makefile("rwb", 0) as words:
            words.write(b"220 hi\r\n")
            for said in words:
                word = said[:4].upper()
                if word == silent_at == b"RCPT":
                    break
                words.write({b"DATA": b"354 go\r\n", b"EHLO": b"250 SIZE\r\n"}.get(word, b"250 ok\r\n"))
                if word == b"DATA":
                    break
            while silent_at == b"DATA" and words.readline() not in (b".\r\n", b""):
                continue
            has_all.set()
            words.readline()

    with socket.create_server(("127.0.0.1", 0)) as ear:
        server = threading.Thread(target=serve, args=(ear,))
        server.start()
        account = SmtpAccount(ACCOUNT, "127.0.0.1", ear.getsockname()[1], Security.NONE, "", "", OFFICE)
        post = PostDoor([account], None)
        sender = threading.Thread(target=lambda: outcomes.append(post.send(ACCOUNT, LETTER, UNIT)))
        sender.start()
        assert has_all.wait(10)
        closer = threading.Thread(target=post.close)
        closer.start()
        sender.join(20)
        closer.join(20)
        server.join(20)
    (outcome,) = outcomes
    if silent_at == b"DATA":
        assert isinstance(outcome, InDoubt)
    else:
        # Nothing was handed over and the line was not at fault: due again at once.
        assert outcome == TryAgain(timedelta(0), "服务正在停止，邮件没有发出")


def test_after_closing_nothing_is_sent(mail: MailServer, account: SmtpAccount) -> None:
    post = PostDoor([account], None)
    post.close()
    assert post.send(ACCOUNT, LETTER, UNIT) == TryAgain(timedelta(0), "服务正在停止", is_account=True)
    assert mail.log == []
    post.close()


def test_content_is_made_safe_for_the_wire() -> None:
    assert as_content(b".a\r\n.\r\n..b") == b"..a\r\n..\r\n...b\r\n"
    assert as_content(b"a\nb\rc\r\n") == b"a\r\nb\r\nc\r\n"


def test_a_servers_gbk_is_read() -> None:
    assert readable("收件人不存在".encode("gbk") + b"\nsecond line") == "收件人不存在 second line"


# --- encrypted lines ---


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, made for this run."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=mail.gov.example", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(make, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("security", [Security.SSL, Security.STARTTLS])
def test_encrypted_lines_carry_letters_both_ways(certificate: Path, security: Security) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    ca_file = str(certificate / "cert.pem")
    with MailServer(security=security, tls=tls) as mail:
        mail.add_account(OFFICE, "code")
        account = SmtpAccount(
            ACCOUNT, "127.0.0.1", mail.smtp_port, security, OFFICE, "code", ca_file=ca_file, timeout=10
        )
        post = PostDoor([account], None)
        large = LETTER + (b"x" * 70 + b"\r\n") * 10_000
        assert isinstance(post.send(ACCOUNT, large, OFFICE), Accepted)
        post.close()
        imap = ImapAccount(
            ACCOUNT, "127.0.0.1", mail.imap_port, security, OFFICE, "code", ca_file=ca_file, timeout=10
        )
        boxes = MailboxesDoor([imap])
        at = boxes.fetch(Box(ACCOUNT, "INBOX"), 0, 0, 10)
        assert [each.raw for each in at.arrivals] == [large]
        teller = threading.Timer(0.3, mail.deliver, (OFFICE, LETTER))
        teller.start()
        assert boxes.wait(Box(ACCOUNT, "INBOX"), 30)
        teller.join()
        boxes.close()


@pytest.mark.parametrize("end", [b"\r\n", b""], ids=["whole last line", "no last line end"])
def test_commands_written_together_within_tls_lose_no_dot_and_no_line(certificate: Path, end: bytes) -> None:
    """A letter that begins with a dot, twice over one kept connection, where the server offers PIPELINING."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    ca_file = str(certificate / "cert.pem")
    letter = b".dot: first\r\n\r\n.\r\n..two\r\nlast" + end
    with FaultServer(tls=tls) as server:
        account = SmtpAccount(
            ACCOUNT, "127.0.0.1", server.port, Security.SSL, OFFICE, "code", ca_file=ca_file, timeout=10
        )
        post = PostDoor([replace(account, pace_seconds=0, sender=OFFICE)], None)
        for rcpt in ("one@units.example", "two@units.example"):
            assert isinstance(post.send(ACCOUNT, letter, rcpt), Accepted)
        refused = post.send(ACCOUNT, letter, "550-unknown@units.example")
        assert isinstance(refused, Never), "DATA was written along, and still nothing was sent"
        post.close()
        whole = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
        assert [(rcpt, taken) for rcpt, taken in server.taken] == [
            ("one@units.example", whole),
            ("two@units.example", whole),
        ]
        assert server.logins == 1, "one kept connection"


@pytest.mark.parametrize("security", [Security.SSL, Security.STARTTLS])
def test_a_certificate_nobody_vouches_for_is_a_persons_matter(certificate: Path, security: Security) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with MailServer(security=security, tls=tls) as mail:
        mail.add_account(OFFICE, "code")
        post = PostDoor(
            [SmtpAccount(ACCOUNT, "127.0.0.1", mail.smtp_port, security, OFFICE, "code", timeout=10)], None
        )
        outcome = post.send(ACCOUNT, LETTER, OFFICE)
        assert isinstance(outcome, AskAPerson) and "证书" in outcome.why
        assert mail.logins == []
        post.close()


def test_a_server_without_starttls_is_not_given_the_code(mail: MailServer, account: SmtpAccount) -> None:
    post = PostDoor([replace(account, security=Security.STARTTLS)], None)
    outcome = post.send(ACCOUNT, LETTER, UNIT)
    assert isinstance(outcome, AskAPerson) and "STARTTLS" in outcome.why
    assert mail.logins == []
    post.close()
