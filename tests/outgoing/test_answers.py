"""Every row of the table of answers over a real line: what the ledger, the account and staff have of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.smtp import PostDoor, SmtpAccount
from service.doors.smtp.code_table import CODE_TABLE, Row
from service.doors.smtp.phase import Phase
from service.doors.smtp.verdicts import row_for
from service.doors.tls import Security
from service.office.calendar import WorkCalendar
from service.office.content import Content
from service.office.dispatch import Dispatch, DispatchState
from service.office.docket import DocketState
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.record import to_bytes
from service.outgoing.send import Send
from service.settings import load_settings
from tests.doors.ledger_samples import ACCOUNT, CAMPAIGN, NOW, new_dispatch, opening, unit
from tests.fakes import FakeArchive, World
from tests.fault_server import ANSWERS, FaultServer

SMALL = Path(__file__).parents[1] / "campaigns" / "small"
HELD, RETRY, DEAD, DOUBT, SENT = (
    DispatchState.HELD,
    DispatchState.RETRY,
    DispatchState.DEAD,
    DispatchState.IN_DOUBT,
    DispatchState.SENT,
)


@dataclass(frozen=True)
class Case:
    """`minutes`: the letter waits at least so long; `rest`: the account does."""

    order: str  # a local part, or a command and the answer to it
    state: DispatchState
    words: str
    minutes: float = 0
    rest: float = 0
    is_paused: bool = False
    is_gone: bool = False
    is_alarm: bool = False


TOMORROW = (DispatchState.RETRY, "当天发信已达上限", 10, 10)
CASES = (
    Case("421-hl-rep", RETRY, "发信异常", 60, 60),
    Case("450-mi-dmc", RETRY, "这一次连接", 1),
    Case("451-mi-sfq", RETRY, "15 分钟内", 16, 16),
    Case("451-dt-spm", RETRY, "稍后再发", 3, 3),
    Case("450-dt-rbl", RETRY, "网络地址", 15, 60, is_alarm=True),
    Case("554-mi-stc", *TOMORROW),
    Case("554-dt-spm", HELD, "垃圾邮件", 0, 60, is_paused=True, is_alarm=True),
    Case("554-dt-sum", RETRY, "发件人必须与登录账户相同", 15, 60, is_alarm=True),
    Case("AUTH 535 Login Fail. Please enter your authorization code", RETRY, "授权码", 15, 12, is_alarm=True),
    Case("AUTH 550 User has no permission", RETRY, "授权码", 15, 12, is_alarm=True),
    Case(
        "MAIL 501 mail from address must be same as authorization user", RETRY, "相同", 15, 60, is_alarm=True
    ),
    Case("550-qq-frequency", RETRY, "频率", 30, 30),
    Case("550-qq-access-denied", RETRY, "暂时不收", 30),
    Case("550-spf", RETRY, "SPF", 15, 30, is_alarm=True),
    Case("550-545", *TOMORROW),
    Case("421-gmail", RETRY, "放慢", 10, 10),
    Case("550-515", HELD, "先通过验证", is_alarm=True),
    Case("552", DEAD, "邮件太大"),
    Case("554-534", DEAD, "邮件太大"),
    Case("554-spam", HELD, "垃圾邮件", is_paused=True, is_alarm=True),
    Case("550-unknown", DEAD, "没有这个邮箱", is_gone=True),
    Case("552-full", DEAD, "邮箱已满"),
    Case("mailbox-full", RETRY, "邮箱已满", 60),
    Case("554-policy", HELD, "按规则拒收", is_alarm=True),
    Case("551", DEAD, "收件人被拒绝"),
    Case("MAIL 451 local error", RETRY, "暂时不接受本账户", 10, 10),
    Case("greylisted", RETRY, "稍后再试", 15),
    Case("MAIL 503 bad sequence", RETRY, "不接受本账户", 15, 12, is_alarm=True),
    Case("554-at-dot", HELD, "不接受这封邮件", is_alarm=True),
    Case("MAIL 354 what", RETRY, "无法理解", 15),
)
# What breaks: before the letter's first byte it is tried again, after it nobody knows [law 1].
BROKEN = (
    Case("220 421 4.3.2 not now", RETRY, "放慢", 10, 10),
    Case("drop-before-354", RETRY, "没有发出", 1),
    Case("drop-mid-data", DOUBT, "不知道服务器是否已收下"),
    Case("drop-after-dot", DOUBT, "不知道服务器是否已收下"),
    Case("garbage", DOUBT, "不知道服务器是否已收下"),
    Case("354-at-dot", DOUBT, "不知道是否已收下"),
)


@dataclass
class Tried:
    """An office of one unit whose notice was handed over once."""

    ledger: LedgerDoor
    send: Send
    post: PostDoor
    row: Dispatch

    def words(self, kind: str) -> list[str]:
        return [dict(each.about).get("why", "") for each in self.ledger.events(kind=kind)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_settings(SMALL).policy(WorkCalendar({}), b"k" * 32)


class Machine:
    """Machine time that moves when told."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


