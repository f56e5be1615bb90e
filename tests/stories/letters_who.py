"""Whose letter? What offices really send, where the doubt is about the sender; prescribed by hand."""

from __future__ import annotations

from tests.stories.mail_programs import raw_gbk
from tests.stories.prescription import (
    TEXT,
    Filed,
    Table,
    either,
    filed,
    form,
    mail,
    new_mail,
    public_form,
    review,
    summary,
)
from tests.stories.sample_office import (
    DATONG,
    DATONG_AT,
    HEFEN,
    JINZHI,
    JINZHI_AT,
    JINZHONG,
    OFFICE,
    PINGSHUI,
    SHUOZHOU,
    SHUOZHOU_AT,
    TAIYUAN,
    TAIYUAN_AT,
    TAIYUAN_LUO_AT,
    THREE_AT,
    YANHU,
    YUHE,
    YUNCHENG,
    ZONE,
    SampleOffice,
)

WHO = Table()
DATONG_SUMMARY = Filed(DATONG, "summary")
NAMELESS = summary("一、开展情况\n开展了活动三场。\n二、活动效果\n群众反响良好。", "总结.docx")


# The unit itself, from its own mailbox.


@WHO.case(filed(DATONG_SUMMARY))
def a_plain_reply_with_a_summary(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "现将我局宣传周工作总结报上，请查收。", files=[summary()])


@WHO.case(filed(DATONG_SUMMARY))
def a_quotation_stripped_and_no_thread_but_the_code_in_the_subject(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结见附件。", files=[summary()], quote="none", is_thread=False, mark="答复: ")


@WHO.case(filed(DATONG_SUMMARY))
def the_subject_rewritten_and_the_code_only_in_the_quotation(o: SampleOffice) -> bytes:
    return mail(
        o,
        DATONG_AT,
        "各位领导：总结见附件。",
        subject="大同市宣传周工作总结",
        quote="foxmail",
        is_thread=False,
        files=[summary()],
    )


@WHO.case(review(DATONG))
def a_new_mail_from_the_roster_that_names_nothing(o: SampleOffice) -> bytes:
    return new_mail(o, DATONG_AT, "总结", "见附件。", files=[NAMELESS])


@WHO.case(filed(DATONG_SUMMARY), review(DATONG))
def a_new_mail_whose_file_names_the_unit_and_the_campaign(o: SampleOffice) -> bytes:
    return new_mail(o, DATONG_AT, "总结", "见附件。", files=[summary(name="总结.docx")])


@WHO.case(filed(DATONG_SUMMARY))
def a_new_mail_that_names_the_unit_and_the_campaign(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        DATONG_AT,
        "大同市市场监督管理局关于报送质量认证系列宣传周活动总结的函",
        "省局认证处：\n按照晋市监函〔2024〕209号要求，现将我局活动总结报上。\n大同市市场监督管理局\n2024年9月20日",
        files=[summary()],
    )


@WHO.case(review(DATONG))
def a_new_mail_of_the_unit_about_something_else(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        DATONG_AT,
        "关于参加电梯安全会议人员名单的报告",
        "省局特设处：\n现将参会人员名单报上。\n大同市市场监督管理局",
        files=[("参会回执.docx", summary("参会人员：张三、李四")[1])],
    )


@WHO.case(filed(Filed(JINZHONG, "summary")))
def a_department_signs_with_the_short_name(o: SampleOffice) -> bytes:
    return mail(
        o,
        "changyc@jinzhong-scjg.example",
        "总结见附件。\n晋中市市场监管局认证监管科",
        JINZHONG,
        files=[summary(TEXT.replace("大同", "晋中"), "晋中市宣传周总结.docx")],
    )


@WHO.case(filed(DATONG_SUMMARY))
def the_code_typed_in_small_letters(o: SampleOffice) -> bytes:
    subject = f"{o.code(DATONG).lower()} 大同宣传周总结"
    return new_mail(o, DATONG_AT, subject, "总结见附件。", files=[summary()])


@WHO.case(filed(DATONG_SUMMARY))
def the_code_typed_with_a_chinese_dash_and_wide_letters(o: SampleOffice) -> bytes:
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else "—" for c in o.code(DATONG))
    return new_mail(o, DATONG_AT, f"【{wide}】宣传周总结", "总结见附件。", files=[summary()])


@WHO.case(filed(DATONG_SUMMARY))
def the_code_typed_with_blanks_about_the_dash(o: SampleOffice) -> bytes:
    spaced = o.code(DATONG).replace("-", " - ")
    return new_mail(o, DATONG_AT, f"编号：{spaced} 宣传周总结", "总结见附件。", files=[summary()])


@WHO.case(review(DATONG))
def a_mistyped_code_is_no_code(o: SampleOffice) -> bytes:
    code = o.code(DATONG)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    return new_mail(o, DATONG_AT, f"[{wrong}] 总结", "见附件。", files=[NAMELESS])


