"""What came? Files, bodies, forms and links in the shapes that offices send them; prescribed by hand."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.doors.word_files import convert, word
from tests.stories.prescription import (
    ANSWERS,
    LINES,
    TEXT,
    Delivered,
    Filed,
    Table,
    Then,
    ask,
    either,
    filed,
    form,
    logo,
    mail,
    note,
    picture,
    resaved,
    review,
    scan,
    summary,
    zipped,
)
from tests.stories.sample_office import (
    DATONG,
    DATONG_AT,
    JINZHI,
    JINZHI_AT,
    SHUOZHOU,
    YUHE,
    YUHE_AT,
    SampleOffice,
)

WHAT = Table()
DATONG_SUMMARY = Filed(DATONG, "summary")
DATONG_WORK = Filed(DATONG, "works")
BY_LINK = Filed(DATONG, "summary", "by-link", 0)


# Summaries.


@WHAT.case(filed(DATONG_SUMMARY))
def a_summary_in_the_body(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, f"省局认证处：\n{TEXT}")


@WHAT.case(filed(DATONG_SUMMARY), review(DATONG))
def a_summary_typed_below_the_quotation(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "", quote="netease", below=f"\n省局：\n{TEXT}")


@WHAT.case(filed(DATONG_SUMMARY))
def a_summary_that_names_other_units_in_passing(o: SampleOffice) -> bytes:
    text = TEXT.replace("举办开放日", "并会同朔州市市场监督管理局、山西晋质认证有限公司举办开放日")
    return mail(o, DATONG_AT, f"省局：现将总结报上。\n{text}")


@WHAT.case(filed(DATONG_SUMMARY))
def a_summary_with_three_pictures(o: SampleOffice) -> bytes:
    files = [summary(), picture("现场1.jpg"), picture("现场2.jpg"), picture("现场3.jpg")]
    return mail(o, DATONG_AT, "总结及图片见附件。", files=files)


@WHAT.case(filed(DATONG_SUMMARY))
def a_summary_in_word_and_the_sealed_scan(o: SampleOffice) -> bytes:
    files = [summary(), scan("宣传周活动总结（盖章）.pdf")]
    return mail(o, DATONG_AT, "总结word版和盖章扫描件见附件。", files=files)


@WHAT.case(filed(DATONG_SUMMARY), review(DATONG))
def only_the_scan_as_a_picture(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结扫描件见附件。", files=[picture("总结扫描件.jpg")])


@WHAT.case(filed(DATONG_SUMMARY), review(DATONG))
def a_zip_with_summary_and_pictures(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结和照片见压缩包。", files=[zipped(summary(), picture("现场.jpg"))])


@WHAT.case(
    Then(
        (frozenset({"filed"}),) * 2,
        (Filed(DATONG, "summary", version=2),),
        answers=2,
        spared=(DATONG,),
    )
)
def a_second_mail_with_the_pictures(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "总结见附件，图片另发。", files=[summary()]),
        mail(o, DATONG_AT, "补发总结的图片。", files=[picture("现场1.jpg"), picture("现场2.jpg")]),
    ]


@WHAT.case(
    Then((frozenset({"filed"}),) * 2, (Filed(DATONG, "summary", version=2),), answers=2, spared=(DATONG,))
)
def a_corrected_summary(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "总结见附件。", files=[summary()]),
        mail(o, DATONG_AT, "上一封有误，以此为准。", files=[summary(TEXT.replace("三千", "四千"))]),
    ]


@WHAT.case(filed(DATONG_SUMMARY).also(filed=(DATONG_SUMMARY, DATONG_WORK)))
def summary_and_work_in_one_mail(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结和作品各一件。", files=[summary(), form(o, DATONG, "放心服务")])


@WHAT.case(filed(Filed(DATONG, "major-events")).also(missing=(DATONG,)))
def a_news_item_called_so(o: SampleOffice) -> bytes:
    files = [summary("大同市启动有机产品认证宣传周\n8月26日，活动在平城区启动。", "活动信息.docx")]
    return mail(o, DATONG_AT, "报送重大活动信息一篇。", files=files)


@WHAT.case(filed(Filed(DATONG, "major-events")).also(missing=(DATONG,)), review(DATONG))
def a_news_item_not_called_so(o: SampleOffice) -> bytes:
    """A 新闻稿 is no summary: whoever takes it for one closes what is still owed."""
    files = [summary("大同市启动有机产品认证宣传周\n8月26日，活动在平城区启动。", "新闻稿.docx")]
    return mail(o, DATONG_AT, "报送新闻稿一篇。", files=files)


@WHAT.case(review(DATONG))
def a_nil_report_where_none_is_allowed(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "我局零报告。")


@WHAT.case(either("review", "note", "ask"))
def no_work_to_hand_in(o: SampleOffice) -> bytes:
    return mail(o, YUHE_AT, "我单位无作品报送。", YUHE)


@WHAT.case(review(DATONG), ask(DATONG))
def see_attachment_but_none(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结已发，见附件，请查收！")


@WHAT.case(review(DATONG), ask(DATONG))
def we_have_reported_already(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "我局已于9月20日报送，请核查。")


@WHAT.case(review(DATONG), ask(DATONG))
def we_have_reported_by_the_office_network(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "已通过OA系统报送。")


@WHAT.case(review(DATONG), ask(DATONG))
def we_have_sent_it_from_another_mailbox(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "您好，总结昨天用另一个邮箱发过了，请查收，谢谢。")


@WHAT.case(review(DATONG), ask(DATONG))
def we_have_posted_it(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到。纸质版总结已寄出，顺丰单号SF1234567890。")


@WHAT.case(review(DATONG), ask(DATONG))
def it_was_handed_to_a_colleague_of_yours(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结已微信发樊科长")


@WHAT.case(review(DATONG), ask(DATONG))
def an_empty_reply(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "")


@WHAT.case(review(DATONG))
def a_summary_of_which_only_the_name_is_in_the_body(o: SampleOffice) -> bytes:
    """Wrong: the file is somebody's private matter. Right only for a person to say."""
    files = [("身份证复印件.jpg", picture("身份证")[1])]
    return mail(o, DATONG_AT, "发错了", files=files)


