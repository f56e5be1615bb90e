"""The sender's own words above, between and below quoted mail, as many programs head a quotation."""

from __future__ import annotations

import pytest

from service.doors.envelope.quotes import own_words

HEADS = [
    "在 2024-08-20 09:30:00，\"省局质量处\" <zhiliang@bureau.example> 写道：",
    "在 2024年8月20日，上午9:30，省局质量处 <zhiliang@bureau.example> 写道：",
    "> 在 2024年8月20日，上午9:30，省局质量处 写道：",
    "省局质量处 <zhiliang@bureau.example> 于2024年8月20日周二 09:30写道：",
    "2024年8月20日 上午9:30，省局质量处 <zhiliang@bureau.example> 写道：",
    "At 2024-08-20 09:30:00, \"省局质量处\" <zhiliang@bureau.example> wrote:",
    "------------------ 原始邮件 ------------------\n发件人: \"省局质量处\"",
    "------------------&nbsp;原始邮件&nbsp;------------------",
    "---原始邮件---",
    "-------- 回复的原邮件 --------\n| 发件人 | 省局质量处 |\n| 日期 | 2024年08月20日 |",
    "---------- 转发邮件信息 ----------",
    "发件人： 省局质量处\n发送时间： 2024-08-20 09:30\n收件人： wang",
    "发件人:省局质量处 <zhiliang@bureau.example>\n日期:2024-08-20",
    "寄件者: 省局\n寄件日期: 2024年8月20日",
    "| 发件人 | 省局质量处 |\n| 发送日期 | 2024-08-20 |",
    "*发件人:* 省局质量处\n*发送时间:* 2024年8月20日 9:30",
    "省局 <zhiliang@bureau.example> 於 2024年8月20日 週二 上午9:30寫道：",
    "2024-08-20 9:30 GMT+08:00 省局质量处 <zhiliang@bureau.example>:",
    "2024年8月20日(火) 9:30 省局 <zhiliang@bureau.example>:",
    "On Tue, Aug 20, 2024 at 9:30 AM Office <zhiliang@bureau.example>\nwrote:",
    "On 20 Aug 2024, at 09:30, Office wrote:",
    "-----Original Message-----",
    "From: Office [mailto:zhiliang@bureau.example]\nSent: Tuesday, August 20, 2024",
    "________________________________\nFrom: Office\nSent: Tuesday, August 20, 2024",
    "Date: Tue, 20 Aug 2024\nFrom: Office <zhiliang@bureau.example>\nTo: wang@unit.example",
    "Le mar. 20 août 2024 à 09:30, Office <zhiliang@bureau.example> a écrit :",
    "De : Office\nEnvoyé : mardi 20 août 2024",
    "Am 20.08.2024 um 09:30 schrieb Office <zhiliang@bureau.example>:",
    "Il giorno mar 20 ago 2024 alle ore 09:30 Office <zhiliang@bureau.example> ha scritto:",
    "El mar, 20 ago 2024 a las 9:30, Office (<zhiliang@bureau.example>) escribió:",
    "Em ter., 20 de ago. de 2024 às 09:30, Office <zhiliang@bureau.example> escreveu:",
    "Op di 20 aug. 2024 om 09:30 schreef Office <zhiliang@bureau.example>:",
    "tis 20 aug. 2024 kl. 09:30 skrev Office <zhiliang@bureau.example>:",
    "wt., 20 sie 2024 o 09:30 Office <zhiliang@bureau.example> napisał(a):",
    "út 20. 8. 2024 v 9:30 odesílatel Office <zhiliang@bureau.example> napsal:",
    "вт, 20 авг. 2024 г. в 09:30, Office <zhiliang@bureau.example>:",
    "20.08.2024, 09:30, \"Office\" <zhiliang@bureau.example> пишет:",
    "20 Ağu 2024 Sal, 09:30 tarihinde Office <zhiliang@bureau.example> şunu yazdı:",
    "Office kirjoitti 20.8.2024 kello 9.30:",
    "Vào Th 3, 20 thg 8, 2024 vào lúc 09:30 Office <zhiliang@bureau.example> đã viết:",
    "2024년 8월 20일 (화) 오전 9:30, Office <zhiliang@bureau.example>님이 작성:",
    "2024년 8월 20일 화요일, Office님이 작성:",
    "W dniu 2024-08-20 09:30, Office pisze:",
    "בתאריך 20 באוגוסט 2024 09:30, Office <zhiliang@bureau.example> כתב:",
    "في 20 أغسطس 2024، كتب Office <zhiliang@bureau.example>:",
    "2024/8/20 Office <zhiliang@bureau.example>\n",
    "On Tue, 20 Aug 2024 at 09:30 Office\n\n<\nmailto:zhiliang@bureau.example\n> wrote:\n",
    "  On Tue, Aug 20, 2024 at 9:30 AM, Office<zhiliang@bureau.example> wrote:   各市局：请报送。",
    "Begin forwarded message:\n",
    "--- Reply above this line ---",
    "请在此行上方回复",
    "* * *\n\nOn Aug 20, 2024, Office <zhiliang@bureau.example> wrote:",
]  # fmt: skip
MARKS = [
    "发自我的iPhone",
    "发自我的华为手机",
    "来自我的 QQ邮箱 手机版",
    "從我的 iPhone 傳送",
    "从 Outlook for iOS 发送",
    "Sent from my iPhone",
    "获取 Outlook for Android",
    "Verstuurd vanaf mijn iPhone",
    "Inviato da iPhone",
    "iPhoneから送信",
    "发自网易邮箱大师",
    "Sent using Zoho Mail",
    "via iPhone",
    "Sent from a magnificent lighthouse",
]


