"""The Chinese words for what a letter is, where it stands and what becomes of it, as people see them."""

from __future__ import annotations

from service.office.dispatch import DispatchState
from service.office.letter import Flag, Kind, Part, Stage

KIND_WORDS = {
    Kind.PERSON: "人写的信",
    Kind.AUTO_REPLY: "自动回复",
    Kind.BOUNCE: "退信",
    Kind.DELAY: "投递延迟通知",
    Kind.READ_RECEIPT: "已读回执",
    Kind.CALENDAR: "日程邀请",
    Kind.OWN: "本单位自己的邮件",
    Kind.UNREADABLE: "读不出的邮件",
}
STAGE_WORDS = {
    Stage.RECEIVED: "已签收",
    Stage.SORTED: "已分拣",
    Stage.MATCHED: "已登记",
    Stage.CHECKED: "已初审",
    Stage.FILED: "已归档",
    Stage.ACKNOWLEDGED: "已答复",
    Stage.REVIEW: "待人工",
    Stage.ASKED: "待经办人答复",
    Stage.NOTED: "已办结",
    Stage.REFUSED: "密级，已封存",
    Stage.IGNORED: "只作记录",
}
DISPATCH_WORDS = {
    DispatchState.READY: "待发",
    DispatchState.LEASED: "待发",
    DispatchState.SENDING: "正在发送",
    DispatchState.SENT: "已发出",
    DispatchState.RETRY: "稍后重试",
    DispatchState.DEAD: "未送达",
    DispatchState.IN_DOUBT: "存疑",
    DispatchState.HELD: "停发",
    DispatchState.CANCELLED: "不发",
}
FLAG_WORDS = {
    Flag.ENCRYPTED: "有密码",
    Flag.MACRO: "带宏",
    Flag.EXECUTABLE: "程序",
    Flag.BOMB: "压缩炸弹",
    Flag.DUPLICATE: "重复",
    Flag.INLINE: "正文内的图片",
    Flag.BLANK_FORM: "我方原表",
    Flag.UNREADABLE: "打不开",
    Flag.EMBEDDED: "内嵌文件",
    Flag.EXTERNAL: "引用外部模板或内容",
    Flag.INFECTED: "病毒",
    Flag.UNSCANNED: "未查毒",
}
# Keys of `explain --json`, `then`.
THEN_WORDS = {
    "file": "归档",
    "review": "待人工",
    "ask": "转经办人答复",
    "note": "只作记录",
    "refuse": "密级，封存",
    "quarantine": "隔离，待人工",
    "ignore": "不处理",
    "note-undelivered": "记为未送达",
    "note-read": "记为已读",
}


def flag_words(part: Part) -> str:
    """What is remarkable about a part, in brackets; empty where nothing is."""
    words = "、".join(FLAG_WORDS[each] for each in part.flags)
    return f"［{words}］" if words else ""
