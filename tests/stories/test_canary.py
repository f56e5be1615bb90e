"""自检信: a letter to ourselves that does not come back says that answers may not come in either."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.desk.blocked import canary_rows
from service.office.dispatch import DispatchKind
from service.office.letter import Kind, Stage
from service.office.policy import Policy
from tests.stories.story import OFFICE, Story


def with_canary(policy: Policy) -> Policy:
    return replace(policy, canary_every=timedelta(hours=4), canary_to=OFFICE)


def watched(story: Story) -> Story:
    """The same office, restarted with a letter to itself every four hours."""
    story.change_policy = with_canary
    story.restart()
    return story


def look(story: Story) -> bool:
    """What the daemon does every minute, and a rehearsal never."""
    has_queued = story.office.canary.look(story.now)
    story.work()
    return has_queued


def come_back(story: Story) -> None:
    story.world.deliver(story.mails(OFFICE)[-1].mime, story.now)
    story.work()


def test_it_goes_out_on_working_days_at_its_interval_and_comes_back_as_nobodys_letter(
    released: Story,
) -> None:
    story = watched(released)
    story.until("2024-08-24 10:00")  # a Saturday
    assert not look(story)
    story.until("2024-08-26 06:00")
    assert not look(story)
    story.until("2024-08-26 07:40")
    assert look(story)
    assert [each.kind for each in story.ledger.dispatches(kinds=(DispatchKind.CANARY,))] == [
        DispatchKind.CANARY
    ]
    come_back(story)
    (own,) = story.letters()
    assert (own.kind, own.stage, own.campaign) == (Kind.OWN, Stage.IGNORED, None)
    assert len(story.mails(OFFICE)) == 1  # nothing answers it
    story.until("2024-08-26 11:00")
    assert not look(story)
    story.until("2024-08-26 11:45")
    assert look(story)


def test_its_absence_is_on_the_desk_and_holds_reminders_until_one_comes_back(released: Story) -> None:
    story = watched(released)
    story.until("2024-09-23 09:00")
    assert look(story)
    story.until("2024-09-23 09:50")
    assert canary_rows(story.office, story.now) == []
    story.until("2024-09-30 16:00")
    assert story.ledger.events(kind="reminded") == ()
    (row,) = canary_rows(story.office, story.now)
    assert OFFICE in row.say and "已暂不催办" in row.say
    come_back(story)
    assert canary_rows(story.office, story.now) == []
    story.until("2024-09-30 16:30")
    assert story.ledger.events(kind="reminded")


def test_a_provider_that_renames_it_is_no_alarm_and_a_strangers_forgery_no_proof(released: Story) -> None:
    story = watched(released)
    story.until("2024-08-26 09:00")
    assert look(story)
    mime = story.mails(OFFICE)[-1].mime
    story.world.deliver(mime.replace(OFFICE.encode(), b"stranger@elsewhere.example"), story.now)
    story.until("2024-08-26 11:00")
    assert len(canary_rows(story.office, story.now)) == 1
    renamed = b"\r\n".join(
        b"Message-ID: <tencent_1@qq.example>" if line.lower().startswith(b"message-id:") else line
        for line in mime.split(b"\r\n")
    )
    story.world.deliver(renamed, story.now)
    story.work()
    assert canary_rows(story.office, story.now) == []