def fill_outbox(ledger: Ledger, archive: FakeArchive, rcpts: tuple[str, ...]) -> None:
    content = archive.put(to_bytes(Content("HZ4K 关于开展质量月活动的通知", "请于 9 月 28 日前报送。\n")))
    units = tuple(unit(number, rcpt) for number, rcpt in enumerate(rcpts, 1))
    rows = tuple(
        new_dispatch(number, rcpt=rcpt, content_sha256=content, dedupe_key=f"notice:{number}")
        for number, rcpt in enumerate(rcpts, 1)
    )
    assert ledger.apply([replace(opening(units), dispatches=rows)])


def send_of(server: FaultServer, ledger: LedgerDoor, policy: Policy, machine: Machine) -> Send:
    login = "office@gov.example"
    account = SmtpAccount(
        ACCOUNT, "127.0.0.1", server.port, Security.NONE, login, "x", pace_seconds=0, timeout=5
    )
    # Half past ten: the next day is hours away.
    noon = datetime(2024, 8, 20, 10, 30)
    post = PostDoor([account], None, monotonic=machine, now=lambda: noon, chance=lambda: 0.0)
    archive = FakeArchive(World())
    return Send(ledger, archive, post, policy, "tests")


def drain(send: Send, now: datetime) -> None:
    for _ in range(40):
        if not send.waiting(now):
            return
        send.handle("outbox", now)
    # On a busy machine a conversation may outlast that; how it ends is what is asked here.
    until = time.monotonic() + 30
    while send.under_way and time.monotonic() < until:
        send.handle("outbox", now)


@contextmanager
def tried(case: Case, url: str, folder: Path, policy: Policy, *, pipelining: bool = True) -> Iterator[Tried]:
    command, _, answer = case.order.partition(" ")
    local = "unit" if answer else case.order
    with FaultServer(has_pipelining=pipelining) as server, open_ledger(url, folder, owner="tests") as ledger:
        if answer:
            server.orders[command] = answer
        send = send_of(server, ledger, policy, Machine())
        assert isinstance(send.archive, FakeArchive) and isinstance(send.post, PostDoor)
        fill_outbox(ledger, send.archive, (f"{local}@unit1.example",))
        try:
            drain(send, NOW)
            (row,) = ledger.dispatches(CAMPAIGN)
            yield Tried(ledger, send, send.post, row)
        finally:
            send.post.close()


def row_of(case: Case) -> Row:
    """The row of the table that this case is about."""
    command, _, said = case.order.partition(" ")
    at, answer = (command, said) if said else ANSWERS[case.order]
    phase = {
        "220": Phase.CONNECT,
        "AUTH": Phase.LOGIN,
        "MAIL": Phase.SENDER,
        "RCPT": Phase.RCPT,
        "DOT": Phase.CONTENT,
    }
    code, _, text = answer.partition(" ")
    return row_for(phase[at], int(code), text)


def test_no_row_of_the_table_is_left_unexercised() -> None:
    shown = {id(row_of(each)) for each in CASES}
    assert [each for each in CODE_TABLE if id(each) not in shown] == []


