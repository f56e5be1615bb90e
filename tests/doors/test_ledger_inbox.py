"""台账库 — mailboxes held by lease and epoch, and letters that move one stage at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from service.doors.ledger import Leases, LedgerDoor, open_ledger
from service.office.finding import Finding, Severity
from service.office.letter import Kind, Stage
from service.office.needs.ledger import Cursor, HitRow
from service.office.putting_away import PutAway
from service.office.reading import Advance, MoveCursor, NoteHits, PutFindings, PutMatter, TakeIn
from service.office.rule import RuleHit
from tests.doors.ledger_samples import ACCOUNT, CAMPAIGN, NOW, arrival, new_letter, opening, sha, take_in


def move(cursor: Cursor, last_uid: int, uidvalidity: int = 7) -> MoveCursor:
    return MoveCursor(cursor.account, cursor.folder, cursor.epoch, uidvalidity, last_uid, NOW)


def hold(ledger: LedgerDoor, owner: str = "me", folder: str = "INBOX") -> Cursor:
    cursor = ledger.hold_mailbox(ACCOUNT, folder, owner)
    assert cursor
    return cursor


# --- the mailbox --------------------------------------------------------------------------------------------


def test_a_box_never_read_begins_at_nothing(ledger: LedgerDoor) -> None:
    assert hold(ledger) == Cursor(ACCOUNT, "INBOX", 1, 0, 0, None)
    assert ledger.cursors() == (Cursor(ACCOUNT, "INBOX", 1, 0, 0, None),)


def test_the_cursor_is_kept_and_the_lease_renewed(ledger: LedgerDoor) -> None:
    cursor = hold(ledger)
    assert ledger.apply([move(cursor, 12)])
    assert hold(ledger) == Cursor(ACCOUNT, "INBOX", cursor.epoch, 7, 12, NOW)


def test_another_owner_waits_and_other_boxes_are_free(ledger: LedgerDoor) -> None:
    hold(ledger, "me")
    assert ledger.hold_mailbox(ACCOUNT, "INBOX", "you") is None
    assert hold(ledger, "you", "Junk").folder == "Junk"
    assert [cursor.folder for cursor in ledger.cursors()] == ["INBOX", "Junk"]


def test_a_folder_that_is_only_swept_is_no_watched_one(ledger: LedgerDoor) -> None:
    hold(ledger)
    assert ledger.hold_mailbox(ACCOUNT, "已处理", "me", is_swept=True)
    assert [each.folder for each in ledger.cursors()] == ["INBOX"]
    assert [each.folder for each in ledger.cursors(is_swept=True)] == ["已处理"]
    # Settings name it from now on.
    hold(ledger, folder="已处理")
    assert [each.folder for each in ledger.cursors()] == ["INBOX", "已处理"]


def test_only_filed_letters_are_put_away_and_each_once(ledger: LedgerDoor) -> None:
    cursor = hold(ledger)
    assert ledger.apply([arrival(1, cursor.epoch), arrival(2, cursor.epoch), move(cursor, 2)])
    assert ledger.to_put_away(ACCOUNT, 10**9, 50) == ()
    (first, _) = ledger.letters()
    assert ledger.apply([Advance(first.id, Stage.RECEIVED, Stage.FILED, NOW)])
    (found,) = ledger.to_put_away(ACCOUNT, 10**9, 50)
    assert (found.folder, found.uidvalidity, found.uid) == ("INBOX", 7, 1)
    assert found.raw_sha256 == first.raw_sha256
    assert ledger.to_put_away(ACCOUNT, 0, 50) == ()
    assert ledger.apply([PutAway(ACCOUNT, "INBOX", 7, (1,), NOW)])
    assert ledger.to_put_away(ACCOUNT, 10**9, 50) == ()


def test_whoever_lost_the_box_can_neither_take_in_nor_move_on(ledger_url: str, tmp_path: Path) -> None:
    hasty = Leases(mailbox=timedelta(seconds=-1))
    with (
        open_ledger(ledger_url, tmp_path, owner="first", leases=hasty) as first,
        open_ledger(ledger_url, tmp_path, owner="second") as second,
    ):
        stale = hold(first, "first")
        assert first.apply([arrival(1, stale.epoch), move(stale, 1)])
        fresh = hold(second, "second")
        assert fresh.epoch == stale.epoch + 1
        assert fresh.last_uid == 1
        assert not first.apply([arrival(2, stale.epoch)])
        assert not first.apply([move(stale, 2)])
        assert first.hold_mailbox(ACCOUNT, "INBOX", "first") is None
        assert second.apply([arrival(2, fresh.epoch), move(fresh, 2)])
        assert second.count_letters() == 2


def test_a_box_nobody_ever_held_takes_nothing(ledger: LedgerDoor) -> None:
    assert not ledger.apply([arrival(1, 0)])
    assert ledger.letters() == ()


def test_the_cursor_goes_back_only_with_a_new_uidvalidity(ledger: LedgerDoor) -> None:
    cursor = hold(ledger)
    assert ledger.apply([move(cursor, 12)])
    assert ledger.apply([move(cursor, 11)])
    assert hold(ledger).last_uid == 12
    assert ledger.apply([move(cursor, 3, uidvalidity=8)])
    assert (hold(ledger).uidvalidity, hold(ledger).last_uid) == (8, 3)


# --- arrivals -----------------------------------------------------------------------------------------------


def test_a_letter_is_taken_in_once(ledger: LedgerDoor) -> None:
    cursor = hold(ledger)
    assert ledger.apply([arrival(1, cursor.epoch)])
    assert ledger.apply([arrival(1, cursor.epoch, subject="又一次")])
    (letter,) = ledger.letters()
    assert (letter.stage, letter.kind, letter.campaign, letter.outcome) == (Stage.RECEIVED, None, None, "")
    assert (letter.subject, letter.received_at) == ("报送材料", NOW + timedelta(minutes=1))
    assert ledger.letter(letter.id) == letter == ledger.letter_by_identity(letter.identity)


def test_the_same_letter_elsewhere_is_another_sighting_of_it(ledger: LedgerDoor) -> None:
    inbox, junk = hold(ledger), hold(ledger, folder="Junk")
    first = arrival(1, inbox.epoch)
    assert ledger.apply([first])
    moved = replace(first, uid=99, letter=new_letter(1, raw_sha256=sha("with another header")))
    copied = replace(first, folder="Junk", epoch=junk.epoch, uid=1)
    renumbered = replace(first, uidvalidity=8)
    assert ledger.apply([moved, copied, renumbered])
    assert ledger.count_letters() == 1
    # Every sighting's own bytes are kept, and so are looked for.
    assert {sha("raw 1"), sha("with another header")} <= set(ledger.blobs())


def test_a_letter_whose_words_are_broken_is_kept_all_the_same(ledger: LedgerDoor) -> None:
    cursor = hold(ledger)
    assert ledger.apply([arrival(1, cursor.epoch, subject="\udcb2\x00报送", sender="\udcff@x.example")])
    (letter,) = ledger.letters()
    assert letter.subject == "\ufffd\ufffd报送"


def test_a_file_handed_in_needs_no_mailbox(ledger: LedgerDoor) -> None:
    handed = TakeIn("交换", "收件", 0, 1, 0xFFFF_FFFF_FFFF, new_letter(1, arrived_via="交换/收件/第1单位"))
    assert ledger.apply([handed])
    assert ledger.apply([handed])
    assert ledger.count_letters() == 1
    # It is no box that reminders would wait for.
    assert ledger.cursors() == ()


def test_letters_come_in_order_of_arrival(ledger: LedgerDoor) -> None:
    cursor = hold(ledger)
    for number, minutes in ((1, 30), (2, 10), (3, 20)):
        received_at = NOW + timedelta(minutes=minutes)
        assert ledger.apply([arrival(number, cursor.epoch, received_at=received_at)])
    assert [letter.raw_sha256 for letter in ledger.letters()] == [
        sha(f"raw {number}") for number in (2, 3, 1)
    ]
    assert len(ledger.letters(limit=2)) == 2


# --- stages -------------------------------------------------------------------------------------------------


def test_a_stage_is_left_once_and_only_from_where_it_was(ledger: LedgerDoor) -> None:
    id_ = take_in(ledger)
    sorted_ = Advance(id_, Stage.RECEIVED, Stage.SORTED, NOW, kind=Kind.PERSON)
    assert ledger.apply([sorted_])
    assert not ledger.apply([sorted_])
    assert ledger.apply(
        [Advance(id_, Stage.SORTED, Stage.MATCHED, NOW, campaign=CAMPAIGN, unit="第1单位", outcome="已登记")]
    )
    assert ledger.apply([Advance(id_, Stage.MATCHED, Stage.CHECKED, NOW)])
    letter = ledger.letter(id_)
    assert letter and (letter.stage, letter.kind) == (Stage.CHECKED, Kind.PERSON)
    assert (letter.campaign, letter.unit, letter.outcome) == (CAMPAIGN, "第1单位", "已登记")
    assert not ledger.apply([Advance(4711, Stage.RECEIVED, Stage.SORTED, NOW)])


def test_letters_are_found_and_counted_by_stage_campaign_and_unit(ledger: LedgerDoor) -> None:
    ids = [take_in(ledger, number) for number in (1, 2, 3)]
    assert ledger.apply([Advance(ids[0], Stage.RECEIVED, Stage.REVIEW, NOW, campaign=CAMPAIGN, unit="甲")])
    assert ledger.apply([Advance(ids[1], Stage.RECEIVED, Stage.REVIEW, NOW, campaign=CAMPAIGN, unit="乙")])
    assert [letter.id for letter in ledger.letters(Stage.REVIEW)] == ids[:2]
    assert [letter.id for letter in ledger.letters(campaign=CAMPAIGN, unit="乙")] == [ids[1]]
    assert ledger.count_letters() == 3
    assert ledger.count_letters(Stage.REVIEW) == 2
    assert ledger.count_letters(Stage.RECEIVED, CAMPAIGN) == 0
    assert ledger.count_letters(campaign=CAMPAIGN) == 2


def test_hits_and_misses_are_kept_in_the_order_tried(ledger: LedgerDoor) -> None:
    id_ = take_in(ledger)
    tried = (
        RuleHit("auto-reply", 2, False, "主题不是自动回复"),
        RuleHit("person", 1, True, "其余都是人写的"),
    )
    assert ledger.apply([NoteHits(id_, "sort", tried), NoteHits(id_, "match", ())])
    assert ledger.apply([NoteHits(id_, "match", (RuleHit("code", 1, True, "主题里有编号"),))])
    assert ledger.hits(id_) == (
        HitRow("sort", "auto-reply", 2, False, "主题不是自动回复"),
        HitRow("sort", "person", 1, True, "其余都是人写的"),
        HitRow("match", "code", 1, True, "主题里有编号"),
    )


def test_what_a_stage_concluded_is_replaced_by_its_next_word(ledger: LedgerDoor) -> None:
    id_ = take_in(ledger)
    assert ledger.matter(id_, "match") is None
    assert ledger.apply([PutMatter(id_, "match", sha("one")), PutMatter(id_, "check", sha("two"))])
    assert ledger.apply([PutMatter(id_, "match", sha("three"))])
    assert ledger.matter(id_, "match") == sha("three")
    assert ledger.matter(id_, "check") == sha("two")


def test_a_newer_check_supersedes_the_older(ledger: LedgerDoor) -> None:
    id_ = take_in(ledger)
    old = Finding("field-missing", "works", "联系电话", "“联系电话”未填写")
    new = (
        Finding("length", "summary", "总结.docx", "约 300 字", Severity.ADVICE),
        Finding("unreadable", None, "附件", "无法打开"),
    )
    assert ledger.apply([PutFindings(id_, (old,))])
    assert ledger.findings(id_) == (old,)
    assert ledger.apply([PutFindings(id_, new)])
    assert ledger.findings(id_) == new
    assert ledger.apply([PutFindings(id_, ())])
    assert ledger.findings(id_) == ()


def test_a_step_that_lost_its_letter_leaves_nothing_behind(ledger: LedgerDoor) -> None:
    assert ledger.apply([opening(1)])
    id_ = take_in(ledger)
    assert not ledger.apply(
        [
            NoteHits(id_, "sort", (RuleHit("person", 1, True, "人"),)),
            PutMatter(id_, "match", sha("one")),
            Advance(id_, Stage.SORTED, Stage.MATCHED, NOW),
        ]
    )
    assert ledger.hits(id_) == ()
    assert ledger.matter(id_, "match") is None
