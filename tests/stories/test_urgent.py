"""An urgent item: its clerk is told within minutes, once, whatever happens in between; no unit ever is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.desk.decide import note
from service.office.policy import Policy
from tests.fakes import Calls, Crash
from tests.stories.story import (
    CAMPAIGN,
    CLERK,
    DONG,
    DONG_AT,
    GOOD_SUMMARY,
    XI_AT,
    Story,
    summary_docx,
)

CLERK_AT, SIGNER_AT = "clerk@jia.example", "signer@jia.example"


@pytest.fixture
def urgent(story: Story) -> Story:
    """The small campaign, its summary marked urgent."""
    path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("    name: 活动总结\n", "    name: 活动总结\n    urgent: true\n")
    path.write_text(text, encoding="utf-8")
    story.release()
    story.work()
    return story


def report(story: Story, sender: str = DONG_AT) -> None:
    story.reply(sender, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.work()


def look(story: Story) -> bool:
    """What the daemon does every minute."""
    has_told = story.office.urgent.look(story.now)
    story.work()
    return has_told


def test_the_clerk_is_told_once_and_the_unit_has_only_its_receipt(urgent: Story) -> None:
    story = urgent
    assert not look(story)
    report(story)
    assert look(story)
    assert story.subjects(CLERK_AT) == [f"【紧急】{DONG}报来《活动总结》"]
    said = story.last_text(CLERK_AT)
    assert "请即阅处" in said and "活动总结.docx" in said and "来信 1" in said
    before = len(story.mails(DONG_AT))
    story.restart()
    assert not look(story)
    story.clock.set(story.now + timedelta(minutes=5))
    report(story, XI_AT)
    assert look(story)
    assert len(story.mails(CLERK_AT)) == 2 and story.mails(SIGNER_AT) == []
    assert len(story.mails(DONG_AT)) == before
    assert not any("【紧急】" in each for each in (*story.subjects(DONG_AT), *story.subjects(XI_AT)))


def test_what_a_person_has_seen_is_not_told(urgent: Story) -> None:
    report(urgent)
    assert note(urgent.office, 1, by=CLERK, reason="已阅", now=urgent.now).is_done
    assert not look(urgent)
    assert urgent.mails(CLERK_AT) == []


def test_an_item_that_is_not_marked_tells_nobody(released: Story) -> None:
    report(released)
    assert not look(released)
    assert released.mails(CLERK_AT) == []


def test_where_the_campaigns_clerk_is_no_longer_here_every_clerk_is_told(urgent: Story) -> None:
    story = urgent

    def others(rules: Policy) -> Policy:
        clerk = next(each for each in rules.staff if each.name == CLERK)
        two = tuple(
            replace(clerk, name=name, address=f"{at}@jia.example") for name, at in (("丙", "c"), ("丁", "d"))
        )
        return replace(rules, staff=(*(each for each in rules.staff if each.name != CLERK), *two))

    story.change_policy = others
    story.restart()
    report(story)
    assert look(story)
    assert [len(story.mails(f"{at}@jia.example")) for at in ("c", "d")] == [1, 1]


@pytest.mark.parametrize("number", range(1, 7))
def test_dying_while_it_is_written_tells_once(urgent: Story, number: int) -> None:
    story = urgent
    report(story)
    story.restart()
    story.calls = Calls(number)
    story.stop()
    story.start()
    with pytest.raises(Crash):
        look(story)
    story.restart()
    look(story)
    for row in story.ledger.dispatches():
        if row.state.value == "in-doubt" and not story.mails(CLERK_AT):
            return  # shown to a person, never sent again by machine [law 1]
    assert len(story.mails(CLERK_AT)) == 1
