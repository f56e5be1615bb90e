"""Release: a named signer's yes to exactly what was proofed; anything else is refused in a sentence."""

from __future__ import annotations

from tests.stories.story import CAMPAIGN, CLERK, SIGNER, Story


def _try(story: Story, *, by: str = SIGNER, digest: str = "", inputs: str = "", really: bool = True) -> str:
    draft = story.ledger.draft(CAMPAIGN)
    assert draft is not None
    signed = story.office.release.sign(
        CAMPAIGN, by, digest or draft.digest, inputs or draft.inputs_sha256, story.now, really=really
    )
    story.work()
    return "" if signed.is_done else signed.say


def _proof(story: Story) -> None:
    drafted = story.office.draft.whole(CAMPAIGN, story.now)
    story.office.proof.check(CAMPAIGN, story.now, drafted.problems)


def test_only_a_named_signer_may_release(story: Story) -> None:
    _proof(story)
    assert "不是签发人" in _try(story, by=CLERK)
    assert "不在 config/office.yaml" in _try(story, by="路人")
    assert story.world.accepted == []
    assert _try(story) == ""


def test_without_really_nothing_goes_out(story: Story) -> None:
    _proof(story)
    assert "将发出：4 个单位，5 封通知" in _try(story, really=False)
    assert story.world.accepted == []


def test_what_was_not_proofed_is_not_released(story: Story) -> None:
    story.office.draft.whole(CAMPAIGN, story.now)
    assert "还没有复核" in _try(story)


def test_a_wrong_digest_is_refused(story: Story) -> None:
    _proof(story)
    assert "校验码与最近一次校样不符" in _try(story, digest="0" * 64)


def test_any_edit_after_the_proof_voids_it(story: Story) -> None:
    _proof(story)
    draft = story.ledger.draft(CAMPAIGN)
    assert draft is not None
    letter = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    letter.write_text(letter.read_text().replace("质量月", "质量周"))
    again = story.office.draft.whole(CAMPAIGN, story.now)
    assert again.inputs_sha256 != draft.inputs_sha256
    assert "还没有复核" in _try(story)
    assert "校验码与最近一次校样不符" in _try(story, digest=draft.digest)
    assert "已作废" in _try(story, digest=again.digest, inputs=draft.inputs_sha256)


def test_an_error_in_the_proof_stands_in_the_way(story: Story) -> None:
    letter = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    letter.write_text(letter.read_text().replace("on: 2024-09-28, carries_over: true", "on: 2024-09-28"))
    drafted = story.office.draft.whole(CAMPAIGN, story.now)
    proofed = story.office.proof.check(CAMPAIGN, story.now, drafted.problems)
    assert [each.code for each in proofed.problems if each.is_error] == ["due-on-holiday"]
    assert "问题还没有改完" in _try(story)


def test_a_campaign_is_released_once(story: Story) -> None:
    _proof(story)
    assert _try(story) == ""
    assert "已经签发过" in _try(story)
    assert len(story.world.accepted) == 5


def test_what_is_sent_is_what_was_signed(story: Story) -> None:
    _proof(story)
    proofed = {data for path, data in story.world.exchange.items() if path.endswith(".docx")}
    form = story.folder / "templates" / CAMPAIGN / "form.docx"
    assert _try(story, really=False)
    draft = story.ledger.draft(CAMPAIGN)
    assert draft is not None
    story.office.release.sign(CAMPAIGN, SIGNER, draft.digest, draft.inputs_sha256, story.now, really=True)
    form.write_bytes(b"changed after the signature")
    story.work()
    sent = [part.get_payload(decode=True) for part in story.notice("dongcheng@units.example").walk()]
    assert {data for data in sent if isinstance(data, bytes) and data[:2] == b"PK"} <= proofed
