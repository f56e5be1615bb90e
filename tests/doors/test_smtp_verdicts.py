"""What a server's no means: codes seen at 163, QQ, Exmail, Gmail and Microsoft, and words for staff."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.doors.smtp.code_table import CODE_TABLE
from service.doors.smtp.phase import Phase
from service.doors.smtp.verdicts import judge
from service.office.outcome import AskAPerson, Never, TryAgain

CONNECT, LOGIN, SENDER, RCPT, CONTENT = (
    Phase.CONNECT,
    Phase.LOGIN,
    Phase.SENDER,
    Phase.RCPT,
    Phase.CONTENT,
)

# phase, the server's line, what it means, shortest pause of the letter and of the account in minutes
SEEN = [
    (CONNECT, "421 HL:REP 该IP发送行为异常", TryAgain, 60, 60),
    (SENDER, "421 HL:ICC too many connections", TryAgain, 60, 60),
    (SENDER, "450 MI:DMC 当前连接发送的邮件数量超出限制", TryAgain, 1, 0),
    (SENDER, "450 RP:DRC 当前连接发送的收件人数量超过限制", TryAgain, 1, 0),
    (SENDER, "451 MI:SFQ 发信人在15分钟内的发信数量超过限制", TryAgain, 15, 15),
    (CONTENT, "451 DT:SPM,please try again", TryAgain, 2, 2),
    (CONNECT, "450 DT:RBL 禁止该IP", AskAPerson, 0, 60),
    (SENDER, "550 MI:STC 发件人当天的邮件发送量超过限制", TryAgain, 480, 480),
    (SENDER, "554 MI:STC 发件人当天内累计邮件数量超过限制", TryAgain, 480, 480),
    (CONTENT, "554 DT:SPM 163 smtp13,EcCowABXr", AskAPerson, 0, 60),
    (CONTENT, "554 DT:SUM 信封发件人和信头发件人不匹配", AskAPerson, 0, 60),
    (LOGIN, "535 Error: authentication failed", AskAPerson, 0, 10),
    (LOGIN, "550 User has no permission", AskAPerson, 0, 10),
    (LOGIN, "535 Login Fail. Please enter your authorization code to login.", AskAPerson, 0, 10),
    (LOGIN, "454 4.7.0 Temporary authentication failure", TryAgain, 1, 1),
    (SENDER, "553 Mail from must equal authorized user", AskAPerson, 0, 60),
    (SENDER, "501 mail from address must be same as authorization user.", AskAPerson, 0, 60),
    (SENDER, "550 Ip frequency limited", TryAgain, 10, 10),
    (RCPT, "550 Domain frequency limited", TryAgain, 10, 10),
    (CONTENT, "550 Sender frequency limited", TryAgain, 10, 10),
    (CONNECT, "550 Connection frequency limited", TryAgain, 10, 10),
    (RCPT, "550 Mailbox unavailable or access denied", TryAgain, 10, 0),
    (CONTENT, "550 发信过于频繁，请稍后再试", TryAgain, 10, 10),
    (CONTENT, "550 SPF check failed", AskAPerson, 0, 10),
    (RCPT, "550 5.4.5 Daily user sending limit exceeded.", TryAgain, 480, 480),
    (CONNECT, "421 4.7.0 Try again later, closing connection.", TryAgain, 5, 5),
    (SENDER, "432 4.3.2 Concurrent connections limit exceeded", TryAgain, 5, 5),
    (CONTENT, "550 5.7.515 Access denied, sending domain does not meet the level", AskAPerson, 0, 0),
    (RCPT, "451 4.7.1 Greylisting in action, please come back later", TryAgain, 5, 0),
    (RCPT, "450 4.2.0 greylisted", TryAgain, 5, 0),
    (RCPT, "452 4.5.3 Too many recipients", TryAgain, 5, 0),
    (SENDER, "552 Error: message size exceeds fixed maximum message size", Never, 0, 0),
    (CONTENT, "552 Error: Too much mail data", Never, 0, 0),
    (CONTENT, "554 5.3.4 Message too big for system", Never, 0, 0),
    (RCPT, "552 5.2.2 Over quota", Never, 0, 0),
    (RCPT, "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown", Never, 0, 0),
    (RCPT, "550 No such user here", Never, 0, 0),
    (RCPT, "551 User not local", Never, 0, 0),
    (RCPT, "554 5.7.1 Relay access denied", AskAPerson, 0, 0),
    (CONTENT, "554 5.7.1 Message rejected as spam", AskAPerson, 0, 0),
    (CONNECT, "554 no service for you", AskAPerson, 0, 10),
    (CONTENT, "451 local error", TryAgain, 5, 0),
    (RCPT, "299 what", TryAgain, 5, 0),
]


@pytest.mark.parametrize(("phase", "line", "kind", "after", "rest"), SEEN, ids=[each[1] for each in SEEN])
def test_every_refusal_seen_has_its_verdict(
    phase: Phase, line: str, kind: type, after: float, rest: float
) -> None:
    code, _, text = line.partition(" ")
    judgement = judge(phase, int(code), text)
    assert isinstance(judgement.outcome, kind)
    assert text in judgement.outcome.why and code in judgement.outcome.why
    assert judgement.rest_minutes >= rest
    if isinstance(judgement.outcome, TryAgain):
        assert judgement.outcome.after >= timedelta(minutes=after)


@pytest.mark.parametrize(
    ("line", "is_gone"),
    [
        ("550 5.1.1 user unknown", True),
        ("550 User not found", True),
        ("550 用户不存在", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("550 Requested action not taken: mailbox unavailable", False),
        ("550 something else", False),
        ("552 mailbox full", False),
    ],
)
def test_an_address_is_retired_only_where_the_mailbox_does_not_exist(line: str, is_gone: bool) -> None:
    code, _, text = line.partition(" ")
    outcome = judge(RCPT, int(code), text).outcome
    assert isinstance(outcome, Never)
    assert (outcome.code == 550) is is_gone


def test_no_refusal_by_policy_retires_an_address() -> None:
    for text in (
        "5.7.1 rejected by policy",
        "blocked using a black list",
        "该邮件被判为垃圾邮件",
        "SPF check failed",
    ):
        for phase in (RCPT, CONTENT):
            assert not isinstance(judge(phase, 550, text).outcome, Never)


def test_the_table_ends_with_rows_that_fit_everything() -> None:
    last = CODE_TABLE[-1]
    assert (last.codes, last.text, last.phases) == ((), "", ())
    for code in (199, 250, 354, 421, 450, 499, 500, 550, 599):
        for phase in Phase:
            assert judge(phase, code, "").outcome.why


def test_every_verdict_is_said_in_words_for_staff() -> None:
    for verdict in CODE_TABLE:
        assert any("一" <= letter <= "鿿" for letter in verdict.why)
