"""The public copies: byte for byte what was signed, without a unit's code, and known when they come back."""

from __future__ import annotations

import io
import zipfile

from service.desk.publishing import README, published
from service.office.docket import DocketState
from service.office.letter import Stage
from service.outgoing.amend import Correct
from tests.stories.amending import edit_campaign, sign
from tests.stories.story import CAMPAIGN, DONG, DONG_AT, Story, at, fill

SOCIETY = "甲省计量协会"
FORM = "附件1　作品登记表.docx"


def _ofd() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("OFD.xml", "<ofd/>")
        package.writestr("Doc_0/Signs/seal.dat", bytes(range(256)))
    return out.getvalue()


OFD = _ofd()


def _files(story: Story, *, is_draft: bool = False) -> dict[str, bytes]:
    found = published(story.office, CAMPAIGN, is_draft=is_draft)
    assert isinstance(found, dict), found
    return found


def _filled(story: Story, unit: str) -> bytes:
    return fill(_files(story)[FORM], {"title": "光影", "unit": unit, "phone": "0351-1000009"})


def _codes(story: Story) -> dict[str, str]:
    return {each.unit.key: each.code for each in story.ledger.standings(CAMPAIGN)}


def test_they_carry_only_the_public_code_and_finished_files_as_they_are(story: Story) -> None:
    edit_campaign(
        story,
        "  - {file: form.docx",
        "  - {file: original.ofd, title: 盖章原件, kind: file}\n  - {file: form.docx",
    )
    (story.folder / "templates" / CAMPAIGN / "original.ofd").write_bytes(OFD)
    assert "还没有签发" in str(published(story.office, CAMPAIGN, is_draft=False))
    story.release()
    files = _files(story)
    assert files["附件1　盖章原件.ofd"] == OFD
    readme = files[README].decode("utf-8-sig")
    code = next(each for each in readme.split() if len(each) == 9 and each[4] == "-")
    assert story.ledger.whose_code(code) == (CAMPAIGN, "")
    form = zipfile.ZipFile(io.BytesIO(files["附件2　作品登记表.docx"]))
    everything = b"".join(form.read(name) for name in form.namelist()).decode("utf-8", "ignore")
    assert code in everything
    for unit, theirs in _codes(story).items():
        assert theirs not in everything
        assert unit not in everything
    assert all(theirs not in readme for theirs in _codes(story).values())


def test_a_draft_says_that_it_is_one(story: Story) -> None:
    story.office.draft.whole(CAMPAIGN, story.now)
    files = _files(story, is_draft=True)
    assert all(name.startswith("草稿") for name in files if name != README)
    assert "尚未签发" in files[README].decode("utf-8-sig")


def test_a_unit_of_the_roster_may_use_the_public_form(released: Story) -> None:
    released.reply(
        DONG_AT,
        "登记表见附件。",
        [("登记表.docx", _filled(released, DONG))],
        as_new=True,
        subject="报送登记表",
    )
    released.work()
    assert [each.stage for each in released.letters()] == [Stage.ACKNOWLEDGED]
    assert released.docket(DONG, "works").state is DocketState.RETURNED
    # Its receipt speaks with its own code from now on.
    assert any(_codes(released)[DONG].encode() in each.mime for each in released.mails(DONG_AT)[1:])


def test_a_body_on_no_roster_is_taken_in_by_the_name_it_writes(released: Story) -> None:
    released.reply(
        "office@society.example",
        f"登记表见附件。\n{SOCIETY}",
        [("登记表.docx", _filled(released, SOCIETY))],
        as_new=True,
        subject="报送作品",
    )
    released.work()
    standing = released.ledger.standing(CAMPAIGN, SOCIETY)
    assert standing is not None and standing.unit.is_third_party
    assert released.docket(SOCIETY, "works").state is DocketState.RETURNED
    assert released.subjects("office@society.example")[-1].startswith("回执")


def test_the_public_code_alone_is_nobody(released: Story) -> None:
    """It says which notice; without an address on the roster or a name it says nothing of who."""
    released.reply(
        "someone@private.example",
        "见附件。",
        [("登记表.docx", fill(_files(released)[FORM], {"title": "无名", "phone": "0351-1000009"}))],
        as_new=True,
        subject="作品",
    )
    released.work()
    (letter,) = released.letters()
    assert letter.stage is Stage.REVIEW
    assert letter.campaign == CAMPAIGN
    assert letter.unit is None
    assert released.ledger.filings(CAMPAIGN) == ()


def test_a_roster_units_name_from_a_strangers_address_waits_for_a_person_or_two_witnesses(
    released: Story,
) -> None:
    """The public form with a roster unit's name typed in: a what and a who, hence filed for that unit."""
    released.reply(
        "new@private.example",
        f"登记表见附件。\n{DONG}\n孙一",
        [("登记表.docx", _filled(released, DONG))],
        as_new=True,
        subject=f"{DONG}报送作品登记表",
    )
    released.work()
    (letter,) = released.letters()
    # The public code is a what for the campaign, never for a unit: a name beside it is not yet enough.
    assert letter.stage is Stage.REVIEW
    assert letter.unit == DONG
    assert released.docket(DONG, "works").state in (DocketState.IN_REVIEW, DocketState.AWAITED)


def test_a_correction_renews_the_public_copies(released: Story) -> None:
    before = _files(released)
    edit_campaign(released, "on: 2024-09-28, carries_over: true", "on: 2024-10-18, carries_over: true")
    released.clock.set(at("2024-08-21 09:00"))
    sign(released, Correct(CAMPAIGN, "日期有误"))
    after = _files(released)
    assert set(after) == set(before)
    assert after[README] == before[README]
