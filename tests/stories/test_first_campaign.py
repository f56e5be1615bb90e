"""An office's first campaign: receipts go out, corrections and chasing wait as drafts for a clerk."""

from __future__ import annotations

import shutil

from service.desk.decide import settle_dispatch
from service.office.dispatch import DispatchKind, DispatchState
from tests.stories.story import CAMPAIGN, CLERK, DONG_AT, GOOD_SUMMARY, SIGNER, Story, fill, summary_docx

HELD = (DispatchState.HELD,)


def say(story: Story, automatic: str, campaign: str = CAMPAIGN) -> None:
    """What the campaign's page says of who sends."""
    path = story.folder / "templates" / campaign / "campaign.yaml"
    line = "automatic: {corrections: true, reminders: true}\n"
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, automatic), encoding="utf-8")


def send_both(story: Story) -> None:
    """A good summary and, an hour later, a faulty form."""
    story.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    story.until("2024-08-20 10:00")
    bad = fill(story.form_of(DONG_AT), {"title": "质量故事", "phone": "没有"})
    story.reply(DONG_AT, "报送作品。", [("登记表.docx", bad)])
    story.until("2024-08-20 11:00")


def test_nobody_has_said_and_it_is_the_first(story: Story) -> None:
    say(story, "")
    story.release()
    story.work()
    send_both(story)
    assert [each for each in story.subjects(DONG_AT) if "回执" in each], "the receipt went out"
    (draft,) = story.ledger.dispatches(CAMPAIGN, HELD)
    assert draft.kind is DispatchKind.CORRECTION
    assert "等经办人发出" in story.letters()[-1].outcome
    story.until("2024-09-25 12:00")
    held = story.ledger.dispatches(CAMPAIGN, HELD, (DispatchKind.REMINDER,))
    assert held and not any("提醒" in each for each in story.subjects(DONG_AT))
    done = settle_dispatch(
        story.office, draft.id, to=DispatchState.READY, by=CLERK, reason="看过", now=story.now
    )
    assert done.is_done
    story.work()
    assert "补正" in story.subjects(DONG_AT)[-1]


def test_once_practised_they_go_out_by_themselves(released: Story) -> None:
    folder = released.folder / "templates"
    shutil.copytree(folder / CAMPAIGN, folder / "second")
    say(released, "", "second")
    drafted = released.office.draft.whole("second", released.now)
    assert drafted.manifest is not None
    proofed = released.office.proof.check("second", released.now, drafted.problems)
    signed = released.office.release.sign(
        "second", SIGNER, proofed.digest, drafted.inputs_sha256, released.now, really=True
    )
    assert signed.is_done, signed.say
    frozen = released.office.draft.reading_of("second").campaign
    assert frozen is not None
    assert (frozen.sends_corrections, frozen.sends_reminders) == (True, True)


def test_the_first_one_stays_as_it_was_signed(story: Story) -> None:
    say(story, "")
    story.release()
    read = story.office.draft.reading_of(CAMPAIGN).campaign
    assert read is not None and (read.sends_corrections, read.sends_reminders) == (False, False)


def test_receipts_wait_too_where_the_campaign_says_so(story: Story) -> None:
    say(story, "automatic: {receipts: false, corrections: true}\n")
    story.release()
    story.work()
    send_both(story)
    assert not [each for each in story.subjects(DONG_AT) if each.startswith("回执")]
    (draft,) = story.ledger.dispatches(CAMPAIGN, HELD)
    assert draft.kind is DispatchKind.RECEIPT
    assert "补正" in story.subjects(DONG_AT)[-1]