# Forms.


@WHAT.case(filed(DATONG_WORK))
def a_filled_form(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "作品报上。", files=[form(o, DATONG, "放心服务")])


@WHAT.case(filed(DATONG_WORK))
def a_filled_form_saved_by_another_program(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "作品报上。", files=[resaved(form(o, DATONG, "放心服务"))])


@WHAT.case(filed(DATONG_WORK))
def a_form_typed_anew(o: SampleOffice) -> bytes:
    rows = [
        ["作品名称", "放心服务", "报送单位", "大同市市场监管局"],
        ["单位类型", "其他", "作品形式", "视频"],
        ["联系人", "贺云冈", "联系电话", "0352-5552011"],
        ["作品简介", ANSWERS["about"], "原创承诺", "是"],
    ]
    return mail(o, DATONG_AT, "作品报上。", files=[("登记表.docx", word("服务认证作品登记表", table=rows))])


@cache
def _saved(data: bytes, to: str) -> bytes:
    with TemporaryDirectory() as folder:
        return convert(data, "docx", to, Path(folder))


@WHAT.case(filed(DATONG_WORK))
def a_form_saved_as_doc(o: SampleOffice) -> bytes:
    data = _saved(form(o, DATONG, "放心服务")[1], "doc")
    return mail(o, DATONG_AT, "作品报上。", files=[("登记表.doc", data)])


@WHAT.case(filed(DATONG_WORK))
def a_form_saved_as_pdf(o: SampleOffice) -> bytes:
    data = _saved(form(o, DATONG, "放心服务")[1], "pdf")
    return mail(o, DATONG_AT, "作品报上。", files=[("登记表.pdf", data)])


@WHAT.case(filed(DATONG_WORK))
def a_form_typed_as_lines(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, LINES)


@WHAT.case(filed(DATONG_WORK), review())
def lines_typed_within_the_quotation(o: SampleOffice) -> bytes:
    raw = mail(o, DATONG_AT, "已在下面填好。", quote="foxmail")
    parsed = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    text = parsed.get_content()
    # Behind every label of our own mail stands the answer.
    for line in LINES.splitlines():
        label, answer = line.split("：", 1)
        text = text.replace(f"\n{label}：\n", f"\n{label}：{answer}\n")
    parsed.set_content(text)
    return bytes(parsed)


@WHAT.case(Then((frozenset({"filed"}),), (Filed(DATONG, "works", "needs-correction"),), answers=1), review())
def a_form_without_a_telephone(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "作品报上。", files=[form(o, DATONG, "放心服务", phone="")])


