"""What is kept: a ledger that can be made anew, 密级 apart until two people purge it, strangers let go."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from service.desk.decide.purging import purge
from service.desk.verify import verify
from service.doors.ledger import open_ledger
from service.doors.ledger.rebuild import rebuild
from service.office.letter import Stage
from tests.stories.story import (
    CLERK,
    DONG_AT,
    GOOD_SUMMARY,
    NAN_AT,
    SIGNER,
    XI_AT,
    Story,
    at,
    fill,
    office_folder,
    summary_docx,
)

SECRET = "机密★5年\n专项情况总结，涉及某某事项。"


def is_rebuilt(story: Story) -> bool:
    """The ledger made anew from its journal is this one, table by table."""
    story.ledger.seal(story.now)
    found = rebuild(story.ledger_url, "", story.folder / "state")
    assert found.differences == () and found.damaged == ()
    return found.is_equal


def advertisement(number: int = 1) -> bytes:
    """Nobody's letter, with a file."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "shop@advert.example", "office@jia.example"
    mail["Subject"], mail["Message-ID"] = f"回执：促销 {number}", f"<advert-{number}@advert.example>"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("本店大促销，欢迎选购。")
    mail.add_attachment(b"catalogue %d" % number, maintype="application", subtype="pdf", filename="目录.pdf")
    return mail.as_bytes()


