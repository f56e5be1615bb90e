"""More letters, thought of after the first day: claims, greetings, enclosures; prescribed by hand."""

from __future__ import annotations

from tests.stories.letters_who import NAMELESS
from tests.stories.prescription import (
    TEXT,
    Delivered,
    Filed,
    Table,
    Then,
    ask,
    either,
    filed,
    form,
    mail,
    new_mail,
    note,
    picture,
    public_form,
    review,
    scan,
    summary,
)
from tests.stories.sample_office import (
    DATONG,
    DATONG_AT,
    JINZHONG,
    SHUOZHOU,
    YUHE,
    YUHE_AT,
    SampleOffice,
)

MORE = Table()
DATONG_SUMMARY = Filed(DATONG, "summary")
DATONG_WORK = Filed(DATONG, "works")
# Whoever says that it was sent is not 未报 before somebody has looked.
CLAIM = (review(DATONG), ask(DATONG))


def claim(name: str, words: str) -> None:
    """A case of nothing but words that claim a return."""

    def letter(o: SampleOffice) -> bytes:
        return mail(o, DATONG_AT, words)

    letter.__name__ = name
    MORE.case(*CLAIM)(letter)


claim("claim_in_a_received", "收到，已报送。")
claim("claim_in_a_polite_received", "收到，我局已于昨日上报，请查收，谢谢！")
claim("claim_in_a_question", "请问我局9月20日报的总结收到了吗？")
claim("claim_in_a_doubt", "领导好，是否收到我局总结？")
claim("claim_of_another_mailbox", "您好，材料我用QQ邮箱发过了，麻烦查一下。")
claim("claim_by_fax", "总结已传真至贵处。")
claim("claim_beside_a_changed_contact", "联系人变更为张三，总结已由他报送。")
claim("claim_with_a_protest", "我局早就报了，为什么还在未报名单里？")
claim("claim_by_the_platform", "已在平台上传，请审核。")
claim("claim_of_a_posted_paper", "材料已快递寄出，请注意查收。")
claim("claim_in_three_words", "已报，谢谢")
claim("claim_that_it_is_the_second_time", "这是第二次发送了，上次的没收到吗？")


@MORE.case(note())
def received_and_will_report_in_time(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "通知已收到，我局将按时报送。谢谢！")