@WHAT.case(filed(DATONG_WORK))
def a_form_with_the_work_itself(o: SampleOffice) -> bytes:
    files = [
        form(o, DATONG, "放心服务"),
        ("放心服务.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 5000),
        picture("海报.jpg"),
    ]
    return mail(o, DATONG_AT, "作品报上。", files=files)


@WHAT.case(filed(DATONG_WORK))
def a_form_and_a_changed_contact(o: SampleOffice) -> bytes:
    words = "作品登记表见附件。另：我局联系人变更为张三，电话0352-5552012。"
    return mail(o, DATONG_AT, words, files=[form(o, DATONG, "放心服务")])


@WHAT.case(filed(DATONG_WORK))
def a_form_and_a_question(o: SampleOffice) -> bytes:
    words = "作品登记表见附件。请问视频需要刻盘邮寄吗？"
    return mail(o, DATONG_AT, words, files=[form(o, DATONG, "放心服务")])


@WHAT.case(filed(Filed(JINZHI, "works")))
def an_institution_hands_in_a_work(o: SampleOffice) -> bytes:
    return mail(o, JINZHI_AT, "作品报上。", JINZHI, files=[form(o, JINZHI, "放心服务")])


@WHAT.case(either("note", "review", "ask"))
def the_blank_form_comes_back(o: SampleOffice) -> bytes:
    files = [("附件2 服务认证作品登记表.docx", o.blank(DATONG))]
    return mail(o, DATONG_AT, "收到，已转发企业。", files=files)


@WHAT.case(
    either("note", "review", "ask"),
    Then((frozenset({"filed"}),), (Filed(DATONG, "works", "needs-correction"),), answers=1),
)
def the_blank_form_saved_anew_comes_back(o: SampleOffice) -> bytes:
    files = [resaved(("附件2 服务认证作品登记表.docx", o.blank(DATONG)))]
    return mail(o, DATONG_AT, "见附件", files=files)


@WHAT.case(either("note", "review", "ask"))
def everything_we_sent_comes_back(o: SampleOffice) -> bytes:
    files = []
    for part in o.notice_of(DATONG).walk():
        payload = part.get_payload(decode=True)
        if part.get_filename() and isinstance(payload, bytes):
            files.append((str(part.get_filename()), payload))
    return mail(o, DATONG_AT, "收到", files=files)


@WHAT.case(filed(DATONG_SUMMARY))
def a_summary_with_our_blank_form_still_attached(o: SampleOffice) -> bytes:
    files = [summary(), ("附件2 服务认证作品登记表.docx", o.blank(DATONG))]
    return mail(o, DATONG_AT, "总结见附件。", files=files)


@WHAT.case(review())
def a_filled_form_of_datong_within_shuozhous_thread(o: SampleOffice) -> bytes:
    return mail(o, "a@elsewhere.example", "见附件", SHUOZHOU, files=[form(o, DATONG, "放心服务")])


# Links, locks, dangerous things.


@WHAT.case(Then((frozenset({"filed"}),), (BY_LINK,), answers=1, spared=(DATONG,)), review(DATONG))
def only_a_link_of_qq(o: SampleOffice) -> bytes:
    words = (
        "总结和视频较大，见超大附件。\n\n从QQ邮箱发来的超大附件\n\n"
        "宣传周总结.zip (65.38M, 2024年9月19日 10:00 到期)\n进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?k=0123456789abcdef&t=exs_ftn_download&code=01234567"
    )
    return mail(o, DATONG_AT, words)


@WHAT.case(Then((frozenset({"filed"}),), (BY_LINK,), answers=1, spared=(DATONG,)), review(DATONG))
def only_a_link_of_baidu(o: SampleOffice) -> bytes:
    words = "总结材料太大，已传网盘：https://pan.baidu.com/s/1AbCdEfGhIjKlMnOpQrStUv 提取码: 8x2k"
    return mail(o, DATONG_AT, words)


@WHAT.case(
    review(DATONG),
    # Its name says what it is, so the unit may be asked at once to send it without the password.
    Then(
        (frozenset({"filed"}),),
        (Filed(DATONG, "summary", "needs-correction"),),
        answers=1,
        spared=(DATONG,),
    ),
)
def a_zip_with_a_password(o: SampleOffice) -> bytes:
    name, data = zipped(summary(), name="宣传周总结.zip")
    locked = bytearray(data)
    locked[6] |= 1  # the local header says that the entry is encrypted …
    locked[data.rindex(b"PK\x01\x02") + 8] |= 1  # … and so does the directory
    return mail(o, DATONG_AT, "总结见附件，密码打电话告知。", files=[(name, bytes(locked))])


@WHAT.case(review(DATONG))
def an_executable_called_a_summary(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结见附件。", files=[("宣传周总结.docx", b"MZ" + b"\0" * 600)])


@WHAT.case(filed(DATONG_SUMMARY), review(DATONG))
def the_letter_of_a_colleague_attached_as_a_mail(o: SampleOffice) -> bytes:
    inner = mail(o, "zhang@datong-scjg.example", "总结见附件。", files=[summary()])
    return mail(o, DATONG_AT, "见附件邮件。", files=[("总结.eml", inner)])


# Once, twice, elsewhere.


@WHAT.case(filed(DATONG_SUMMARY))
def the_same_mail_in_inbox_and_junk(o: SampleOffice) -> list[Delivered]:
    raw = mail(o, DATONG_AT, "总结见附件。", files=[summary()])
    return [
        raw,
        (b"Received: from mx.example by mail.example; Tue, 20 Aug 2024 10:00:00 +0800\r\n" + raw, "Junk"),
    ]


@WHAT.case(filed(DATONG_SUMMARY))
def a_return_found_in_junk(o: SampleOffice) -> list[Delivered]:
    return [(mail(o, DATONG_AT, "总结见附件。", files=[summary()]), "Junk")]


@WHAT.case(
    Then((frozenset({"filed"}), frozenset({"review", "ask"})), (DATONG_SUMMARY,), answers=1, spared=(DATONG,))
)
def sent_by_mistake_please_delete(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "总结见附件。", files=[summary()]),
        mail(o, DATONG_AT, "不好意思，刚才那封发错了，请删除，稍后重发。"),
    ]


@WHAT.case(
    Then((frozenset({"filed"}), frozenset({"review"})), (DATONG_SUMMARY,), answers=1, spared=(DATONG,))
)
def a_correction_from_a_mailbox_nobody_knows(o: SampleOffice) -> list[Delivered]:
    return [
        mail(o, DATONG_AT, "总结见附件。", files=[summary()]),
        mail(o, "sun1980@qq.com", "总结有误，以此为准。", files=[summary("一、开展情况\n略", "总结.docx")]),
    ]


@WHAT.case(review(DATONG), ask(DATONG), note())
def outlook_wants_to_recall(o: SampleOffice) -> bytes:
    words = "贺云冈 将撤回邮件“答复: 宣传周总结”。"
    return mail(o, DATONG_AT, words, mark="撤回: 答复: ", quote="none")


# Words alone.


@WHAT.case(note())
def received(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到")


@WHAT.case(note())
def received_from_a_telephone(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到，谢谢！\n\n发自我的iPhone", quote="netease")


@WHAT.case(note())
def received_signed_with_everything(o: SampleOffice) -> bytes:
    words = (
        "收到，按要求落实。\n\n--\n大同市市场监督管理局 认证科\n贺云冈\n电话：0352-5552011\n"
        "地址：大同市平城区某某路1号"
    )
    return mail(o, DATONG_AT, words)


@WHAT.case(note())
def received_with_a_logo_inside(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到", logos=[("image001.png", logo())])


@WHAT.case(either("note", "review", "ask"))
def received_with_a_logo_attached(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "收到", files=[("image001.png", logo())])


@WHAT.case(note())
def a_thumb(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "👌 ok 收到[强]")


@WHAT.case(filed(DATONG_SUMMARY))
def a_summary_from_a_telephone(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结见附件\n\n发自我的手机", quote="netease", files=[summary()])


@WHAT.case(ask())
def a_question(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "请问总结需要盖章后扫描吗？")


@WHAT.case(ask())
def a_request_for_time(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "因人员培训，我局总结拟于10月8日报送，申请延期，望批准。")


@WHAT.case(ask(), review(DATONG))
def a_changed_contact(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "我局联系人已变更为张三，邮箱 zhang@datong-scjg.example，请更新。")


@WHAT.case(ask(), review())
def not_ours_please_send_elsewhere(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "此项工作已划转质量科，请发 zlk@datong-scjg.example，我科不再负责。")


@WHAT.case(ask(), review(), note())
def a_complaint_about_garbled_text(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "附件打不开，请重发。")
