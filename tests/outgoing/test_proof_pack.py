"""The proof pack: what every unit gets, owes and hears again; what changed; whether there is time."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from service.desk.decide.numbers import give_up_number, reserve_number
from service.office.doc_number import NumberState
from service.office.policy import Pace
from service.outgoing.draft import Drafted
from service.outgoing.proof import Proofed, Wish
from service.outgoing.proof.page import proof_page
from tests.stories.story import BEI, CAMPAIGN, CLERK, DONG, DONG_AT, NAN, SIGNER, Story, at


def edit(story: Story, name: str, old: str, new: str) -> None:
    path = story.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


YAML = f"templates/{CAMPAIGN}/campaign.yaml"


def draft(story: Story, hour: str = "") -> Drafted:
    planned = at(hour) if hour else None
    return story.office.draft.renewed(CAMPAIGN, story.now, planned) or story.office.draft.whole(
        CAMPAIGN, story.now, at=planned
    )


def proof(story: Story, hour: str = "", wish: Wish | None = None) -> Proofed:
    drafted = draft(story, hour)
    assert drafted.manifest is not None, [each.sentence() for each in drafted.problems]
    return story.office.proof.check(CAMPAIGN, story.now, drafted.problems, wish)


def page(story: Story) -> str:
    return story.world.exchange[f"校样/{CAMPAIGN}/index.html"].decode()


def sign(story: Story, proofed: Proofed, hour: str = "") -> str:
    sources = story.office.draft.sources_now(CAMPAIGN)
    signed = story.office.release.sign(
        CAMPAIGN,
        SIGNER,
        proofed.digest,
        sources.inputs_sha256,
        story.now,
        really=True,
        at=at(hour) if hour else None,
        since=story.office.proof.since(CAMPAIGN, proofed.digest, sources),
    )
    return "" if signed.is_done else signed.say


def test_the_page_says_everything_and_fetches_nothing(story: Story) -> None:
    proof(story)
    shown = page(story)
    for word in (
        DONG,
        DONG_AT,
        "作品登记表（自愿报送）：2024年8月28日（星期三）24:00前",
        "活动总结（须报送）：2024年9月29日（星期日）24:00前",
        "2024年9月24日（星期二）09:30　第一次催报",
        "huizhi release small --by 姓名",
        "--mail",
    ):
        assert word in shown, word
    assert "http://" not in shown and "https://" not in shown and "<script" not in shown
    assert "@media print" in shown and "这是第一份校样" in shown


def test_the_list_has_a_row_for_every_unit_and_recipient(story: Story) -> None:
    edit(story, "config/units.csv", "beicheng@lab.example", "")
    proof(story)
    book = load_workbook(io.BytesIO(story.world.exchange[f"校样/{CAMPAIGN}/发放清单.xlsx"]))
    rows = list(book["发放清单"].iter_rows(min_row=4, values_only=True))
    assert [(row[2], row[3], row[4]) for row in rows] == [
        (DONG, "邮件", DONG_AT),
        ("西城区市场监督管理局", "邮件", "xicheng@units.example"),
        ("西城区市场监督管理局", "邮件", "xicheng2@units.example"),
        (NAN, "邮件", "nancheng@post.example"),
        (BEI, "打印送达", None),
    ]
    assert "没有邮箱，打印送达" in page(story)


def test_of_many_units_a_sample_and_those_that_differ_are_laid_out(story: Story) -> None:
    lines = [f"第{number}检测公司,机构,某{number},1,u{number}@lab.example" for number in range(100)]
    with (story.folder / "config/units.csv").open("a", encoding="utf-8") as file:
        file.write(
            "\n".join([*lines, "甲乙检测公司,机构；区局,某,1,two@lab.example", "无邮箱公司,机构,,,"]) + "\n"
        )
    proofed = proof(story, wish=Wish(units=("第7检测公司",)))
    folders = {path.split("/")[2] for path in story.world.exchange if path.startswith(f"校样/{CAMPAIGN}/")}
    assert {"第7检测公司", "甲乙检测公司", "无邮箱单位"} <= folders
    assert "第8检测公司" not in folders and len(folders) < 20
    assert "属于几个组别：" in page(story)
    assert len(proofed.pack.units) == 106
    spread = proof(story, wish=Wish(sample=3)).pack.sample
    assert len(spread) == 3 and spread[0].unit == DONG


def test_the_page_stays_a_page_with_thousands_of_units(story: Story) -> None:
    pack = proof(story).pack
    many = tuple(
        replace(pack.shares[0], unit=f"u{number}", name=f"第{number}单位") for number in range(20_000)
    )
    shown = proof_page(replace(pack, shares=many))
    assert len(shown) < 2_000_000
    assert "第999单位" in shown and "第1000单位" not in shown and "另有 19000 个，见 发放清单.xlsx" in shown


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            YAML,
            "due: {on: 2024-09-28, carries_over: true}",
            "due: {on: 2024-09-30, carries_over: true}",
            "材料“活动总结” 截止 2024年9月28日（星期六）（顺延） → 2024年9月30日（星期一）（顺延）",
        ),
        (YAML, "theme: 质量月", "theme: 质量周", "主题 质量月 → 质量周"),
        (YAML, "days_before: 5", "days_before: 6", "材料“活动总结” 催办“第一次催报” 到期前天数 5 → 6"),
        (
            "config/units.csv",
            "nancheng@post.example",
            "ncjg@post.example",
            f"{NAN} 邮箱 nancheng@post.example → ncjg",
        ),
        (
            "config/units.csv",
            "0351-1000001",
            "0351-1000009",
            f"{DONG} 联系人 孙一 0351-1000001 → 孙一 0351-1000009",
        ),
        ("config/units.csv", "南城区市场监督管理局,区局", "南城区市场监督管理局,别组", f"不再发给 {NAN}"),
        (
            "templates/letters/reminder.txt.j2",
            "主题：",
            "主题：　",
            "信文 templates/letters/reminder.txt.j2 有改动",
        ),
        ("mailbox_rules/90-default.yaml", "reason:", "reason: 另", "识别规则 mailbox_rules/"),
    ],
)
def test_a_change_is_told_in_words_and_voids_the_proof(
    story: Story, name: str, old: str, new: str, said: str
) -> None:
    if name.startswith("mailbox_rules"):
        name = next(
            each.relative_to(story.folder).as_posix()
            for each in sorted((story.folder / "mailbox_rules").glob("*.yaml"))
            if "reason: " in each.read_text(encoding="utf-8")
        )
        old, new = "reason: ", "reason: 另，"
    first = proof(story)
    edit(story, name, old, new)
    refused = sign(story, first)
    assert "已作废" in refused and said in refused, refused
    story.world.exchange.clear()
    again = proof(story)
    assert again.digest != first.digest
    assert any(said in each for each in again.pack.changes or ()), again.pack.changes
    assert said.rpartition("”")[2] in page(story)
    assert sign(story, again) == ""


def test_an_hour_of_the_office_or_a_limit_is_part_of_what_is_signed(story: Story) -> None:
    first = proof(story)
    edit(story, "config/office.yaml", "time_zone:", "limits: {notice_rest_workdays: 1}\ntime_zone:")
    story.restart()
    refused = sign(story, first)
    assert "通知发出后多少个工作日内不催办 3 → 1" in refused


def test_a_planned_hour_is_in_the_digest_and_everything_counts_from_it(story: Story) -> None:
    now = proof(story)
    later = proof(story, "2024-08-22 14:00")
    assert now.digest != later.digest
    assert "发出时刻 签发后即发 → 2024年8月22日（星期四）14:00" in (later.pack.changes or ())
    assert "与 --at 不同" in sign(story, later, "2024-08-23 09:00")
    assert sign(story, later, "2024-08-22 14:00") == ""
    story.work()
    assert story.world.accepted == []
    story.until("2024-08-22 14:00")
    assert len(story.mails(DONG_AT)) == 1


def test_a_planned_hour_outside_office_hours_must_be_meant(story: Story) -> None:
    night = proof(story, "2024-08-22 22:00")
    assert [each.code for each in night.problems if each.is_error] == ["planned-hour"]
    meant = proof(story, "2024-08-22 22:00", Wish(may_any_hour=True))
    assert meant.may_be_signed
    story.clock.set(at("2024-08-23 09:00"))
    assert "已经过了" in sign(story, meant)


def test_days_gone_by_change_the_schedule_and_want_a_new_proof(story: Story) -> None:
    first = proof(story)
    story.clock.set(at("2024-09-23 10:00"))
    assert "催办日程有变" in sign(story, first)


def test_too_little_time_at_the_accounts_pace_stands_in_the_way(story: Story) -> None:
    story.change_policy = lambda policy: replace(policy, pace=Pace(20, 10, 0, 1))
    story.restart()
    proofed = proof(story)  # one letter a day: the fifth goes out on the 24th, works are due on the 28th
    late = [each for each in proofed.problems if each.code == "too-little-time"]
    assert len(late) == 1 and "作品登记表" in late[0].place and "只剩 4 天，少于 5 天" in late[0].say
    assert not proofed.may_be_signed
    assert "每天最多 1 封" in page(story)
    edit(story, YAML, "clerk: 经办人乙", "clerk: 经办人乙\nminimum_days: 4")
    assert proof(story).may_be_signed


def test_a_number_of_the_series_is_printed_signed_and_never_used_twice(story: Story) -> None:
    office = story.office
    assert "numbering" in reserve_number(office, CAMPAIGN, by=CLERK, now=story.now).say
    edit(story, "config/office.yaml", "time_zone:", "numbering: {series: 甲市监函, first: 9}\ntime_zone:")
    story.restart()
    office = story.office
    assert "甲市监函〔2024〕9号" in reserve_number(office, CAMPAIGN, by=CLERK, now=story.now).say
    first = proof(story)
    assert first.pack.campaign.doc_number == "甲市监函〔2024〕9号" and "甲市监函〔2024〕9号" in page(story)
    # Given up: the proof that bears it is void, and the gap is explained.
    assert give_up_number(office, CAMPAIGN, by=CLERK, reason="改由办公室发", now=story.now).is_done
    assert "发文字号 甲市监函〔2024〕9号 → （空）" in sign(story, first)
    assert reserve_number(office, CAMPAIGN, by=CLERK, now=story.now).is_done
    second = proof(story)
    assert second.pack.campaign.doc_number == "甲市监函〔2024〕10号"
    assert sign(story, second) == ""
    rows = story.ledger.doc_numbers(2024)
    assert [(each.number, each.state, each.reason) for each in rows] == [
        (9, NumberState.VOID, "改由办公室发"),
        (10, NumberState.ISSUED, ""),
    ]
    assert "不能作废" in give_up_number(office, CAMPAIGN, by=CLERK, reason="x", now=story.now).say