@WHO.case(filed(DATONG_SUMMARY))
def an_old_program_with_bare_gbk_in_every_header(o: SampleOffice) -> bytes:
    subject = f"答复：[{o.code(DATONG)}] 宣传周活动总结"
    return raw_gbk(DATONG_AT, "大同市局", subject, "总结见附件。", summary(), o.now)


@WHO.case(review(DATONG))
def bare_gbk_without_a_code(o: SampleOffice) -> bytes:
    return raw_gbk(DATONG_AT, "贺云冈", "总结", "请查收。", NAMELESS, o.now)


@WHO.case(filed(Filed(ZONE, "summary")))
def sent_on_behalf_by_a_bulk_gateway(o: SampleOffice) -> bytes:
    return mail(
        o,
        "panxh@zgq-scjg.example",
        "总结见附件。",
        ZONE,
        files=[summary(TEXT.replace("大同市", "综改示范区"))],
        headers=[("Sender", "postagent@oa-gateway.example")],
    )


@WHO.case(filed(Filed(YUNCHENG, "summary")))
def the_second_contact_of_a_unit_entered_twice(o: SampleOffice) -> bytes:
    return mail(
        o,
        "xiezs@yuncheng-scjg.example",
        "运城市局总结，请查收",
        YUNCHENG,
        files=[summary(TEXT.replace("大同", "运城"))],
    )


# A colleague, a private mailbox.


@WHO.case(filed(DATONG_SUMMARY))
def a_colleague_of_the_same_domain_forwards_the_notice_back(o: SampleOffice) -> bytes:
    return mail(
        o,
        "zhang@datong-scjg.example",
        "省局领导好，总结见附件。",
        mark="转发：",
        quote="forward",
        is_thread=False,
        files=[summary()],
    )


@WHO.case(filed(DATONG_SUMMARY))
def a_private_mailbox_signed_by_the_department(o: SampleOffice) -> bytes:
    return mail(
        o, "sun1980@qq.com", "总结见附件，请查收。\n\n大同市市场监督管理局认证监管科\n孙一", files=[summary()]
    )


@WHO.case(filed(DATONG_SUMMARY))
def a_private_mailbox_signed_with_the_short_name(o: SampleOffice) -> bytes:
    return mail(o, "sun1980@163.com", "总结见附件\n大同市局认证科 孙一 13900000000", files=[summary()])


@WHO.case(review(DATONG))
def a_private_mailbox_without_a_name(o: SampleOffice) -> bytes:
    return mail(o, "sun1980@qq.com", "总结见附件。", files=[NAMELESS])


@WHO.case(review(DATONG))
def a_private_mailbox_whose_quotation_nobody_marked(o: SampleOffice) -> bytes:
    """The unit's name stands in the text, but only because we wrote it there."""
    return mail(o, "sun1980@qq.com", "见附件", quote="bare", files=[NAMELESS])


@WHO.case(review(DATONG))
def a_private_mailbox_whose_dingtalk_quotation_names_the_unit(o: SampleOffice) -> bytes:
    return mail(
        o,
        "sun1980@qq.com",
        "见附件",
        quote="dingtalk",
        files=[NAMELESS],
    )


@WHO.case(review())
def a_private_mailbox_with_the_form_whose_unit_we_printed(o: SampleOffice) -> bytes:
    return mail(o, "sun1980@qq.com", "作品登记表见附件。", files=[form(o, DATONG, "放心服务")])


@WHO.case(filed(DATONG_SUMMARY), review(DATONG))
def a_private_mailbox_whose_display_name_is_the_unit(o: SampleOffice) -> bytes:
    return mail(o, "dtscjg@163.com", "总结见附件。", name="大同市市场监督管理局", files=[summary()])


# Passed on: a county, a branch, a subordinate body.


@WHO.case(review(DATONG))
def a_county_answers_for_itself(o: SampleOffice) -> bytes:
    return mail(
        o,
        "yungang@163.com",
        "我局总结见附件。\n大同市云冈区市场监督管理局",
        quote="forward",
        files=[summary(TEXT.replace("大同市市场", "云冈区市场"), "云冈区总结.docx")],
    )


@WHO.case(review(DATONG))
def a_county_that_says_it_answers_for_the_city(o: SampleOffice) -> bytes:
    return mail(
        o,
        "lingqiu@163.com",
        "受大同市市场监督管理局委托，现将有关总结报上。\n灵丘县市场监督管理局",
        files=[summary()],
    )


@WHO.case(review(DATONG))
def a_county_within_the_citys_own_domain(o: SampleOffice) -> bytes:
    return mail(
        o,
        "pingcheng@datong-scjg.example",
        "平城区局总结见附件。\n平城区市场监督管理局",
        quote="forward",
        files=[summary(TEXT.replace("大同市市场", "平城区市场"), "平城区总结.docx")],
    )