@pytest.mark.parametrize("head", HEADS)
def test_a_quotation_is_cut_at_its_head(head: str) -> None:
    assert (
        own_words(f"王老师：\n总结已报，请查收。\n\n\n{head}\n> 各市局：请报送。\n> 谢谢")
        == "王老师：\n总结已报，请查收。"
    )


@pytest.mark.parametrize("mark", MARKS)
def test_the_marks_of_mobile_programs_are_no_words(mark: str) -> None:
    assert own_words(f"总结已报。\n\n{mark}\n\n在 2024年8月20日，省局 写道：\n> 请报送") == "总结已报。"
    assert own_words(f"总结已报。\n\n{mark}") == "总结已报。"


@pytest.mark.parametrize(
    "text",
    [
        "关于写道：这个词，我们在总结中写道：质量第一。\n全文完",
        "发件人和收件人都核对过了。\n日期另行通知",
        "一、总体情况\n-----\n二、工作成效\n共办活动10场。\n-----\n三、下一步打算\n" + "继续推进。" * 200,
        "联系人：张三\n联系电话：0351-0000000\n单位：太原市局",
        "总结已报，\n由我的同事张三送达",
        "与会人员\n来自我的家乡",
        "On this day\nI wrote something\nwhich was interesting.",
    ],
)
def test_what_only_looks_like_a_head_stays(text: str) -> None:
    assert own_words(text) == text


def test_answers_between_quoted_lines_stay_with_what_they_answer() -> None:
    text = "见下。\n\n在 2024年8月20日，省局 写道：\n> 一、登记表何时报？\n下周一。\n> 二、总结呢？\n已报。"
    kept = own_words(text)
    assert kept.startswith("见下。") and "写道" not in kept
    assert "下周一。" in kept and "已报。" in kept


def test_an_answer_below_the_quotation_is_found() -> None:
    assert own_words("在 2024年8月20日，省局 写道：\n> 请报送\n> 谢谢\n\n总结已报。") == "总结已报。"


def test_a_bare_forward_has_no_words_of_its_own() -> None:
    assert own_words("---------- 转发邮件信息 ----------\n发件人：县局\n我县总结如下") == ""


def test_a_signature_below_two_dashes_goes_but_an_underlined_blank_stays() -> None:
    assert own_words("总结已报。\n-- \n王晓岚\n太原市市场监督管理局\n0351-0000000") == "总结已报。"
    assert own_words("姓名：____\n电话：____") == "姓名：____\n电话：____"


@pytest.mark.parametrize(
    "text",
    [
        "Here is another letter.\n\nSent from my desk, it is much easier than by telephone.",
        "On your own server you can run:\n\n    telnet 127.0.0.1 52698\n\nThis should answer.",
        "this is a letter with a -- within.\n\n   - and a bullet\n   - and another",
        "一、开展情况\n走访企业四十家。\n——\n二、活动效果\n群众知晓率明显提高。",
        "已完成走访。\n_____\n发放资料三千余份，群众反映良好。",
    ],
    ids=["desk", "numbers", "bullets", "headings below a rule", "a sentence below a rule"],
)
def test_nothing_is_cut_from_a_letter_without_a_quotation(text: str) -> None:
    """A section of a summary that is taken for a signature is missing when the summary is counted."""
    assert own_words(text) == text
    quoted = f"{text}\n\nOn Tue, 20 Aug 2024, at 9:30, Office <zhiliang@bureau.example> wrote:\n\n> 请报送。"
    assert own_words(quoted) == text


def test_a_list_s_footer_is_no_words() -> None:
    footer = "_______________________________________________\nusers mailing list\nusers@lists.example"
    assert own_words(f"总结已报。\n\n\n{footer}\nhttp://lists.example/users\n") == "总结已报。"
