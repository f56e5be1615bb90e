"""What the office's own daily mails are tried with, with everything there may be and with little."""

from __future__ import annotations

from service.office.needs.press import Value

_CODE = "1234-5678"


def daily_samples(*, is_full: bool) -> dict[str, dict[str, Value]]:
    """The facts of each, by the name of its text."""
    urgent: dict[str, Value] = {
        "unit": "样例单位甲",
        "item": "样例材料",
        "title": "关于样例活动的通知",
        "key": "sample",
        "letter": "12",
        "subject": "样例&<来信>",
        "sender": "someone@units.example",
        "received_words": "2024年8月27日（星期二）09:05",
        "files": ["样例.docx", "样例.jpg"] if is_full else [],
        "contact": "王某 010-5550000" if is_full else "",
    }
    line: dict[str, Value] = {
        "typed": "延期 样例单位甲 summary 9月30日 会议冲突",
        "say": "已延期到 2024-09-30",
    }
    errand: dict[str, Value] = {
        "person": "样例经办人",
        "done": [line] if is_full else [],
        "failed": [{**line, "say": "名单中没有这个单位"}] if is_full else [],
        "unread": ["请尽快"] if is_full else [],
        "files": ["扫描件.pdf"] if is_full else [],
        "refused": "" if is_full else "口令已经用过",
        "code": _CODE if is_full else "",
        "until_words": "2024年8月29日（星期四）17:30" if is_full else "",
    }
    return {"digest": digest_sample(is_full=is_full), "urgent": urgent, "errand": errand}


def digest_sample(*, is_full: bool) -> dict[str, Value]:
    """The digest of a busy day, and that of a day on which nothing is to be said."""

    def some(text: str) -> str:
        return text if is_full else ""

    group: dict[str, Value] = {
        "name": "样例组",
        "counts": some("应报 3 家，报齐 1 家，未报 1 家，待人工 1 家"),
        "new": some("样例单位甲（样例材料）"),
        "missing": some("样例单位乙（样例材料，逾期 2 天）"),
        "missing_left": "",
        "chased": some("样例单位乙"),
        "doubtful": some("样例单位丙（样例材料）"),
        "promised": some("样例单位丁"),
        "undelivered": some("样例单位戊"),
    }
    campaign: dict[str, Value] = {
        "number": "一",
        "title": "关于样例活动的通知",
        "key": "sample",
        "counts": "应报 3 家，报齐 1 家，未报 1 家，待人工 1 家",
        "has_groups": is_full,
        "groups": [group, group] if is_full else [group],
    }
    letter: dict[str, Value] = {
        "number": "12",
        "sender": "someone@units.example",
        "subject": "样例&<来信>",
        "at_words": "8月27日9:00",
        "say": "看不出是哪个单位的来信",
    }
    return {
        "person": "样例经办人",
        "day_words": "2024年8月28日（星期三）",
        "short_day": "8月28日",
        "at_words": "2024年8月28日（星期三）08:15",
        "since_words": some("2024年8月27日（星期二）08:15"),
        "campaigns": [campaign],
        "missing": "1",
        "waiting": "1",
        "letters": [letter] if is_full else [],
        "letters_more": some("3"),
        "others": some("存疑 1 件、紧急 1 件"),
        "loose": some("还有 1 封来信没有归属到单位，名单可能因此变动：请先处理“待人工”。"),
        "mailbox": "信箱最近一次成功读取：2024年8月28日08:14。",
        "is_blind": is_full,
        "example": {"letter": "12", "campaign": "", "unit": "样例单位乙", "item": "summary"},
        "head": "0" * 64,
        "code": _CODE,
        "until_words": "2024年8月29日（星期四）17:30",
    }