@MORE.case(note(), review(DATONG))
def received_and_passed_on(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到，已转发各县区局。")


@MORE.case(ask())
def a_long_request_for_time_that_speaks_of_the_summary(o: SampleOffice) -> bytes:
    words = (
        "省局认证处：\n贵局《关于开展2024年度质量认证系列宣传周活动的通知》收悉。因我市近期机构调整，认证科人员变动较大，"
        "各县区宣传周活动总结尚未全部报齐，我局活动总结正在汇总修改之中。为保证材料质量，现申请将我局宣传周工作总结的报送时间"
        "延期至10月12日，届时连同图片资料一并报送。妥否，请批示。\n联系人：贺云冈，电话：0352-5552011。\n大同市市场监督管理局"
    )
    return mail(o, DATONG_AT, words)


@MORE.case(review(DATONG), ask(DATONG))
def a_long_protest_that_speaks_of_the_summary(o: SampleOffice) -> bytes:
    words = (
        "省局认证处：\n今天收到催报通知，说我局宣传周工作总结没有报送。我局已于9月20日通过电子邮件将总结和图片报送贵处，"
        "发送记录截图可以提供，请核对邮箱收件情况；如系统拦截，我局可以重新发送。此事涉及年度考核，请尽快核实并更正，以免影响。"
        "同时请告知收到与否，便于我局留存。\n大同市市场监督管理局"
    )
    return mail(o, DATONG_AT, words)


# Who.


@MORE.case(review(DATONG))
def a_county_greets_the_city_in_our_thread(o: SampleOffice) -> bytes:
    """The city's name stands there, but it is spoken to."""
    return mail(o, "yg1@163.com", "大同市局认证科：\n总结见附件，请查收。", files=[NAMELESS])


@MORE.case(review(DATONG))
def a_county_encloses_the_citys_covering_notice(o: SampleOffice) -> bytes:
    cover = summary("关于转发宣传周活动通知的通知", "大同市市场监督管理局关于转发省局通知的通知.docx")
    return mail(o, "yg1@163.com", "按照通知要求报送总结。", files=[cover, NAMELESS])


@MORE.case(review(DATONG))
def a_county_answers_a_subject_that_the_city_wrote(o: SampleOffice) -> bytes:
    subject = f"回复：大同市市场监督管理局转发省局通知 [{o.code(DATONG)}]"
    return mail(o, "yg1@163.com", "总结见附件。", subject=subject, quote="none", files=[NAMELESS])


@MORE.case(review(JINZHONG))
def a_county_whose_name_begins_with_and(o: SampleOffice) -> bytes:
    """和顺县: the first sign is also the word “and”."""
    return mail(
        o, "heshun@163.com", "总结见附件\n和顺县市场监督管理局", JINZHONG, files=[NAMELESS], quote="forward"
    )


@MORE.case(review(JINZHONG))
def a_county_named_only_in_the_head_of_its_file(o: SampleOffice) -> bytes:
    text = "和顺县市场监督管理局\n2024年宣传周活动总结\n一、开展情况\n开展三场。"
    return mail(o, "rzjg@jinzhong-scjg.example", "见附件", JINZHONG, files=[summary(text, "总结.docx")])


@MORE.case(filed(DATONG_SUMMARY))
def a_private_mailbox_whose_file_names_the_unit(o: SampleOffice) -> bytes:
    return mail(o, "sun1980@qq.com", "总结见附件。", files=[summary(name="大同市市场监管局宣传周总结.docx")])


@MORE.case(filed(DATONG_SUMMARY))
def the_name_in_a_handing_in_sentence(o: SampleOffice) -> bytes:
    return mail(o, "sun1980@qq.com", "现将大同市局宣传周工作总结报上，请查收。", files=[NAMELESS])


@MORE.case(filed(DATONG_SUMMARY))
def a_partner_is_named_at_the_end(o: SampleOffice) -> bytes:
    words = "总结见附件，其中开放日一节\n联合大同御河计量检测有限公司举办。\n谢谢！"
    return mail(o, DATONG_AT, words, files=[summary()])


@MORE.case(review())
def an_association_sends_the_forms_of_three_firms(o: SampleOffice) -> bytes:
    files = [
        (f"登记表{n}.docx", public_form(o, firm, f"作品{n}")[1])
        for n, firm in enumerate(("华北甲商贸有限公司", "华北乙酒店有限公司", "华北丙物业有限公司"))
    ]
    return new_mail(o, "xiehui@huabei.example", "报送作品", "会员企业作品三件。", files=files)


@MORE.case(review())
def a_stranger_whose_name_is_nearly_a_units(o: SampleOffice) -> bytes:
    return new_mail(
        o, "jz@163.com", "报送作品", "作品一件。", files=[public_form(o, "山西晋质认证公司", "某作品")]
    )


@MORE.case(Then((frozenset({"filed"}),) * 2, (Filed("华北质量认证有限公司", "works", entries=2),), answers=2))
def a_stranger_hands_in_a_second_work(o: SampleOffice) -> list[Delivered]:
    return [
        new_mail(
            o,
            "service@huabei.example",
            "报送作品",
            f"第{number}件。",
            files=[public_form(o, "华北质量认证有限公司", f"作品{number}")],
        )
        for number in ("一", "二")
    ]


@MORE.case(
    Then(
        (frozenset({"filed"}), frozenset({"review"})),
        (Filed("华北质量认证有限公司", "works"),),
        answers=1,
    )
)
def a_consultant_hands_in_for_two_firms(o: SampleOffice) -> list[Delivered]:
    return [
        new_mail(o, "zixun@126.com", "报送作品", "作品一件。", files=[public_form(o, firm, "作品")])
        for firm in ("华北质量认证有限公司", "华东管理体系认证有限公司")
    ]


# What.


@MORE.case(filed(DATONG_SUMMARY))
def a_summary_and_a_signature_with_contact_lines(o: SampleOffice) -> bytes:
    words = (
        "总结见附件。\n\n单位名称：大同市市场监督管理局\n联系人：贺云冈\n联系电话：0352-5552011\n"
        "邮箱：hyg@datong-scjg.example"
    )
    return mail(o, DATONG_AT, words, files=[summary()])


@MORE.case(note())
def received_with_contact_lines(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到。\n联系人：贺云冈\n联系电话：0352-5552011")


@MORE.case(review(), either("review", "ask"))
def the_form_is_filled_in_but_the_blank_one_attached(o: SampleOffice) -> bytes:
    files = [("附件2 服务认证作品登记表.docx", o.blank(DATONG))]
    return mail(o, DATONG_AT, "登记表已填好，请查收。", files=files)


@MORE.case(filed(DATONG_WORK))
def the_stamped_form_as_a_scan(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "作品登记表（盖章）见附件。", files=[scan("作品登记表（盖章）.pdf")])


@MORE.case(filed(DATONG_WORK))
def the_form_photographed(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "作品登记表见附件。", files=[picture("作品登记表.jpg")])


@MORE.case(filed(DATONG_WORK))
def a_form_and_its_stamped_scan(o: SampleOffice) -> bytes:
    files = [form(o, DATONG, "放心服务"), scan("作品登记表（盖章）.pdf")]
    return mail(o, DATONG_AT, "作品报上。", files=files)


@MORE.case(filed(DATONG_WORK))
def a_form_a_film_and_a_description(o: SampleOffice) -> bytes:
    files = [
        form(o, DATONG, "放心服务"),
        ("放心服务.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 5000),
        summary("创作说明\n本片讲述一家商超的故事。", "创作说明.docx"),
    ]
    return mail(o, DATONG_AT, "作品报上。", files=files)


@MORE.case(Then((frozenset({"filed"}),), (Filed(DATONG, "works", "needs-correction"),), answers=1), review())
def a_film_without_its_form(o: SampleOffice) -> bytes:
    files = [("放心服务.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 5000)]
    return mail(o, DATONG_AT, "作品报上。", files=files)


@MORE.case(Then((frozenset({"filed"}),) * 2, (Filed(DATONG, "works", entries=1, version=2),), answers=2))
def a_film_and_then_its_form(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "作品报上。", files=[("作品.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 5000)]),
        mail(o, DATONG_AT, "补报登记表。", files=[form(o, DATONG, "放心服务")]),
    ]


@MORE.case(either("review", "ask", "note"))
def a_plan_with_the_summary_announced(o: SampleOffice) -> bytes:
    files = [summary("大同市宣传周活动安排\n一、时间\n8月下旬。", "活动安排.docx")]
    return mail(o, DATONG_AT, "活动安排见附件，总结随后报送。", files=files)


@MORE.case(either("review", "ask", "note"))
def a_plan_for_the_week(o: SampleOffice) -> bytes:
    files = [summary("大同市宣传周活动方案\n一、时间\n8月下旬。", "宣传周活动方案.docx")]
    return mail(o, DATONG_AT, "报送我市活动方案。", files=files)


@MORE.case(filed(DATONG_SUMMARY))
def a_report_that_is_not_called_a_summary(o: SampleOffice) -> bytes:
    """It has the sections that were asked for, and mentions works in passing."""
    text = TEXT.replace("活动总结", "活动情况报告").replace(
        "同步开展宣传", "同步开展宣传，征集服务认证作品12件"
    )
    return mail(o, DATONG_AT, "有关情况报告见附件。", files=[summary(text, "情况报告.docx")])


@MORE.case(filed(DATONG_SUMMARY))
def a_summary_with_a_photograph_of_the_meeting(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结和照片见附件。", files=[summary(), picture("总结会.jpg")])


@MORE.case(review(DATONG))
def only_a_photograph_of_a_meeting(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "图片见附件。", files=[picture("总结会现场.jpg")])


@MORE.case(
    Then(
        (frozenset({"filed"}),) * 2, (Filed(DATONG, "major-events", entries=2),), answers=2, missing=(DATONG,)
    )
)
def two_news_items_in_files_of_one_name(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "报送活动信息。", files=[summary(text, "活动信息.docx")])
        for text in (
            "大同市启动有机产品认证宣传周\n8月26日，活动在平城区启动。",
            "大同市举办服务认证体验周\n9月9日，代表走进商超。",
        )
    ]


@MORE.case(filed(Filed(YUHE, "works")))
def the_works_of_an_institution_in_its_short_name(o: SampleOffice) -> bytes:
    return mail(o, YUHE_AT, "御河公司作品一件，请查收。", YUHE, files=[form(o, YUHE, "秤平斗满")])


@MORE.case(Then((frozenset({"filed"}), frozenset({"note"})), (DATONG_SUMMARY,), answers=1, spared=(DATONG,)))
def thanks_for_the_receipt(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "总结见附件。", files=[summary()]),
        mail(o, DATONG_AT, "收到回执，谢谢！", subject="回复：回执", quote="none"),
    ]


@MORE.case(
    Then((frozenset({"review"}), frozenset({"filed"})), (DATONG_SUMMARY,), answers=1, spared=(DATONG,))
)
def first_from_a_private_mailbox_and_then_properly(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, "sun1980@qq.com", "总结见附件。", files=[NAMELESS]),
        mail(o, DATONG_AT, "总结见附件。", files=[summary()]),
    ]


@MORE.case(
    Then((frozenset({"review"}), frozenset({"note"})), spared=(DATONG, SHUOZHOU)),
)
def a_doubtful_letter_and_then_thanks(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, "a@elsewhere.example", f"两市的：{o.code(SHUOZHOU)}", files=[NAMELESS]),
        mail(o, DATONG_AT, "收到，谢谢"),
    ]