@WHO.case(review(DATONG))
def a_county_whose_name_stands_only_in_the_file_name(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "见附件。", files=[summary(name="云冈区市场监管局宣传周总结.docx")])


@WHO.case(review(DATONG))
def a_branch_signs_with_the_citys_name_before_its_own(o: SampleOffice) -> bytes:
    return mail(
        o,
        "yg2020@qq.com",
        "我分局总结见附件。\n大同市市场监督管理局云冈分局",
        files=[summary(name="总结.docx")],
    )


@WHO.case(review(DATONG))
def the_city_hands_in_its_branch(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "云冈分局的总结见附件，请一并收。", files=[summary(name="云冈分局总结.docx")])


@WHO.case(review(DATONG))
def a_market_office_of_a_street(o: SampleOffice) -> bytes:
    return mail(
        o,
        "nanguan@163.com",
        "我所总结见附件\n大同市平城区市场监督管理局南关市场监管所",
        files=[summary(name="总结.docx")],
    )


@WHO.case(either("review", "note", "ask"))
def the_city_passes_the_notice_on_with_a_copy_to_us(o: SampleOffice) -> bytes:
    """Its own covering paper is no return, though it speaks of a summary in every line."""
    cover = summary(
        "关于转发宣传周活动通知的通知\n各县（市、区）市场监管局：\n现将省局通知转发给你们，请认真组织，并于9月20日前将总结报市局认证科。",
        "关于转发宣传周活动通知的通知.docx",
    )
    return mail(
        o,
        DATONG_AT,
        "各县（市、区）局：\n现将省局通知转发给你们，请于9月20日前将活动总结报市局认证科。",
        mark="转发：",
        quote="forward",
        is_thread=False,
        files=[cover],
        to=f"yungang@dt.example, pingcheng@dt.example, {OFFICE}",
    )


@WHO.case(either("review", "note", "ask"))
def our_notice_passed_inside_the_unit_with_a_copy_to_us(o: SampleOffice) -> bytes:
    return mail(
        o,
        TAIYUAN_LUO_AT,
        "晋阳同志：请认证科阅办。",
        TAIYUAN,
        mark="转发：",
        quote="forward",
        files=[("附件2 服务认证作品登记表.docx", o.blank(TAIYUAN))],
        headers=[("Cc", OFFICE)],
        to=TAIYUAN_AT,
    )


@WHO.case(review())
def a_form_whose_unit_was_changed_to_a_county(o: SampleOffice) -> bytes:
    changed = form(o, DATONG, "县里的作品", unit="大同市云冈区市场监督管理局")
    return mail(o, DATONG_AT, "作品报上。", files=[changed])


@WHO.case(review())
def a_county_fills_in_the_citys_form(o: SampleOffice) -> bytes:
    changed = form(o, DATONG, "县里的作品", unit="左云县市场监督管理局")
    return mail(o, "zuoyun@163.com", "作品报上。", files=[changed])


@WHO.case(review())
def an_institution_sends_through_its_city(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "转报御河公司作品一件。", files=[form(o, YUHE, "秤平斗满")])


# Codes of others, several units.


@WHO.case(review(DATONG, SHUOZHOU))
def the_code_of_one_from_the_mailbox_of_another(o: SampleOffice) -> bytes:
    return mail(o, SHUOZHOU_AT, "总结见附件。", files=[summary(name="总结.docx")])


@WHO.case(review(DATONG, SHUOZHOU))
def sent_for_another_from_a_third_place(o: SampleOffice) -> bytes:
    return mail(
        o,
        "zhang@datong-scjg.example",
        "朔州市局托我代发，总结见附件。\n朔州市市场监督管理局",
        files=[summary(TEXT.replace("大同", "朔州"), "朔州总结.docx")],
    )


@WHO.case(review(DATONG, SHUOZHOU))
def an_aggregator_with_two_codes(o: SampleOffice) -> bytes:
    words = f"两市总结一并报送：{o.code(DATONG)}、{o.code(SHUOZHOU)}"
    return new_mail(
        o,
        "jizhong@shanxi-scjg.example",
        "两市总结",
        words,
        files=[summary(name="大同总结.docx"), summary(name="朔州总结.docx")],
    )


@WHO.case(filed(Filed(YANHU, "works")))
def one_person_for_three_answers_for_the_second(o: SampleOffice) -> bytes:
    return mail(o, THREE_AT, "盐湖公司作品一件。", YANHU, files=[form(o, YANHU, "盐湖之光")])


@WHO.case(review())
def one_person_for_three_mixes_thread_and_form(o: SampleOffice) -> bytes:
    return mail(o, THREE_AT, "作品一件。", PINGSHUI, files=[form(o, YANHU, "盐湖之光")])


