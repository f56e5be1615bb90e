"""Automatic letters without a mark: several weak signals together, never one alone.

QQ's holiday replies can lack every standard header, so the words decide; a clerk who writes 收到 is a person.
"""

from __future__ import annotations

import re
from datetime import timedelta

from service.office.letter import Flag, LetterFacts

# The longest of 58 real automatic bodies has 163 characters; a summary of 500字 is longer.
_BODY_CHARS_MAX = 200
_ENOUGH = 3
# Nobody reads a notice and types an answer within a minute; within ten some do.
_AT_ONCE, _SOON = timedelta(minutes=1), timedelta(minutes=10)

_WILL_ANSWER = re.compile(
    r"(?:尽快|稍后|稍候|第一时间|随后|及时|会在|之后|后会|一定会|将会?|天内|方便时).{0,16}(?:回复|答复|回信|"
    r"回覆|与您联系|和您联系|查看|阅读|处理)|"
    r"(?:write|reply|respond|get) (?:back )?(?:to you )?(?:as soon as|asap|shortly|when i)|will (?:reply|"
    r"respond|get back)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(?:正在|目前|现在|因|这几天|本周|假期).{0,8}(?:休假|出差|外出|度假|放假|开会|培训)|不在(?:办公室|单位|"
    r"公司|线|国内)|"
    r"^我不在[。.!！]?$|暂时无法.{0,6}(?:回复|亲自)|无法亲自|out of (?:the )?office|on (?:leave|vacation|"
    r"holiday)|"
    r"如有急事|如有紧急|情况紧急|紧急.{0,6}(?:请|可).{0,4}(?:电话|致电|联系|拨打)",
    re.IGNORECASE | re.MULTILINE,
)
_GOT_MAIL = re.compile(
    r"(?:邮件|来信|来函|信件|来件|来电邮|e-?mail).{0,12}(?:收到|收悉)|收到.{0,8}(?:邮件|来信|来函|信件|"
    r"e-?mail)|"
    r"(?:e-?mail|message|letter) (?:has been |was )?received|received your (?:e-?mail|message|letter)|"
    r"感谢您?的?(?:来信|邮件|来函)|"
    r"thank(?:s| you) for your (?:e-?mail|message|letter)",
    re.IGNORECASE,
)
# The letter speaks of itself; a person who speaks of automatic replies is none.
_SAYS_SO = re.compile(
    r"(?:这是|此(?:邮件|信|为|系)|本(?:邮件|信)|该邮件).{0,14}(?:自动|自動)|系统自动(?:回复|发送|答复)|"
    r"自动回复邮件|"
    r"^\W{0,3}(?:自动|自動)(?:回复|答复|回信|回覆|回復)\W|\bthis (?:is|e-?mail|message).{0,20}\bauto",
    re.IGNORECASE,
)
# Words of somebody who has a task to do; no automatic text knows of it.
_WORKS = re.compile(
    r"报送|上报|报上|提交|填报|填好|落实|补报|补充|附件|本单位|我单位|我局|我市|我区|我院|请问|作品|总结|"
    r"材料|(?:该|贵.{0,4}|此)通知|通知(?:要求|中)"
)
_NO_REPLY = re.compile(
    r"^(?:no-?reply|do-?not-?reply|noreply|auto-?reply|autoresponder|robot|system|notify|notification)s?\d*@",
    re.I,
)


def automatic_reasons(facts: LetterFacts, waited: timedelta | None = None) -> tuple[str, ...]:
    """Why an unmarked letter is automatic, or nothing where the signals do not suffice.

    Words alone, or haste alone, make no machine. `waited`: since our mail that it answers went out.
    """
    body = _body(facts)
    words = _of_the_words(body) if may_be_automatic(facts) else []
    if not words or (_WORKS.search(body) and not _SAYS_SO.search(body)):
        return ()
    signals = [*words, *_of_the_shape(facts), *_of_the_haste(waited)]
    if sum(points for points, _ in signals) < _ENOUGH:
        return ()
    return tuple(reason for _, reason in sorted(signals, key=lambda signal: -signal[0]))


def may_be_automatic(facts: LetterFacts) -> bool:
    """Whether the signs of a machine are worth looking for: few words, and nothing enclosed."""
    is_bare = not facts.links and all(Flag.INLINE in part.flags for part in facts.parts)
    return is_bare and len(_body(facts)) <= _BODY_CHARS_MAX


def _body(facts: LetterFacts) -> str:
    return " ".join(facts.reply_text.split())


def _of_the_words(body: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    if _SAYS_SO.search(body):
        found.append((3, "正文自称是自动回复"))
    if _AWAY.search(body):
        found.append((2, "正文说人不在或休假"))
    if _WILL_ANSWER.search(body):
        found.append((2, "正文说稍后再回复，没有报送内容"))
    if _GOT_MAIL.search(body):
        found.append((1, "正文只说邮件已收到"))
    return found


def _of_the_haste(waited: timedelta | None) -> list[tuple[int, str]]:
    if waited is None or waited > _SOON:
        return []
    seconds = max(int(waited.total_seconds()), 0)
    if waited <= _AT_ONCE:
        return [(2, f"我方邮件发出 {seconds} 秒就来信，人来不及写")]
    return [(1, f"我方邮件发出 {seconds // 60} 分钟就来信")]


def _of_the_shape(facts: LetterFacts) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    if facts.sender and _NO_REPLY.match(facts.sender.text):
        found.append((2, "发件地址是不收回信的系统地址"))
    if re.search(r"bulk|junk|auto", facts.header("precedence"), re.IGNORECASE):
        found.append((1, "邮件头 Precedence 表明是批量或自动邮件"))
    if facts.header("x-auto-response-suppress"):
        found.append((1, "邮件头要求不要自动答复"))
    if facts.header("return-path").strip() == "<>":
        found.append((2, "退信地址为空，是机器发出的"))
    if facts.in_reply_to and not facts.has_plain_text and facts.text.strip() == facts.reply_text.strip():
        found.append((1, "是对我方邮件的回复，却没有引用原文"))
    return found
