"""G. Trust, sending, crash: who says so, what a server's no means, and a death at the worst moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.doors.smtp.phase import Phase
from service.doors.smtp.verdicts import judge
from service.office.address import read_cell
from service.office.dispatch import DispatchState
from service.office.letter import Flag, Stage
from service.office.outcome import InDoubt
from tests.fakes import Crash
from tests.intake.counter import FILED, Counter
from tests.intake.test_c_automatic import unsent
from tests.intake.wires import plain_letter
from tests.stories.prescription import mail, summary
from tests.stories.sample_office import DATONG_AT, Released, SampleOffice
from tests.stories.story import CAMPAIGN, XI, XI_AT, Story

__all__ = ["unsent"]  # a fixture used below
OURS = "mx.mail.example"


def reply(office: SampleOffice, *headers: str) -> bytes:
    """A plain return with some headers above it, as the receiving server writes them."""
    return "".join(f"{each}\r\n" for each in headers).encode() + mail(
        office, DATONG_AT, "总结见附件。", files=[summary()]
    )


@pytest.mark.parametrize("said", ["spf=fail; dkim=none; dmarc=fail", "spf=softfail; dkim=fail"])
def test_case_52_a_sender_our_own_provider_disbelieves_is_held(counter: Counter, said: str) -> None:
    letter = counter.take(reply(counter.office, f"Authentication-Results: {OURS}; {said}"))
    counter.assert_review(letter)
    assert "冒" in letter.outcome or "核实" in letter.outcome or "验证" in letter.outcome, letter.outcome


def test_case_52_without_any_test_it_is_filed_and_marked_unverified(counter: Counter) -> None:
    letter = counter.take(reply(counter.office))
    counter.assert_filed(letter)
    hits = counter.office.ledger.hits(letter.id)
    assert [each.is_hit for each in hits if each.rule == "sender-verified"] == [False]


def test_case_52_a_passed_test_is_filed(counter: Counter) -> None:
    letter = counter.take(reply(counter.office, f"Authentication-Results: {OURS}; spf=pass; dkim=pass"))
    counter.assert_filed(letter)


def signed(raw: bytes) -> bytes:
    """The same letter within multipart/signed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    at = head.index(b"Content-Type: multipart/mixed")
    kept, inner = head[:at], head[at:]
    outer = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; '
        b'boundary="sig"\r\n\r\n--sig\r\n'
    )
    end = b'\r\n--sig\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
    end += b"Content-Transfer-Encoding: base64\r\n\r\n" + b"MIAGCSqGSIb3DQEHAqCAMIA=\r\n--sig--\r\n"
    return kept + outer + inner + b"\r\n\r\n" + body + end


def test_case_53_what_is_signed_is_read(counter: Counter) -> None:
    letter = counter.take(signed(mail(counter.office, DATONG_AT, "总结见附件。", files=[summary()])))
    assert {"smime.p7s", "宣传周活动总结.docx"} <= set(counter.parts(letter))
    counter.assert_filed(letter)
    assert [doc.name for doc in counter.filings()[0].docs] == ["宣传周活动总结.docx"]


def test_case_53_what_is_enciphered_is_said_to_be_unreadable(counter: Counter) -> None:
    raw = plain_letter(
        DATONG_AT, f"回复：[{counter.office.code('大同市市场监督管理局')}] 总结", "X"
    ).partition(b"Content-Type:")[0]
    raw += (
        b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
        b'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="smime.p7m"\r\n\r\n'
        b"MIAGCSqGSIb3DQEHA6CAMIA=\r\n"
    )
    letter = counter.take(raw)
    part = counter.parts(letter)["smime.p7m"]
    assert counter.state() in ("in-review", "needs-correction") and not counter.missing()
    told = counter.told(letter)
    assert Flag.ENCRYPTED in part.flags and any("加密" in say or "密码" in say for say in told), (part, told)


# What the server says at DATA to one of five recipients, and what is to be seen afterwards.


def refuse(story: Story, line: str) -> None:
    """The provider answers this to one recipient's letter."""
    code, _, text = line.partition(" ")
    story.world.refusals[XI_AT] = judge(Phase.CONTENT, int(code), text).outcome