@WHO.case(review())
def one_person_for_three_sends_three_summaries_at_once(o: SampleOffice) -> bytes:
    files = [summary(name=f"{unit}总结.docx") for unit in (PINGSHUI, YANHU, HEFEN)]
    return mail(o, THREE_AT, "三家的总结一并报送。", PINGSHUI, files=files)


@WHO.case(review())
def one_person_for_three_in_a_new_mail(o: SampleOffice) -> bytes:
    return new_mail(
        o, THREE_AT, "宣传周活动总结", "三家公司的总结合写一份，见附件。", files=[summary(name="总结.docx")]
    )


@WHO.case(review())
def a_city_forwards_the_works_of_three_firms(o: SampleOffice) -> bytes:
    files = [
        (f"登记表{number}.docx", form(o, DATONG, f"作品{number}", unit=firm)[1])
        for number, firm in enumerate(
            ("大同某某商贸有限公司", "大同某某酒店有限公司", "大同某某物业有限公司")
        )
    ]
    return mail(o, DATONG_AT, "现转报我市三家企业作品，请审。", files=files)


@WHO.case(filed(Filed(DATONG, "works", entries=2)))
def a_city_with_two_works_of_its_own(o: SampleOffice) -> bytes:
    files = [form(o, DATONG, "作品甲", name="登记表1.docx"), form(o, DATONG, "作品乙", name="登记表2.docx")]
    return mail(o, DATONG_AT, "我局作品两件。", files=files)


# Staff of ours, and people nobody knows.


@WHO.case(review(DATONG))
def our_own_clerk_forwards_what_came_to_her(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        "qiaoyb@shanxi-scjg.example",
        "转发：大同总结",
        "大同市局发到我个人邮箱的，请归档。\n\n---------- 转发的邮件 ----------\n"
        f"发件人：贺云冈 <{DATONG_AT}>\n日期：2024年9月20日 09:00\n主题：总结\n\n总结见附件。",
        files=[summary()],
    )


@WHO.case(review())
def an_institution_under_its_short_name(o: SampleOffice) -> bytes:
    return mail(o, "jinzhi2008@126.com", "总结见附件。\n晋质认证", JINZHI, files=[summary(name="总结.docx")])


@WHO.case(filed(Filed(JINZHI, "summary")))
def an_institution_from_its_own_mailbox(o: SampleOffice) -> bytes:
    return mail(
        o,
        JINZHI_AT,
        "我公司开展情况总结见附件。",
        JINZHI,
        files=[summary("一、开展情况\n我公司举办讲座两场。")],
    )


@WHO.case(filed(Filed("华北质量认证有限公司", "works")))
def a_stranger_hands_in_a_work(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        "service@huabei.example",
        "报送服务认证作品",
        "我公司报送作品一件。",
        files=[public_form(o, "华北质量认证有限公司", "企业作品")],
    )


@WHO.case(filed(Filed(JINZHI, "works")))
def a_unit_of_the_roster_uses_the_public_form_from_its_own_mailbox(o: SampleOffice) -> bytes:
    return new_mail(
        o, JINZHI_AT, "报送作品", "我公司报送作品一件。", files=[public_form(o, JINZHI, "晋质的作品")]
    )


@WHO.case(filed(Filed(JINZHI, "works")), review())
def a_stranger_claims_to_be_a_unit_by_the_public_form(o: SampleOffice) -> bytes:
    """Anybody may have the public form; the name in it is all that speaks for the unit."""
    return new_mail(
        o, "someone@126.com", "报送作品", "作品见附件。", files=[public_form(o, JINZHI, "晋质的作品")]
    )


@WHO.case(review())
def a_stranger_without_form_or_code(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        "xiehui@126.com",
        "质量认证宣传周作品",
        "我协会报送作品一件，见附件。",
        files=[summary(name="作品.docx")],
    )


@WHO.case(review(DATONG), filed(DATONG_SUMMARY))
def the_sender_cannot_be_read(o: SampleOffice) -> bytes:
    raw = mail(o, DATONG_AT, "总结见附件。", files=[summary()])
    return raw.replace(f"From: {DATONG_AT}".encode(), b"From: undisclosed:;")


@WHO.case(filed(DATONG_SUMMARY, answers=1))
def our_words_below_a_long_blank_and_no_marks(o: SampleOffice) -> bytes:
    """The quotation is not marked, but the mailbox is the unit's: nothing is in doubt."""
    return mail(o, DATONG_AT, "总结见附件", quote="bare", is_thread=False, subject="总结", files=[summary()])


@WHO.case(either("review", "ask", "note", spared=()))
def an_advertisement(o: SampleOffice) -> bytes:
    return new_mail(o, "ad@fapiao.example", "代开发票 优惠", "各类发票，欢迎来电 138xxxx")
