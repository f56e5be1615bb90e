"""起草 and 复核: what each unit gets, who gets nothing, and everything wrong before a person signs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.doors.forms import FormsDoor
from service.doors.marks import MarksDoor
from service.office.content import Content, Manifest
from service.office.docket import DocketState
from service.office.mark import Mark
from service.office.record import from_bytes
from service.outgoing.draft import Drafted
from service.outgoing.proof import Proofed, content_problems
from tests.doors.word_files import parts
from tests.stories.story import BEI, CAMPAIGN, DONG, DONG_AT, XI, Story, at, fill


def _campaign(story: Story, old: str, new: str) -> None:
    path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _roster(story: Story, old: str, new: str) -> None:
    path = story.folder / "config" / "units.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _draft(story: Story) -> Drafted:
    return story.office.draft.whole(CAMPAIGN, story.now)


def _proof(story: Story) -> Proofed:
    drafted = _draft(story)
    assert drafted.manifest is not None, [each.sentence() for each in drafted.problems]
    return story.office.proof.check(CAMPAIGN, story.now, drafted.problems)


def _manifest(story: Story) -> Manifest:
    drafted = _draft(story)
    assert drafted.manifest is not None, [each.sentence() for each in drafted.problems]
    return drafted.manifest


def _content(story: Story, manifest: Manifest, unit: str) -> Content:
    planned = next(each for each in manifest.planned if each.unit == unit)
    return from_bytes(Content, story.world.archive[planned.content_sha256])


def test_the_notice_is_the_same_for_all_and_the_form_is_each_units_own(story: Story) -> None:
    manifest = _manifest(story)
    east, west = (_content(story, manifest, unit) for unit in (DONG, XI))
    assert east.enclosures[0].sha256 == west.enclosures[0].sha256
    assert east.enclosures[1].sha256 != west.enclosures[1].sha256
    assert east.code != west.code
    assert east.subject.startswith(f"[{east.code}] ")
    form = story.office.doors.forms.read(story.world.archive[east.enclosures[1].sha256], "x.docx")
    assert form.code == east.code


def test_the_mail_says_what_until_when_how_and_whom_in_this_order(story: Story) -> None:
    text = _content(story, _manifest(story), DONG).text
    places = [text.index(word) for word in ("活动总结", "直接回复", "0351-7000000", "作品名称：")]
    assert places == sorted(places)
    assert "2024年9月29日（星期日）24:00前（含当日）" in text
    assert "星期三" in text  # works are due on Wednesday, 2024-08-28


def test_the_same_campaign_drafts_to_the_same_bytes(story: Story) -> None:
    assert _draft(story).digest == _draft(story).digest


def test_a_unit_without_an_address_gets_a_print_pack_and_a_docket(story: Story) -> None:
    _roster(story, "beicheng@lab.example", "")
    proofed = _proof(story)
    assert proofed.manifest.without_address == (BEI,)
    assert any("没有邮箱" in each.say and each.place == BEI for each in proofed.problems)
    assert proofed.may_be_signed
    cover = story.world.exchange[f"校样/{CAMPAIGN}/无邮箱单位/{BEI}/封面.docx"]
    code = next(code for code, unit in proofed.manifest.codes if unit == BEI)
    reading = FormsDoor().read(cover, "封面.docx")
    assert reading.code == code
    assert BEI in reading.text
    assert "活动总结" in reading.text and "2024年9月29日" in reading.text
    assert MarksDoor().read(parts(cover)["word/media/huizhi-mark.png"]).marks == (Mark(code),)


def test_what_is_known_of_a_unit_is_printed_into_its_form_and_is_no_answer(story: Story) -> None:
    _campaign(story, "label: 联系电话, kind: phone}", "label: 联系电话, kind: phone, prefill: phone}")
    story.release()
    story.work()
    form = story.form_of(DONG_AT)
    standing = story.ledger.standing(CAMPAIGN, DONG)
    assert standing is not None
    phone = standing.unit.contacts[0].phone
    reading = FormsDoor().read(form, "登记表.docx")
    assert (reading.value("unit"), reading.value("phone")) == (DONG, phone)
    assert set(reading.prefilled) == {"unit", "phone"}
    assert reading.is_blank
    assert phone
    # Sent back with another byte somewhere but nothing filled in, it answers nothing.
    story.reply(DONG_AT, "表已收到。", [("登记表.docx", fill(form, {"phone": phone}))])
    story.work()
    assert story.docket(DONG, "works").state is not DocketState.RETURNED


def test_a_body_that_gets_a_copy_has_no_form_no_code_and_no_docket(story: Story) -> None:
    _campaign(story, "clerk: 经办人乙", "copies_to:\n  - {name: 驻局纪检监察组, addresses: [jj@jia.example]}")
    story.release()
    story.work()
    notice = story.notice("jj@jia.example")
    assert "[" not in str(notice["Subject"])
    assert [part.get_filename() for part in notice.walk() if part.get_filename()] == [
        "关于报送质量月活动材料的通知.docx"
    ]
    assert story.ledger.dockets(CAMPAIGN, "驻局纪检监察组") == ()
    story.until("2024-10-09 12:00")
    assert len(story.mails("jj@jia.example")) == 1


def test_the_proof_folder_opens_and_shows_every_unit(story: Story) -> None:
    proofed = _proof(story)
    page = story.world.exchange[f"校样/{CAMPAIGN}/index.html"].decode()
    assert DONG in page and proofed.digest[:12] in page and "没有发现问题" in page
    assert f"校样/{CAMPAIGN}/{DONG}/信文.txt" in story.world.exchange


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("on: 2024-09-28, carries_over: true", "on: 2024-09-28", "due-on-holiday"),
        ("on: 2024-08-28, carries_over: false", "on: 2031-08-28, carries_over: false", "calendar-unknown"),
    ],
)
def test_errors_that_stand_in_the_way_of_a_signature(story: Story, old: str, new: str, code: str) -> None:
    _campaign(story, old, new)
    proofed = _proof(story)
    assert code in [each.code for each in proofed.problems if each.is_error]
    assert not proofed.may_be_signed


def test_a_year_nobody_has_announced_is_no_guess(story: Story) -> None:
    _campaign(story, "on: 2024-09-28, carries_over: true", "on: 2031-09-28, carries_over: true")
    drafted = _draft(story)
    assert drafted.manifest is None
    assert drafted.problems[-1].code == "calendar-unknown"
    assert "config/workdays.yaml" in drafted.problems[-1].sentence()


def test_a_due_date_gone_by_stands_in_the_way(story: Story) -> None:
    story.clock.set(at("2024-10-08 09:00"))
    assert "due-past" in [each.code for each in _proof(story).problems if each.is_error]


def test_a_template_with_an_unknown_name_is_refused_by_paragraph(story: Story) -> None:
    letter = story.folder / "templates" / "letters" / "notice.txt.j2"
    letter.write_text(letter.read_text(encoding="utf-8").replace("{{ unit.name }}", "{{ unti.name }}"))
    drafted = _draft(story)
    assert drafted.manifest is None
    problem = drafted.problems[-1]
    assert "unti" in problem.say and "notice.txt.j2" in problem.file and problem.place


def test_a_code_that_spells_a_blank_is_no_blank(story: Story) -> None:
    path = story.folder / "templates" / "letters" / "notice.txt.j2"
    text = path.read_text(encoding="utf-8")
    # As if chance had made the code spell it: wherever the code stands, nothing else does.
    manifest = _manifest(story)
    content = _content(story, manifest, DONG)
    spelt = replace(content, code="TBDX-XXTB", text=content.text.replace(content.code, "TBDX-XXTB"))
    spelt = replace(spelt, subject=content.subject.replace(content.code, "TBDX-XXTB"))
    planned = next(each for each in manifest.planned if each.unit == DONG)
    found = content_problems({planned.content_sha256: spelt}, manifest, story.office.policy)
    assert found == []
    path.write_text(text + "\nTBD\n", encoding="utf-8")
    assert "left-over" in [each.code for each in _proof(story).problems]