def dispatch_state(story: Story) -> DispatchState:
    """What the outbox says of that recipient's notice."""
    (found,) = story.ledger.dispatches(CAMPAIGN, rcpt=XI_AT)
    return found.state


def test_case_54_451_spm_is_tried_again_later(unsent: Story) -> None:
    refuse(unsent, "451 DT:SPM,please try again")
    unsent.release()
    unsent.work()
    assert dispatch_state(unsent) is DispatchState.RETRY
    del unsent.world.refusals[XI_AT]
    unsent.until("2024-08-20 10:00")
    assert dispatch_state(unsent) is DispatchState.SENT and len(unsent.mails(XI_AT)) == 1


def test_case_54_554_spm_opens_the_breaker(unsent: Story) -> None:
    refuse(unsent, "554 DT:SPM 163 smtp13")
    unsent.release()
    unsent.work()
    assert [each.campaign for each in unsent.ledger.pauses()] == [CAMPAIGN]
    assert "垃圾邮件" in unsent.ledger.pauses()[0].why


def test_case_54_the_days_cap_resumes_next_day(unsent: Story) -> None:
    refuse(unsent, "554 MI:STC 发件人当天内累计邮件数量超过限制")
    unsent.release()
    unsent.work()
    assert dispatch_state(unsent) is DispatchState.RETRY
    unsent.until("2024-08-20 18:00")
    assert unsent.mails(XI_AT) == []
    del unsent.world.refusals[XI_AT]
    unsent.until("2024-08-21 12:00")
    assert len(unsent.mails(XI_AT)) == 1


def test_case_54_a_line_lost_after_the_letter_is_settled_from_sent(unsent: Story) -> None:
    unsent.world.sent_is_known = True
    unsent.world.refusals[XI_AT] = InDoubt("connection lost after DATA")
    unsent.release()
    unsent.work()
    assert unsent.ledger.dispatches(states=(DispatchState.IN_DOUBT,)) == ()
    assert len(unsent.mails(XI_AT)) == 1, "never sent again blindly"
    assert unsent.docket(XI, "summary").state.value == "awaited"


def test_case_54_without_sent_it_stays_in_doubt_and_is_not_sent_again(unsent: Story) -> None:
    unsent.world.refusals[XI_AT] = InDoubt("connection lost after DATA")
    unsent.release()
    unsent.until("2024-08-22 12:00")
    assert dispatch_state(unsent) is DispatchState.IN_DOUBT and len(unsent.mails(XI_AT)) == 1


def test_case_54_a_wide_at_sign_is_made_an_address_before_sending(unsent: Story) -> None:
    unsent.release()
    unsent.work()
    (address,) = read_cell("西城局：xicheng＠units。example；").found
    assert address.text == XI_AT
    assert len(unsent.mails(address.text)) == 1


def effects(released: Released, place: Path) -> list[str]:
    """The office's effects while one return goes its way, in order."""
    office = released.copy(place)
    office.calls.made, office.calls.names = 0, []
    office.arrive(reply(office))
    office.work()
    office.stop()
    return list(office.calls.names)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_case_55_a_death_anywhere_files_once_and_answers_once(
    released: Released, tmp_path: Path, before: bool
) -> None:
    names = effects(released, tmp_path / "whole")
    # The last write of filing, the first of the answer, and what stands around them.
    applies = [number for number, name in enumerate(names, start=1) if name == "ledger.apply"]
    assert len(applies) > 6
    for number in applies[2:9:2]:
        office = released.copy(tmp_path / f"{number}")
        office.calls.made, office.calls.names = 0, []
        office.calls.die_at, office.calls.before = number, before
        start = len(office.world.accepted)
        office.arrive(reply(office))
        with pytest.raises(Crash):
            office.work()
        office.restart()
        office.until("2024-08-20 12:00")
        counter = Counter(office)
        counter.before = start
        (letter,) = counter.letters
        assert letter.stage is Stage.ACKNOWLEDGED and letter.stage in FILED
        assert len(counter.filings()) == 1
        doubtful = office.ledger.dispatches(states=(DispatchState.IN_DOUBT,))
        # Taken by the server, or shown as doubtful, or both; never twice, and never nothing.
        assert len(counter.answers) <= 1 and len(doubtful) <= 1, names[number - 1]
        assert counter.answers or doubtful, names[number - 1]
        office.stop()