def test_a_whole_campaign_can_be_made_anew(released: Story) -> None:
    released.until("2024-09-10 10:00")
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    form = fill(released.form_of(XI_AT), {"title": "质量故事", "phone": "0351-1000001"})
    released.reply(XI_AT, "登记表请查收。", [("作品登记表.docx", form)])
    released.reply(NAN_AT, "总结见附件。", [("活动总结.docx", summary_docx("太短。"))])
    released.world.deliver(advertisement(), released.now)
    released.until("2024-09-12 10:00")
    released.restart()
    released.reply(NAN_AT, "更正后的总结。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.until("2024-10-08 12:00")
    assert is_rebuilt(released)


def secret_letter(story: Story) -> int:
    """A return marked 密级, refused by 初审."""
    story.reply(DONG_AT, "专项材料见附件。", [("专项总结.docx", summary_docx(SECRET))])
    story.work()
    (letter,) = story.letters()
    assert letter.stage is Stage.REFUSED
    return letter.id


def test_secret_matter_lies_apart_at_once(released: Story) -> None:
    letter = released.ledger.letter(secret_letter(released))
    assert letter is not None and letter.keeping == "apart"
    assert len(letter.kept_blobs) >= 3
    assert {letter.raw_sha256, letter.facts_sha256} <= released.world.apart
    assert set(letter.kept_blobs) == released.world.apart
    raws = {released.world.archive[each] for each in letter.kept_blobs}
    assert not raws & set(released.world.exchange.values())
    verified = verify(released.office, released.now)
    assert not verified.damaged and dict(verified.keepings)["apart"] == 1
    # What lies apart is looked at like everything else.
    released.world.archive[letter.raw_sha256] = b"somebody wrote here"
    assert [each.id for each in verify(released.office, released.now).damaged] == [letter.raw_sha256]


def test_one_person_cannot_purge(released: Story) -> None:
    number = secret_letter(released)
    for names in ([SIGNER], [SIGNER, SIGNER], [SIGNER, "外人丙"], [SIGNER, CLERK, "外人丙"]):
        assert not purge(released.office, number, by=names, reason="误发", now=released.now).is_done
    assert not purge(released.office, number, by=[SIGNER, CLERK], reason=" ", now=released.now).is_done
    letter = released.ledger.letter(number)
    assert letter is not None and letter.keeping == "apart" and released.world.archive[letter.raw_sha256]


def test_two_people_purge_and_only_a_tombstone_stays(released: Story) -> None:
    number = secret_letter(released)
    before = released.ledger.letter(number)
    assert before is not None and before.subject
    secret = released.world.archive[before.raw_sha256]
    done = purge(released.office, number, by=[SIGNER, CLERK], reason="误发涉密材料", now=released.now)
    assert done.is_done, done.say
    assert not set(before.kept_blobs) & set(released.world.archive)
    letter = released.ledger.letter(number)
    assert letter is not None and (letter.keeping, letter.subject, letter.sender) == ("purged", "", "")
    assert letter.raw_sha256 == before.raw_sha256
    (event,) = released.ledger.events(kind="purged")
    assert (event.actor, dict(event.about)["sha256"]) == (f"{SIGNER}、{CLERK}", before.raw_sha256)
    assert released.ledger.hits(number) == () and released.ledger.findings(number) == ()
    verified = verify(released.office, released.now)
    assert not verified.damaged and dict(verified.keepings) == {"apart": 0, "let-go": 0, "purged": 1}
    assert is_rebuilt(released)
    again = purge(released.office, number, by=[SIGNER, CLERK], reason="误发涉密材料", now=released.now)
    assert not again.is_done and "已经销毁" in again.say
    # The mail lies in the mailbox still and is read again: its bytes do not stay.
    released.world.uidvalidity["INBOX"] = 8
    released.work()
    assert secret in released.world.archive.values()
    released.restart()
    released.work()
    assert secret not in released.world.archive.values()
    assert not verify(released.office, released.now).damaged


def test_purged_words_are_in_no_file_of_the_ledger_while_it_runs(
    sqlite_ledger_url: str, tmp_path: Path
) -> None:
    story = Story(office_folder(tmp_path / "small"), sqlite_ledger_url)
    try:
        letter = EmailMessage()
        letter["From"], letter["To"] = "stranger@elsewhere.example", "office@jia.example"
        letter["Subject"], letter["Message-ID"] = "Operation Quietwater 机密★5年", "<quiet@elsewhere.example>"
        letter.set_content("见主题。")
        story.world.deliver(letter.as_bytes(), story.now)
        story.work()
        (row,) = story.letters()
        files = [Path(sqlite_ledger_url.removeprefix("sqlite:///") + end) for end in ("", "-wal")]
        words = (b"Quietwater", b"stranger@elsewhere", b"quiet@elsewhere")

        def found() -> list[bytes]:
            held = b"".join(each.read_bytes() for each in files if each.exists())
            return [word for word in words if word in held]

        assert found() == list(words)
        # Another process has the ledger open, so that no connection that ends is the last one.
        with open_ledger(sqlite_ledger_url, tmp_path, owner="reader") as reader:
            assert reader.letter(row.id) is not None
            done = purge(story.office, row.id, by=[SIGNER, CLERK], reason="误发", now=story.now)
            assert done.is_done, done.say
            assert found() == []
    finally:
        story.stop()


def test_a_file_that_another_letter_brought_too_stays(released: Story) -> None:
    summary = summary_docx(GOOD_SUMMARY)
    released.reply(XI_AT, "总结见附件。", [("活动总结.docx", summary)])
    released.reply(DONG_AT, "见附件。", [("活动总结.docx", summary), ("专项总结.docx", summary_docx(SECRET))])
    released.work()
    (letter,) = (each for each in released.letters() if each.stage is Stage.REFUSED)
    assert letter.keeping == "apart"
    done = purge(released.office, letter.id, by=[SIGNER, CLERK], reason="误发", now=released.now)
    assert done.is_done
    assert summary in released.world.archive.values()
    assert not verify(released.office, released.now).damaged


def test_strangers_are_let_go_after_their_time(released: Story) -> None:
    released.world.deliver(advertisement(), released.now)
    released.work()
    (letter,) = released.letters()
    assert (letter.stage, letter.campaign) == (Stage.IGNORED, None)
    released.until("2024-08-20 10:00")
    copies = [path for path in released.world.exchange if path.startswith("归档/其他来信/")]
    assert len(copies) == 1
    released.reply(DONG_AT, "总结见附件。", [("活动总结.docx", summary_docx(GOOD_SUMMARY))])
    released.work()
    kept = {each.raw_sha256 for each in released.letters()} - {letter.raw_sha256}
    released.clock.set(at("2025-08-20 12:00"))
    released.restart()
    released.work()
    assert released.world.archive.get(letter.raw_sha256) is not None, "a year is not over before midnight"
    released.clock.set(at("2025-08-22 12:00"))
    released.restart()
    released.work()
    after = released.ledger.letter(letter.id)
    assert after is not None and after.keeping == "let-go" and after.subject == letter.subject
    assert not set(after.kept_blobs) & set(released.world.archive)
    assert kept <= set(released.world.archive)
    assert not [path for path in released.world.exchange if path in copies]
    assert [each.letter for each in released.ledger.events(kind="let-go")] == [letter.id]
    verified = verify(released.office, released.now)
    assert not verified.damaged and dict(verified.keepings)["let-go"] == 1
    assert is_rebuilt(released)


def test_with_nought_days_nothing_is_let_go(released: Story) -> None:
    released.change_policy = lambda policy: replace(policy, keep_strangers_days=0)
    released.world.deliver(advertisement(), released.now)
    released.work()
    released.clock.set(at("2034-08-22 12:00"))
    released.restart()
    released.work()
    assert [each.keeping for each in released.letters()] == [""]


@pytest.mark.parametrize("crash", [1])
def test_a_crash_between_row_and_bytes_is_swept_up(released: Story, crash: int) -> None:
    number = secret_letter(released)
    before = released.ledger.letter(number)
    assert before is not None
    gone = dict(released.world.archive)
    purge(released.office, number, by=[SIGNER, CLERK], reason="误发", now=released.now)
    # As if the process had died after so many bytes of it were removed.
    left = sorted(before.kept_blobs)[crash:]
    released.world.archive.update({each: gone[each] for each in left})
    released.restart()
    released.work()
    assert not set(before.kept_blobs) & set(released.world.archive)


def test_nothing_of_a_purged_letter_is_left_in_the_files(
    tmp_path: Path, released: Story, ledger_url: str
) -> None:
    """On SQLite the pages themselves are looked at."""
    number = secret_letter(released)
    before = released.ledger.letter(number)
    assert before is not None
    purge(released.office, number, by=[SIGNER, CLERK], reason="误发", now=released.now)
    released.stop()
    if ledger_url.startswith("sqlite"):
        folder = Path(ledger_url.removeprefix("sqlite:///")).parent
        data = b"".join(path.read_bytes() for path in folder.iterdir())
        assert before.raw_sha256.encode() in data
        assert before.subject.encode() not in data
    released.start()
