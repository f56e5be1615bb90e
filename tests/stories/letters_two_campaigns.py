"""Two campaigns of the same units are open: codes of both travel in one thread; prescribed by hand."""

from __future__ import annotations

from tests.doors.word_files import fill_in
from tests.stories.letters_who import NAMELESS
from tests.stories.mail_programs import QUOTES
from tests.stories.prescription import ANSWERS, Filed, Table, filed, mail, new_mail, review, summary
from tests.stories.sample_office import DATONG, DATONG_AT, SPRING, SampleOffice

TWO = Table()
NEW = filed(Filed(DATONG, "summary"))
OLD = filed(Filed(DATONG, "summary", campaign=SPRING)).also(campaign=SPRING)
# It may answer either; while it waits, the unit is missing in neither.
BOTH = review(DATONG)


@TWO.case(NEW)
def a_reply_to_the_new_notice(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结见附件。", files=[summary()])


@TWO.case(OLD)
def a_reply_to_the_old_notice(o: SampleOffice) -> bytes:
    return mail(o, DATONG_AT, "总结见附件。", original=o.notice_of(DATONG, SPRING), files=[summary()])


@TWO.case(NEW, BOTH)
def the_old_thread_hangs_below_the_new(o: SampleOffice) -> bytes:
    old = QUOTES["qq"](o.notice_of(DATONG, SPRING))
    return mail(o, DATONG_AT, "总结见附件。", quote="qq", below=f"\n\n{old}", files=[summary()])


@TWO.case(BOTH)
def the_old_code_in_the_subject_and_the_new_thread(o: SampleOffice) -> bytes:
    subject = f"回复：[{o.code(DATONG, SPRING)}] 总结"
    return mail(o, DATONG_AT, "总结见附件。", subject=subject, quote="none", files=[summary()])


@TWO.case(BOTH)
def a_new_mail_that_may_answer_either(o: SampleOffice) -> bytes:
    return new_mail(
        o, DATONG_AT, "大同市市场监督管理局工作总结", "总结见附件。\n大同市市场监督管理局", files=[NAMELESS]
    )


@TWO.case(filed(Filed(DATONG, "summary")), BOTH)
def a_new_mail_that_names_the_new_document_number(o: SampleOffice) -> bytes:
    return new_mail(
        o,
        DATONG_AT,
        "大同市市场监督管理局关于报送质量认证系列宣传周活动总结的函",
        "按晋市监函〔2024〕209号要求，现将总结报上。\n大同市市场监督管理局",
        files=[summary()],
    )


@TWO.case(BOTH)
def the_form_of_the_old_campaign_in_the_new_thread(o: SampleOffice) -> bytes:
    data = fill_in(o.blank(DATONG, SPRING), {**ANSWERS, "title": "放心服务"})
    return mail(o, DATONG_AT, "总结和作品。", files=[("服务认证作品登记表.docx", data), summary()])


@TWO.case(BOTH)
def a_stranger_names_the_unit_and_no_campaign(o: SampleOffice) -> bytes:
    return new_mail(o, "sun1980@qq.com", "大同市市场监督管理局总结", "总结见附件。", files=[NAMELESS])
