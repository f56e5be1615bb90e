"""The sheets of 活动.xlsx: which heading is which key of campaign.yaml, and what may stand below it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

BOOK_FILE = "活动.xlsx"
PAGE_FILE = "campaign.yaml"


class Kind(Enum):
    """What a cell holds."""

    TEXT = "文字"
    LIST = "几个词"
    DAY = "日期"
    CLOCK = "时刻"
    FLAG = "是或否"
    WHOLE = "整数"
    PERCENT = "百分数"
    CHOICE = "选一个"
    CHOICES = "选几个"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its key (`due.on` is `on` below `due`), and a remark for whoever fills it in.

    `choices` are the key's values and their words on the sheet.
    """

    heading: str
    key: str
    about: str = ""
    kind: Kind = Kind.TEXT
    choices: Mapping[str, str] = field(default_factory=dict)
    width: int = 16
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A sheet of rows for a list of campaign.yaml; `parent` is the list each row belongs to one of."""

    name: str
    key: str
    columns: tuple[Column, ...]
    about: str
    parent: str = ""  # items or activities
    parent_heading: str = ""


CHECK = {"must": "必须", "advice": "建议"}
OBLIGATION = {"required": "必报", "voluntary": "自愿", "rolling": "随时报"}
# Stands in 要求 where groups differ; then the rows of 各组要求 hold.
BY_GROUP = "分组"
NO_REMINDERS = "不催"
_ITEM_KINDS = {"form": "登记表", "summary": "总结", "free": "其他"}
_MEDIA = {"electronic": "电子版", "paper": "纸质版"}
_FIELD_KINDS = {
    "text": "文字",
    "choice": "选项",
    "date": "日期",
    "phone": "电话",
    "number": "数字",
    "checkbox": "勾选",
}
_PREFILLS = {"none": "不填", "unit": "单位名称", "contact": "联系人", "phone": "电话", "email": "邮箱"}
_WHAT = {"template": "模板", "file": "成品"}
_ROLES = {"主办": "主办", "承办": "承办", "协办": "协办"}

# 活动: one fact a row — 项目, 内容, 说明.
FACTS_SHEET = "活动"
FACTS_HEADINGS = ("项目", "内容", "说明")
FACTS = (
    Column("发文机关", "issuer", "单位全称，必填", is_required=True),
    Column("标题", "title", "通知的完整标题，必填", is_required=True),
    Column(
        "标题分行",
        "title_lines",
        "标题怎样分行，一行一个（Alt+回车换行）；空着由程序按词意分行",
        Kind.LIST,
    ),
    Column("主题", "theme", "可不填"),
    Column("主题说明", "theme_note", "可不填"),
    Column("发文字号", "doc_number", "由办公室编号后填写，如 晋市监函〔2024〕209号；没有就空着"),
    Column("成文日期", "signed_on", "如 2024-08-20；没有就空着", Kind.DAY),
    Column("公开发布", "public", "是：在日期下面印“（此件公开发布）”", Kind.FLAG),
    Column("信函格式", "letter_format", "是：信函格式；否：文件格式", Kind.FLAG),
    Column("主送机关", "addressees", "照通知的写法，末尾不写冒号"),
    Column("组别", "groups", "发给通讯录里的哪些组别，几个组用顿号隔开，必填", Kind.LIST, is_required=True),
    Column("名单外组别", "unlisted_groups", "主送里有、通讯录里没有的；不发信，不催报", Kind.LIST),
    Column("欢迎报送的外单位", "third_party_groups", "通讯录以外也欢迎报送的", Kind.LIST),
    Column("通知各单位相同", "notice_same_for_all", "一般为“是”；各单位正文不同时写“否”", Kind.FLAG),
    Column("最少天数", "minimum_days", "最后一个单位收到后，离截止至少几天；空着是 5", Kind.WHOLE),
    Column("经办人", "clerk", "谁处理提问和延期申请（office.yaml 里的姓名）"),
    Column("寄送单位", "post.to", "纸质件寄给谁；收纸质件时必填"),
    Column("寄送地址", "post.street", "纸质件的地址"),
    Column("邮政编码", "post.postcode", "6 位数字"),
    Column("自动发回执", "automatic.receipts", "空着是“是”；否：回执先存为草稿，经办人看过再发", Kind.FLAG),
    Column("自动发补正", "automatic.corrections", "否：先存为草稿；空着：第一次活动存草稿", Kind.FLAG),
    Column("自动发催办", "automatic.reminders", "否：先存为草稿；空着：第一次活动存草稿", Kind.FLAG),
    Column("样例说明", "sample_note", "样例才用"),
)

_ITEMS = (
    Column("代号", "key", "小写英文，如 summary；写定后不要改", width=14, is_required=True),
    Column("名称", "name", "如：活动总结", width=22, is_required=True),
    Column("类别", "kind", "登记表、总结或其他", Kind.CHOICE, _ITEM_KINDS, 10, is_required=True),
    Column("截止日期", "due.on", "如 2024-09-28，当天算在内；随时报的空着", Kind.DAY, width=13),
    Column("截止时刻", "due.at", "如 17:00；空着是当天 24:00", Kind.CLOCK, width=10),
    Column("遇休息日顺延", "due.carries_over", "是或否；空着的，复核时会问", Kind.FLAG, width=13),
    Column(
        "要求",
        "obligation",
        "必报、自愿、随时报；各组不同时写“分组”，再填工作表“各组要求”",
        Kind.CHOICE,
        OBLIGATION,
        10,
        is_required=True,
    ),
    Column("可报多件", "many", "是：每件各算各的", Kind.FLAG, width=10),
    Column("形式", "media", "电子版、纸质版；都要时用顿号隔开", Kind.CHOICES, _MEDIA, 16),
    Column("字数", "length.about", "大约多少字", Kind.WHOLE, width=8),
    Column("字数浮动", "length.tolerance", "上下浮动百分之几，空着是 20", Kind.PERCENT, width=10),
    Column("字数要求", "length.check", "必须：不合就请补正；建议：只提示经办人", Kind.CHOICE, CHECK, 10),
    Column("应写部分", "sections.names", "如：开展情况、活动效果", Kind.LIST, width=22),
    Column("部分要求", "sections.check", "必须或建议", Kind.CHOICE, CHECK, 10),
    Column("部分的别名", "sections.synonyms", "如：活动效果=工作成效", Kind.LIST, width=22),
    Column("图片至少", "pictures.at_least", "几张", Kind.WHOLE, width=10),
    Column("图片要求", "pictures.check", "必须或建议", Kind.CHOICE, CHECK, 10),
    Column("可零报告", "nil_report", "是：没有可报的，回复“零报告”即可", Kind.FLAG, width=10),
    Column("登记表文件", "form", "登记表的文件名，如 works-form.docx", width=20),
    Column("外单位可报", "third_parties", "是：通讯录以外的单位也可报", Kind.FLAG, width=11),
    Column("宽限天数", "grace_days", "过期几天内仍不算逾期", Kind.WHOLE, width=10),
    Column("停止接收", "cut_off_on", "到哪天不再接收", Kind.DAY, width=13),
    Column("紧急", "urgent", "是：收到后立即提醒经办人", Kind.FLAG, width=8),
    Column("识别词", "keywords", "文件名或主题里出现就认作这项材料的词", Kind.LIST, width=18),
    Column("说明", "note", "给单位看的一句话", width=40),
)
_FIELDS = (
    Column("代号", "key", "小写英文，如 phone", width=14, is_required=True),
    Column("栏目", "label", "表上印的字", width=18, is_required=True),
    Column("类型", "kind", "空着是文字", Kind.CHOICE, _FIELD_KINDS, 10),
    Column("必填", "required", "空着是“是”", Kind.FLAG, width=8),
    Column("选项", "choices", "类型为“选项”时列出，用顿号隔开", Kind.LIST, width=26),
    Column("别的叫法", "synonyms", "单位可能写的别的名称", Kind.LIST, width=20),
    Column("核对", "check", "空着是“必须”", Kind.CHOICE, CHECK, 8),
    Column("区分各件", "title", "是：用它区分各件作品（如作品名称）", Kind.FLAG, width=10),
    Column("单位名称栏", "unit_name", "是：单位填自己名称的一栏", Kind.FLAG, width=11),
    Column("预先填好", "prefill", "由程序填上；单位名称栏空着也填单位名称", Kind.CHOICE, _PREFILLS, 12),
)

SHEETS = (
    Leaf("材料", "items", _ITEMS, "要各单位报什么，一项一行"),
    Leaf(
        "各组要求",
        "scopes",
        (
            Column("组别", "groups", "几个组用顿号隔开", Kind.LIST, width=36, is_required=True),
            Column("要求", "obligation", "", Kind.CHOICE, OBLIGATION, 10, is_required=True),
        ),
        "材料的“要求”写了“分组”的才填，先写的先用",
        "items",
        "材料",
    ),
    Leaf("表格字段", "fields", _FIELDS, "登记表要填哪些栏，一栏一行", "items", "材料"),
    Leaf(
        "催办",
        "reminders",
        (
            Column(
                "步骤",
                "name",
                f"如：到期前提醒；不催的材料写一行“{NO_REMINDERS}”",
                width=18,
                is_required=True,
            ),
            Column("提前天数", "days_before", "到期前几天；到期后写负数", Kind.WHOLE, width=10),
            Column("时刻", "at", "空着是 09:30", Kind.CLOCK, width=10),
        ),
        "什么时候催；一行也不写的材料用默认的两次",
        "items",
        "材料",
    ),
    Leaf(
        "附件",
        "attachments",
        (
            Column("文件", "file", "文件夹里的文件名", width=28, is_required=True),
            Column("名称", "title", "附件说明里印的名称，末尾不加标点；通知正文可空着", width=36),
            Column("类别", "kind", "模板（.docx，由程序填写）或成品（原样发送）", Kind.CHOICE, _WHAT, 8),
            Column("通知正文", "notice", "只有一个文件写“是”", Kind.FLAG, width=10),
            Column("材料", "item", "是哪项材料的登记表（代号）", width=14),
            Column("各单位相同", "same_for_all", "一般空着", Kind.FLAG, width=11),
        ),
        "随信发什么，按附件说明的顺序",
    ),
    Leaf(
        "活动安排",
        "activities",
        (
            Column("名称", "name", "", width=36, is_required=True),
            Column("时间", "time", "照通知写，如 9月任选一周", width=20),
            Column("主题", "theme", "", width=30),
            Column("内容", "about", "", width=60),
            Column("自选时间", "may_choose_time", "是：各单位自己定时间", Kind.FLAG, width=10),
        ),
        "办什么活动，一项一行",
    ),
    Leaf(
        "组织单位",
        "organisers",
        (
            Column("单位", "name", "照通知的写法", width=28, is_required=True),
            Column("分工", "role", "主办、承办、协办", Kind.CHOICE, _ROLES, 8, is_required=True),
            Column("通讯录单位", "units", "指通讯录里的哪些单位，写全称", Kind.LIST, width=36),
            Column("通讯录组别", "group", "指通讯录里的哪个组", width=22),
        ),
        "每项活动由谁办，一个单位一行",
        "activities",
        "活动名称",
    ),
    Leaf(
        "抄送",
        "copies_to",
        (
            Column("单位", "name", "", width=30, is_required=True),
            Column("邮箱", "addresses", "几个用顿号隔开；没有的只印在通知上", Kind.LIST, width=40),
        ),
        "只收一份通知",
    ),
    Leaf(
        "联系人",
        "contacts",
        (
            Column("姓名", "name", "", width=12, is_required=True),
            Column("电话", "phone", "", width=24),
            Column("邮箱", "address_as_printed", "照通知印的写法", width=30),
            Column("处室", "office", "", width=18),
        ),
        "单位有疑问找谁",
    ),
    Leaf(
        "网页",
        "links",
        (
            Column("名称", "title", "", width=36, is_required=True),
            Column("网址", "url", "以 http:// 或 https:// 开头", width=44, is_required=True),
        ),
        "通知里提到的网页",
    ),
)
BY_NAME = {each.name: each for each in SHEETS}
NOTES_SHEET = "说明"
# A clerk's own jottings; their sheets are not read.
OWN_SHEETS = (NOTES_SHEET, "备注")


def folded(heading: str) -> str:
    """A heading without blanks, stars, colons and what stands in brackets."""
    plain = unicodedata.normalize("NFKC", heading)
    return re.sub(r"\(.*?\)|[\s*:：]", "", plain)
