"""台账库 — the outbox: claim, lease, fence, and never a letter sent twice without a person's word."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.doors.ledger import Leases, LedgerDoor, open_ledger
from service.office.change import (
    BeginSending,
    FinishSending,
    LearnDelivered,
    PutDocket,
    QueueDispatch,
    SettleDispatch,
)
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.outcome import DoorError
from tests.doors.ledger_samples import ACCOUNT, CAMPAIGN, NOW, new_dispatch, opening, sha

S = DispatchState
HOUR = timedelta(hours=1)


@pytest.fixture
def impatient(ledger_url: str, tmp_path: Path) -> Iterator[LedgerDoor]:
    """A ledger whose leases have run out as soon as they are given."""
    leases = Leases(dispatch=timedelta(seconds=-1), mailbox=timedelta(seconds=-1))
    with open_ledger(ledger_url, tmp_path, owner="tests", leases=leases) as door:
        yield door


def queue(ledger: LedgerDoor, *new: object) -> None:
    assert ledger.apply([QueueDispatch(each) for each in new])  # type: ignore[arg-type] # NewDispatch rows


def claim_one(ledger: LedgerDoor, owner: str = "me") -> Dispatch:
    (row,) = ledger.claim(owner, NOW, 1)
    return row


def begin(row: Dispatch, **more: object) -> BeginSending:
    facts = BeginSending(row.id, row.owner, row.attempt_token, sha("mime"))
    return replace(facts, **more)  # type: ignore[arg-type] # facts by name


def finish(row: Dispatch, was: S, to: S, **more: object) -> FinishSending:
    facts = FinishSending(row.id, row.owner, row.attempt_token, was, to, NOW)
    return replace(facts, **more)  # type: ignore[arg-type] # facts by name


def state(ledger: LedgerDoor, row: Dispatch) -> S:
    found = ledger.dispatch(row.id)
    assert found
    return found.state


def test_a_letter_goes_out_in_three_states(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1, dockets=("summary", "works"), in_reply_to="<q@unit.example>"))
    (waiting,) = ledger.dispatches(states=[S.READY])
    assert (waiting.attempts, waiting.owner, waiting.attempt_token) == (0, "", "")
    row = claim_one(ledger)
    assert row == ledger.dispatch(row.id)
    assert (row.state, row.attempts, row.owner) == (S.LEASED, 1, "me")
    assert (row.dockets, row.in_reply_to) == (("summary", "works"), "<q@unit.example>")
    assert ledger.apply([begin(row)])
    sending = ledger.dispatch(row.id)
    assert sending and (sending.state, sending.mime_sha256) == (S.SENDING, sha("mime"))
    assert ledger.apply([finish(row, S.SENDING, S.SENT, code=250)])
    sent = ledger.dispatch(row.id)
    assert sent and (sent.state, sent.sent_at, sent.last_code) == (S.SENT, NOW, 250)
    assert ledger.claim("me", NOW + HOUR, 10) == ()


def test_receipts_go_first_then_by_due_and_age(ledger: LedgerDoor) -> None:
    queue(
        ledger,
        new_dispatch(1),
        new_dispatch(2, DispatchKind.REMINDER, due_at=NOW - HOUR),
        new_dispatch(3, DispatchKind.RECEIPT),
        new_dispatch(4, DispatchKind.CORRECTION, due_at=NOW - HOUR),
        new_dispatch(5, due_at=NOW - HOUR),
        new_dispatch(6, DispatchKind.REPORT),
        new_dispatch(7, DispatchKind.RECEIPT, due_at=NOW + HOUR),
        new_dispatch(8, DispatchKind.COPY, due_at=NOW - HOUR),
    )
    first = ledger.claim("me", NOW, 3)
    rest = ledger.claim("me", NOW, 10)
    assert [row.unit for row in first] == ["第4单位", "第3单位", "第6单位"]
    assert [row.unit for row in rest] == ["第2单位", "第5单位", "第8单位", "第1单位"]
    assert ledger.next_due() == NOW + HOUR


def test_a_claim_may_be_for_some_accounts_only(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1, account="second"), new_dispatch(2), new_dispatch(3, account="third"))
    assert [row.account for row in ledger.claim("me", NOW, 10, [ACCOUNT, "third"])] == [ACCOUNT, "third"]
    assert ledger.claim("me", NOW, 10, [ACCOUNT]) == ()
    assert [row.account for row in ledger.claim("me", NOW, 10)] == ["second"]


def test_every_claim_has_a_token_of_its_own(impatient: LedgerDoor) -> None:
    queue(impatient, new_dispatch(1))
    first = claim_one(impatient)
    assert impatient.reap() == ()
    second = claim_one(impatient)
    assert (first.id, second.attempts) == (second.id, 2)
    assert first.attempt_token != second.attempt_token
    assert not impatient.apply([begin(first)])
    assert impatient.apply([begin(second)])


@pytest.mark.parametrize(
    "wrong",
    [{"owner": "another"}, {"token": "stale"}, {"dispatch": 4711}],
    ids=["owner", "token", "id"],
)
def test_only_the_holder_of_the_lease_may_begin(ledger: LedgerDoor, wrong: dict[str, object]) -> None:
    queue(ledger, new_dispatch(1))
    row = claim_one(ledger)
    assert not ledger.apply([begin(row, **wrong)])
    assert state(ledger, row) is S.LEASED
    assert ledger.apply([begin(row)])
    assert not ledger.apply([begin(row)])


def test_nothing_is_begun_about_a_docket_that_has_changed(ledger: LedgerDoor) -> None:
    assert ledger.apply([replace(opening(2), dispatches=())])
    queue(ledger, new_dispatch(1, DispatchKind.REMINDER, dockets=("works", "summary")))
    row = claim_one(ledger)
    seen = ledger.dockets(CAMPAIGN, "第1单位")
    assert ledger.apply([PutDocket(seen[1])])  # an answer came in meanwhile
    assert not ledger.apply([begin(row, unless_changed=seen)])
    assert state(ledger, row) is S.LEASED
    assert ledger.apply([begin(row, unless_changed=ledger.dockets(CAMPAIGN, "第1单位"))])


def test_an_attempt_may_end_in_every_way(ledger: LedgerDoor) -> None:
    ends: dict[S, dict[str, object]] = {
        S.RETRY: {"due_at": NOW + HOUR, "code": 451, "error": "稍后再试"},
        S.DEAD: {"code": 550, "error": "没有这个用户"},
        S.IN_DOUBT: {"error": "连接中断"},
        S.SENT: {"code": 250},
    }
    queue(ledger, *(new_dispatch(number) for number in range(len(ends))))
    for row, (to, facts) in zip(ledger.claim("me", NOW, 10), ends.items(), strict=True):
        assert ledger.apply([begin(row)])
        assert ledger.apply([finish(row, S.SENDING, to, **facts)])
        after = ledger.dispatch(row.id)
        assert after and after.state is to
        assert (after.last_code, after.last_error) == (facts.get("code"), facts.get("error", ""))
        assert after.due_at == facts.get("due_at", NOW)
        assert not ledger.apply([finish(row, S.SENDING, S.SENT)]) or to is S.IN_DOUBT
    (again,) = ledger.claim("me", NOW + HOUR, 10)
    assert (again.attempts, again.last_code) == (2, 451)


def test_a_lease_may_end_before_anything_was_said(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1), new_dispatch(2))
    first, second = ledger.claim("me", NOW, 2)
    assert not ledger.apply([finish(first, S.SENDING, S.RETRY)])
    assert ledger.apply([finish(first, S.LEASED, S.RETRY, due_at=NOW + HOUR, error="连不上服务器")])
    assert ledger.apply([finish(second, S.LEASED, S.CANCELLED, error="材料已到")])
    assert state(ledger, second) is S.CANCELLED
    assert ledger.next_due() == NOW + HOUR


@pytest.mark.parametrize("wrong", [{"owner": "another"}, {"token": "stale"}])
def test_only_the_same_attempt_may_finish(ledger: LedgerDoor, wrong: dict[str, object]) -> None:
    queue(ledger, new_dispatch(1))
    row = claim_one(ledger)
    assert ledger.apply([begin(row)])
    assert not ledger.apply([finish(row, S.SENDING, S.SENT, **wrong)])
    assert state(ledger, row) is S.SENDING


def test_the_reaper_frees_what_was_not_begun_and_doubts_the_rest(impatient: LedgerDoor) -> None:
    queue(impatient, new_dispatch(1), new_dispatch(2))
    begun, waiting = impatient.claim("me", NOW, 2)
    assert impatient.apply([begin(begun)])
    (doubtful,) = impatient.reap()
    assert (doubtful.id, doubtful.state) == (begun.id, S.IN_DOUBT)
    assert state(impatient, waiting) is S.READY
    assert impatient.reap() == ()


def test_a_running_lease_is_left_alone(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1), new_dispatch(2))
    begun, waiting = ledger.claim("me", NOW, 2)
    assert ledger.apply([begin(begun)])
    assert ledger.reap() == ()
    assert (state(ledger, begun), state(ledger, waiting)) == (S.SENDING, S.LEASED)
    # Office time may run ahead by weeks: leases do not care.
    assert ledger.claim("me", NOW + timedelta(days=90), 10) == ()


def test_an_answer_after_the_reaper_still_makes_it_sent(impatient: LedgerDoor) -> None:
    queue(impatient, new_dispatch(1))
    row = claim_one(impatient)
    assert impatient.apply([begin(row)])
    assert len(impatient.reap()) == 1
    assert not impatient.apply([finish(row, S.SENDING, S.RETRY)])
    assert not impatient.apply([finish(row, S.SENDING, S.SENT, token="stale")])
    assert impatient.apply([finish(row, S.SENDING, S.SENT, code=250)])
    assert state(impatient, row) is S.SENT


def test_an_answer_after_a_persons_decision_is_too_late(impatient: LedgerDoor) -> None:
    queue(impatient, new_dispatch(1))
    row = claim_one(impatient)
    assert impatient.apply([begin(row)])
    impatient.reap()
    assert impatient.apply([SettleDispatch(row.id, S.IN_DOUBT, S.READY, NOW, "李四：没有发出")])
    assert not impatient.apply([finish(row, S.SENDING, S.SENT)])
    assert state(impatient, row) is S.READY


def test_a_restart_ends_the_leases_of_that_owner_only(ledger: LedgerDoor) -> None:
    queue(ledger, *(new_dispatch(number) for number in range(4)))
    mine, mine_begun = ledger.claim("me", NOW, 2)
    other, other_begun = ledger.claim("other", NOW, 2)
    assert ledger.apply([begin(mine_begun), begin(other_begun)])
    assert [row.id for row in ledger.recover("me")] == [mine_begun.id]
    assert [state(ledger, row) for row in (mine, mine_begun, other, other_begun)] == [
        S.READY,
        S.IN_DOUBT,
        S.LEASED,
        S.SENDING,
    ]
    assert ledger.recover("me") == ()


@pytest.mark.parametrize(("was", "to"), [(S.HELD, S.READY), (S.HELD, S.CANCELLED), (S.READY, S.CANCELLED)])
def test_a_person_decides_once(ledger: LedgerDoor, was: S, to: S) -> None:
    queue(ledger, new_dispatch(1, is_held=was is S.HELD))
    (row,) = ledger.dispatches()
    assert row.state is was
    assert ledger.apply([SettleDispatch(row.id, was, to, NOW + HOUR, "李四")])
    assert not ledger.apply([SettleDispatch(row.id, was, to, NOW + HOUR, "王五")])
    assert state(ledger, row) is to
    assert len(ledger.claim("me", NOW + HOUR, 1)) == (to is S.READY)


def test_a_held_draft_is_never_claimed(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1, DispatchKind.CORRECTION, is_held=True))
    assert ledger.claim("me", NOW + HOUR, 10) == ()
    assert ledger.next_due() is None


def test_found_in_sent_it_counts_as_sent_then(impatient: LedgerDoor) -> None:
    queue(impatient, new_dispatch(1))
    row = claim_one(impatient)
    assert impatient.apply([begin(row)])
    impatient.reap()
    assert impatient.apply([SettleDispatch(row.id, S.IN_DOUBT, S.SENT, NOW + HOUR, "在已发送中找到")])
    found = impatient.dispatch(row.id)
    assert found and (found.state, found.sent_at) == (S.SENT, NOW + HOUR)


def test_one_key_is_one_letter(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1))
    queue(ledger, new_dispatch(1, message_id="<another@office.example>", rcpt="other@unit1.example"))
    (row,) = ledger.dispatches()
    assert row.message_id == "<notice-1@office.example>"
    with pytest.raises(DoorError, match="不合规则"):
        queue(ledger, new_dispatch(2, message_id=row.message_id))


def test_a_message_id_leads_back_to_its_dispatch(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1), new_dispatch(2, message_id="bare@office.example"))
    first, second = ledger.dispatches()
    assert ledger.dispatch_by_message_id("<notice-1@office.example>") == first
    assert ledger.dispatch_by_message_id(" notice-1@office.example ") == first
    assert ledger.dispatch_by_message_id("<bare@office.example>") == second
    assert ledger.dispatch_by_message_id("<unknown@office.example>") is None
    assert ledger.apply([LearnDelivered(second.id, "tencent_1@qq.example")])
    assert ledger.apply([LearnDelivered(second.id, "<tencent_1@qq.example>")])
    assert ledger.dispatch_by_message_id("<tencent_1@qq.example>") == second


def test_dispatches_are_found_by_any_mark(ledger: LedgerDoor) -> None:
    queue(
        ledger,
        new_dispatch(1),
        new_dispatch(2, DispatchKind.RECEIPT),
        new_dispatch(3, DispatchKind.RECEIPT, campaign="other", is_held=True),
    )
    assert len(ledger.dispatches()) == 3
    assert [row.unit for row in ledger.dispatches(CAMPAIGN)] == ["第1单位", "第2单位"]
    assert [row.unit for row in ledger.dispatches(kinds=[DispatchKind.RECEIPT])] == ["第2单位", "第3单位"]
    assert [row.unit for row in ledger.dispatches(states=[S.HELD, S.DEAD])] == ["第3单位"]
    assert [row.unit for row in ledger.dispatches(unit="第1单位")] == ["第1单位"]
    assert [row.unit for row in ledger.dispatches(rcpt="u2@UNIT2.example")] == ["第2单位"]
    assert ledger.dispatch(4711) is None


def test_the_days_letters_to_one_address_are_counted(ledger: LedgerDoor) -> None:
    receipt = DispatchKind.RECEIPT
    queue(
        ledger,
        new_dispatch(1, receipt, rcpt="A@unit.example"),
        new_dispatch(2, receipt, rcpt="a@unit.example", due_at=NOW - HOUR),
        new_dispatch(3, receipt, rcpt="b@unit.example"),
        new_dispatch(4, DispatchKind.NOTICE, rcpt="a@unit.example"),
        new_dispatch(5, receipt, rcpt="a@unit.example"),
    )
    cancelled = ledger.dispatches(unit="第5单位")[0]
    assert ledger.apply([SettleDispatch(cancelled.id, S.READY, S.CANCELLED, NOW, "测试")])
    assert ledger.count_sent("a@UNIT.example", [receipt], NOW) == 1
    assert ledger.count_sent("a@unit.example", [receipt], NOW - HOUR) == 2
    assert ledger.count_sent("", [receipt], NOW) == 2
    assert ledger.count_sent("", [receipt, DispatchKind.NOTICE], NOW - HOUR) == 4
    # Due long ago but sent just now counts as well.
    late = ledger.claim("me", NOW - HOUR, 1)[0]
    assert ledger.apply([begin(late), finish(late, S.SENDING, S.SENT)])
    assert ledger.count_sent("a@unit.example", [receipt], NOW) == 2


def test_words_of_a_server_may_be_rubbish(ledger: LedgerDoor) -> None:
    queue(ledger, new_dispatch(1))
    row = claim_one(ledger)
    assert ledger.apply([finish(row, S.LEASED, S.DEAD, error="550 \x00 \udcb2\udcbb")])
    after = ledger.dispatch(row.id)
    assert after and after.last_error == "550 \ufffd \ufffd\ufffd"


def test_many_threads_share_one_door_and_no_row_is_claimed_twice(ledger: LedgerDoor) -> None:
    queue(ledger, *(new_dispatch(number) for number in range(60)))

    def drain(owner: str) -> list[int]:
        taken: list[int] = []
        while rows := ledger.claim(owner, NOW, 3):
            taken += [row.id for row in rows]
            assert ledger.apply([begin(row) for row in rows])
            assert ledger.apply([finish(row, S.SENDING, S.SENT) for row in rows])
        return taken

    with ThreadPoolExecutor(6) as threads:
        taken = [
            id_ for ids in threads.map(drain, [f"worker {number}" for number in range(6)]) for id_ in ids
        ]
    assert sorted(taken) == [row.id for row in ledger.dispatches(states=[S.SENT])]
    assert len(taken) == 60
