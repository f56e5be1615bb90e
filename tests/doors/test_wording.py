"""Mail texts: staff's own words, every fact in its place, nothing another unit might not read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from service.desk.sample_digest import daily_samples, digest_sample
from service.doors.forms import FormsDoor
from service.doors.wording import WordingDoor
from service.office.campaign import FormField
from service.office.needs.press import PressError, Value

OFFICE = Path(__file__).parents[2]
CAMPAIGN = "shanxi-2024-quality-weeks"
DUE = "2024年8月28日（星期三）24:00前（含当日）"
CONTACT: dict[str, Value] = {
    "name": "乔某",
    "phone": "0351-5550283",
    "address": "rzc＠mail.example",
    "office": "省局认证处",
}


def item(name: str, **changes: Value) -> dict[str, Value]:
    return {
        "key": "k",
        "name": name,
        "due_words": DUE,
        "due_date": "2024年8月28日",
        "media_words": "电子版",
        "length_words": "",
        "sections": [],
        "sections_words": "",
        "note": "",
        "obligation_words": "须报送",
        "is_many": False,
        "is_urgent": False,
        "may_be_nil": False,
        "has_form": False,
        "fields": [],
        **changes,
    }


FORM = item(
    "服务认证作品",
    has_form=True,
    fields=[
        {"key": "title", "label": "作品名称", "choices_words": "", "value": ""},
        {"key": "kind", "label": "作品形式", "choices_words": "视频、图文", "value": ""},
        {"key": "about", "label": "作品简介", "choices_words": "", "value": ""},
    ],
)
ACTIVITY: dict[str, Value] = {"name": "体验周", "time": "9月任选一周", "organisers_words": "各市局承办"}
MISSING: list[Value] = [
    {"name": "工作总结", "due_words": DUE, "days_left_words": "还有 3 天", "is_overdue": False}
]
CAMPAIGN_FACTS: dict[str, Value] = {
    "title": "关于开展宣传周活动的通知",
    "doc_number": "晋市监函〔2024〕209号",
    "issuer": "山西省市场监督管理局",
    "items": [FORM, item("工作总结", may_be_nil=True), item("重大活动", due_date="", due_words="随时报送")],
    "contacts": [CONTACT],
    "attachments": [{"number": "1", "title": "征集要求"}],
    "post": {"to": "认证处", "street": "太原市某路1号", "postcode": "030000"},
}
FACTS: dict[str, Value] = {
    "campaign": CAMPAIGN_FACTS,
    "unit": {"name": "太原市市场监督管理局"},
    "code": "ABCD-2345",
    "office": "省局认证处",
    "contacts": [CONTACT],
    "size_words": "20MB",
    "mine": {"activities": [ACTIVITY]},
    "enclosures": [],
    "body": "驻局纪检监察组",
    "step_name": "到期前提醒",
    "missing": MISSING,
    "offered": MISSING,
    "letter": {"received_words": "2024年8月27日（星期二）09:05"},
    "items": [{"name": "工作总结", "entry": "", "on_time_words": "按时收到", "nil": False, "is_valid": True}],
    "files": [{"name": "总结.docx", "size_words": "12 KB", "sha256": "ab" * 32}],
    "links": [],
    "receipt": {"sent_words": "2024年8月27日（星期二）09:06"},
    "ok": [],
    "corrections": [{"item": "服务认证作品", "place": "联系电话", "say": "登记表中“联系电话”未填写"}],
    "correct_by": [
        {"name": "服务认证作品", "due_words": DUE, "days_left_words": "还有 3 天", "is_overdue": False}
    ],
    "forms": ["附件1　登记表（补正）.docx"],
    "standing": [{"name": "服务认证作品", "entry": "第 1 件“甲作品”"}],
    "fields_lines": [{"label": "作品名称", "value": "甲作品"}, {"label": "联系电话", "value": ""}],
    "is_complete": False,
    "fingerprint": "x",
    "ended_words": "",
    "message": "启动仪式改在二楼。",
    "reason": "日期有误",
    "withdrawn_on": "2024年9月1日",
    "changes": [
        {
            "name": "工作总结",
            "is_withdrawn": False,
            "was_due": "2024年8月20日",
            "now_due": DUE,
            "obligation": "",
        },
        {"name": "作品", "is_withdrawn": True, "was_due": "", "now_due": "", "obligation": ""},
    ],
    "urging": {
        "doc_number": "",
        "title": "关于催报工作总结的函",
        "title_lines": ["关于催报工作总结的函"],
        "signed_on": "2024年9月5日",
        "reminded_words": "2024年8月30日",
        "superior": "太原市人民政府办公室",
    },
    "address": "office@jia.example",
    "is_draft": False,
    "names": ["通知.docx"],
}
# Texts of what follows a release.
LATER = ("supplement", "correction-notice", "withdrawal", "public", "urging", "urging-copy")


def write(name: str, office: Path = OFFICE, **changes: Value) -> tuple[str, str]:
    wording = WordingDoor(office).write(name, CAMPAIGN, {**FACTS, **changes})
    return wording.subject, wording.text


@pytest.mark.parametrize(
    "name", ["notice", "reminder", "voluntary", "receipt", "correction", "corrected-receipt", "copy", *LATER]
)
def test_every_shipped_text_has_a_subject_and_a_tidy_body(name: str) -> None:
    subject, text = write(name)
    assert "关于开展宣传周活动的通知" in subject
    assert "\n\n\n" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert not any(mark in text for mark in ("{{", "{%", "None", "主题：", "，，", "。。"))


@pytest.mark.parametrize("is_full", [True, False])
def test_the_offices_own_mails_are_tidy_on_a_busy_day_and_on_a_quiet_one(is_full: bool) -> None:
    facts = {**digest_sample(is_full=is_full), "office": "省局认证处"}
    wording = WordingDoor(OFFICE).write("digest", "letters", facts)
    assert wording.subject == "【每日情况】8月28日：未报 1 家，待人工 1 封"
    assert "\n\n\n" not in wording.text and "  。" not in wording.text
    assert not any(mark in wording.text for mark in ("{{", "{%", "None", "：。", "，，", "。。"))
    assert ("未报：样例单位乙（样例材料，逾期 2 天）。" in wording.text) is is_full
    assert ("信箱没有按时读到" in wording.text) is is_full


def test_what_became_of_an_answer_is_told_line_by_line_or_in_one_sentence() -> None:
    told = [
        WordingDoor(OFFICE).write(
            "errand", "letters", {**daily_samples(is_full=is_full)["errand"], "office": "省局认证处"}
        )
        for is_full in (True, False)
    ]
    assert told[0].subject == "【办理结果】办成 1 件，没有办成 1 件，1 行没有看懂"
    assert "1. 延期 样例单位甲 summary 9月30日 会议冲突\n    已延期到 2024-09-30。" in told[0].text
    assert "附件没有登记：扫描件.pdf。" in told[0].text and "口令 1234-5678" in told[0].text
    assert told[1].subject == "【办理结果】没有办理" and "没有办理：口令已经用过。" in told[1].text
    for each in told:
        assert "\n\n\n" not in each.text and "。。" not in each.text


def test_an_urgent_return_is_told_in_a_few_lines() -> None:
    for is_full in (True, False):
        facts = {**daily_samples(is_full=is_full)["urgent"], "office": "省局认证处"}
        wording = WordingDoor(OFFICE).write("urgent", "letters", facts)
        assert wording.subject == "【紧急】样例单位甲报来《样例材料》"
        assert "\n\n\n" not in wording.text and ("文件：样例.docx、样例.jpg\n" in wording.text) is is_full


def test_the_notice_says_what_when_how_whom_then_lines_then_activities() -> None:
    _, text = write("notice")
    order = [
        "服务认证作品（须报送）",
        DUE,
        "直接回复本邮件",
        "ABCD-2345",
        "20MB",
        "0351-5550283",
        "作品名称：",
        "体验周",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "作品名称：\n作品形式：\n作品简介：\n" in text
    assert "邮编 030000" in text
    assert "随时，有即报送" in text


def test_the_notice_without_activities_forms_or_address_leaves_no_empty_heads() -> None:
    campaign: dict[str, Value] = {
        **CAMPAIGN_FACTS,
        "items": [item("总结")],
        "post": {"to": "", "street": "", "postcode": ""},
    }
    _, text = write("notice", campaign=campaign, mine={"activities": []})
    assert "由你们组织" not in text
    assert "请寄" not in text
    assert "冒号" not in text


def test_a_notice_quoted_whole_answers_none_of_its_own_questions() -> None:
    fields = (FormField("title", "作品名称"), FormField("kind", "作品形式"), FormField("about", "作品简介"))
    for name in ("notice", "reminder"):
        assert FormsDoor().read_text(write(name)[1], fields).fields == ()
    _, text = write("notice")
    typed = text.replace("作品名称：", "作品名称：便民认证")
    assert FormsDoor().read_text(typed, fields).value("title") == "便民认证"


def test_the_receipt_says_what_came_its_fingerprint_and_what_is_missing() -> None:
    _, text = write("receipt")
    for words in ("2024年8月27日（星期二）09:05", "按时收到", "ab" * 32, "12 KB", DUE, "还有 3 天"):
        assert words in text
    _, done = write("receipt", missing=[], is_complete=True)
    assert "已经收齐" in done
    _, links = write("receipt", links=[{"name": "作品"}])
    assert "链接" in links


def test_a_receipt_of_an_ended_campaign_says_so_and_asks_nothing() -> None:
    _, text = write("receipt", missing=[], ended_words="本通知已于2024年9月1日撤回，不必再报送。")
    assert "撤回，不必再报送" in text
    assert "已经收齐" not in text


def test_what_follows_a_release_says_what_changes_and_asks_nothing_more() -> None:
    _, text = write("correction-notice")
    assert f"1. 工作总结：截止时间改为 {DUE}（原为 2024年8月20日）" in text
    assert "2. 作品：不再要求报送" in text
    assert "ABCD-2345" in text
    assert "启动仪式改在二楼。" in write("supplement")[1]
    assert "自2024年9月1日起撤回" in write("withdrawal")[1]
    subject, readme = write("public", is_draft=True)
    assert subject.startswith("（草稿")
    assert "1. 通知.docx" in readme and "office@jia.example" in readme


def test_the_last_letter_names_what_is_missing_and_who_gets_a_copy() -> None:
    subject, text = write("urging")
    assert subject == "催报函：关于开展宣传周活动的通知"
    assert f"1. 工作总结\n   截止时间：{DUE}" in text
    assert "本函同时抄送太原市人民政府办公室。" in text and "ABCD-2345" in text
    assert "抄送" not in write("urging", urging={**_urging(), "superior": ""})[1]


def test_the_copy_of_it_asks_nothing_back_and_carries_no_code() -> None:
    subject, text = write("urging-copy")
    assert subject == "抄送：致太原市市场监督管理局的催报函（关于开展宣传周活动的通知）"
    assert text.startswith("太原市人民政府办公室：\n") and "不需要回复" in text
    assert "ABCD-2345" not in text


def _urging() -> Mapping[str, Value]:
    urging = FACTS["urging"]
    assert isinstance(urging, Mapping)
    return urging


def test_reminders_tell_overdue_from_due() -> None:
    assert write("reminder")[0].startswith("报送提醒")
    late: list[Value] = [
        {"name": "总结", "due_words": DUE, "days_left_words": "已逾期 2 天", "is_overdue": True}
    ]
    assert write("reminder", missing=late)[0].startswith("逾期未报")


def test_what_is_voluntary_is_not_asked_for() -> None:
    subject, text = write("voluntary")
    assert subject.startswith("自愿报送提示") and "不报送的，不用回复" in text
    assert not any(word in text for word in ("催", "逾期", "未报", "还没有收到"))


def test_a_correction_lists_each_place_and_lines_to_retype() -> None:
    _, text = write("correction")
    assert "服务认证作品“联系电话”——登记表中“联系电话”未填写" in text
    assert "作品名称：甲作品\n联系电话：\n" in text


def test_a_correction_is_a_receipt_too_and_says_until_when() -> None:
    _, text = write("correction")
    assert "2024年8月27日（星期二）09:05" in text and "SHA-256 " + "ab" * 32 in text
    assert f"服务认证作品请于{DUE}补正（还有 3 天）。" in text
    assert f"1. 工作总结，请于{DUE}报送" in text
    assert "《附件1　登记表（补正）.docx》" in text
    late: list[Value] = [{"name": "作品", "due_words": DUE, "days_left_words": "", "is_overdue": True}]
    assert "已过，请尽快补正。" in write("correction", correct_by=late)[1]
    assert "请尽快补正。" in write("correction", correct_by=[])[1]


def test_plain_text_is_not_escaped() -> None:
    assert "A&B <局>" in write("notice", unit={"name": "A&B <局>"})[1]


def office_with(tmp_path: Path, text: str | bytes, where: str = "letters") -> Path:
    folder = tmp_path / "templates" / where
    folder.mkdir(parents=True)
    file = folder / "notice.txt.j2"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def test_a_campaign_s_own_text_comes_first(tmp_path: Path) -> None:
    office_with(tmp_path, "主题：共用\n正文")
    assert write("notice", tmp_path)[0] == "共用"
    office_with(tmp_path, "主题：自己的\n正文", CAMPAIGN)
    assert write("notice", tmp_path) == ("自己的", "正文\n")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("主题：甲\n\n{{ unti.name }}", "unknown-variable", 3),
        ("主题：甲\n{% for x in missing %}\n{{ x.name }}\n", "unclosed-block", None),
        ("没有主题\n正文", "no-subject", 1),
        ("主题：甲\n{{ ''.__class__ }}", "forbidden", 2),
        ("主题：甲\n{{ 'x'*100000000 }}", "too-much", 2),
        ("主题：甲".encode("gb18030"), "encoding", None),
    ],
)
def test_a_wrong_text_is_refused_with_its_line(
    tmp_path: Path, text: str, code: str, line: int | None
) -> None:
    with pytest.raises(PressError) as caught:
        write("notice", office_with(tmp_path, text))
    problem = caught.value.problem
    assert problem.code == code
    assert problem.file == "templates/letters/notice.txt.j2"
    assert line is None or problem.line == line


def test_a_missing_text_and_a_strange_name_are_refused(tmp_path: Path) -> None:
    for name, campaign in (("notice", CAMPAIGN), ("../etc/passwd", CAMPAIGN), ("notice", "../x")):
        with pytest.raises(PressError):
            WordingDoor(tmp_path).write(name, campaign, FACTS)


def _office_with(folder: Path, html: str) -> WordingDoor:
    letters = folder / "templates" / "letters"
    letters.mkdir(parents=True)
    text = "主题：提醒\n{{ unit.name }}：\n请于2024年8月28日前报送，编号 {{ code }}，电话 0351-5550283\n"
    (letters / "reminder.txt.j2").write_text(text, encoding="utf-8")
    (letters / "reminder.html.j2").write_text(html, encoding="utf-8")
    return WordingDoor(folder)


GOOD_HTML = (
    "<p>{{ unit.name }}：</p>\n<table><tr><td>截止</td><td><b>2024年8月28日</b></td></tr>"
    "<tr><td>编号</td><td>{{ code }}</td></tr></table><p>电话 0351-5550283</p>"
)


def test_staff_may_write_the_html_themselves_and_every_fact_is_escaped(tmp_path: Path) -> None:
    words = _office_with(tmp_path, GOOD_HTML)
    html = words.write("reminder", CAMPAIGN, {"unit": {"name": "<b>甲&乙</b>局"}, "code": "ABCD-2345"}).html
    assert "&lt;b&gt;甲&amp;乙&lt;/b&gt;局" in html and "<b>2024年8月28日</b>" in html


def test_an_edited_html_changes_what_was_signed(tmp_path: Path) -> None:
    words = _office_with(tmp_path, GOOD_HTML)
    before = words.fingerprint(CAMPAIGN)
    (tmp_path / "templates" / "letters" / "reminder.html.j2").write_text(GOOD_HTML + " ", encoding="utf-8")
    assert words.fingerprint(CAMPAIGN) != before


@pytest.mark.parametrize(
    ("html", "say"),
    [
        (GOOD_HTML.replace("28日", "29日"), "文字正文里有“2024年8月28日”，HTML 正文里没有"),
        (GOOD_HTML.replace("{{ code }}", ""), "文字正文里有“ABCD-2345”，HTML 正文里没有"),
        (GOOD_HTML + "<p>传真 0351-5550999</p>", "HTML 正文里有“0351-5550999”，文字正文里没有"),
        (GOOD_HTML + '<img src="https://track.example/1.gif">', "HTML 正文里不能有 img"),
        (GOOD_HTML + "<p onclick='x()'>", "HTML 正文里不能有 onclick"),
        (GOOD_HTML + "<p style='background:url(//x.example)'>", "HTML 正文里不能有 url"),
        (GOOD_HTML + "<script>1</script>", "HTML 正文里不能有 script"),
    ],
)
def test_html_that_differs_or_reaches_out_is_refused_in_a_sentence(
    tmp_path: Path, html: str, say: str
) -> None:
    words = _office_with(tmp_path, html)
    with pytest.raises(PressError) as refused:
        words.write("reminder", CAMPAIGN, {"unit": {"name": "甲局"}, "code": "ABCD-2345"})
    assert refused.value.problem.sentence().startswith("templates/letters/reminder.html.j2")
    assert say in refused.value.problem.say


def test_an_html_text_of_another_folder_is_not_put_beside_a_campaigns_own_words(tmp_path: Path) -> None:
    words = _office_with(tmp_path, GOOD_HTML)
    own = tmp_path / "templates" / CAMPAIGN
    own.mkdir()
    (own / "reminder.txt.j2").write_text("主题：另写\n别的话\n", encoding="utf-8")
    assert words.write("reminder", CAMPAIGN, {}).html == ""