def check(case: Case, at: Tried) -> None:
    """What is in the ledger, and what staff read."""
    assert at.row.state is case.state, at.row.last_error
    assert case.words in at.row.last_error
    if case.state is RETRY:
        assert at.row.due_at - NOW >= timedelta(minutes=case.minutes)
    rest = at.post.pause_seconds(ACCOUNT)
    is_cut = case.order.startswith("drop") or case.order == "garbage"
    assert rest >= case.rest * 60 and (rest > 0) == (case.rest > 0 or is_cut)
    assert bool(at.ledger.pauses()) is case.is_paused
    assert len(at.words("alarm")) == int(case.is_alarm)
    standing = at.ledger.standing(CAMPAIGN, "第1单位")
    assert standing is not None and bool(standing.gone) is case.is_gone
    docket = at.ledger.docket(CAMPAIGN, "第1单位", "summary")
    expected = {DEAD: DocketState.UNDELIVERED, SENT: DocketState.AWAITED}.get(
        case.state, DocketState.NOT_SENT
    )
    assert docket is not None and docket.state is expected
    kind = {RETRY: "postponed", DEAD: "refused", HELD: "alarm", DOUBT: "in-doubt", SENT: "sent"}[case.state]
    said = at.words("alarm" if case.is_alarm else kind)
    assert len(said) == 1 and case.words in said[0]


@pytest.mark.parametrize("case", (*CASES, *BROKEN), ids=lambda each: each.order)
def test_what_becomes_of_a_letter(case: Case, sqlite_ledger_url: str, tmp_path: Path, policy: Policy) -> None:
    with tried(case, sqlite_ledger_url, tmp_path, policy) as at:
        check(case, at)


@pytest.mark.postgres
@pytest.mark.parametrize("case", (CASES[0], CASES[8], CASES[20], BROKEN[3]), ids=lambda each: each.order)
def test_the_same_on_postgresql(case: Case, postgres_ledger_url: str, tmp_path: Path, policy: Policy) -> None:
    with tried(case, postgres_ledger_url, tmp_path, policy, pipelining=False) as at:
        check(case, at)


def test_a_locked_account_is_one_alarm_few_logins_and_nobody_is_forgotten(
    ledger: LedgerDoor, policy: Policy
) -> None:
    machine, rcpts = Machine(), tuple(f"u{number}@unit{number}.example" for number in range(1, 5))
    with FaultServer() as server:
        server.orders["AUTH"] = "535 Login Fail"
        send = send_of(server, ledger, policy, machine)
        assert isinstance(send.archive, FakeArchive) and isinstance(send.post, PostDoor)
        fill_outbox(ledger, send.archive, rcpts)
        now = NOW
        for _ in range(8 * 60):  # eight hours, looked at every minute
            drain(send, now)
            now, machine.now = now + timedelta(minutes=1), machine.now + 60
        # After 12, 24, 48, 96 and then every 120 minutes.
        assert server.logins <= 7
        (alarm,) = ledger.events(kind="alarm")
        assert "授权码" in dict(alarm.about)["why"]
        assert server.taken == []
        server.orders.clear()
        for _ in range(130):
            drain(send, now)
            now, machine.now = now + timedelta(minutes=1), machine.now + 60
        assert sorted(rcpt for rcpt, _ in server.taken) == sorted(rcpts)
        assert {each.state for each in ledger.dispatches(CAMPAIGN)} == {SENT}
        send.post.close()


def test_a_domain_that_rests_holds_up_nobody_else(ledger: LedgerDoor, policy: Policy) -> None:
    rcpts = ("550-qq-access-denied@busy.example", "b@busy.example", "c@free.example")
    with FaultServer() as server:
        send = send_of(server, ledger, policy, Machine())
        assert isinstance(send.archive, FakeArchive) and isinstance(send.post, PostDoor)
        fill_outbox(ledger, send.archive, rcpts)
        drain(send, NOW)
        assert [rcpt for rcpt, _ in server.taken] == ["c@free.example"]
        states = {each.rcpt: each.state for each in ledger.dispatches(CAMPAIGN)}
        assert states["b@busy.example"] is DispatchState.READY
        send.post.close()
