"""Shanghai 2021: nineteen units; summaries on paper and by mail, news as it comes."""

from __future__ import annotations

from service.rehearsal.prose import summary
from service.rehearsal.scenario import (
    Grant,
    Look,
    Outcome,
    PaperInBook,
    RecordPaper,
    Row,
    Scenario,
    Step,
    Stranger,
    at,
)
from service.rehearsal.units.acts import AwayNote, Client, Photo, Report, Write


def _district(name: str) -> str:
    return f"上海市{name}市场监督管理局"


HUANGPU, XUHUI, CHANGNING = _district("黄浦区"), _district("徐汇区"), _district("长宁区")
JINGAN, PUTUO, HONGKOU = _district("静安区"), _district("普陀区"), _district("虹口区")
YANGPU, MINHANG, BAOSHAN = _district("杨浦区"), _district("闵行区"), _district("宝山区")
JIADING, PUDONG, JINSHAN = _district("嘉定区"), _district("浦东新区"), _district("金山区")
SONGJIANG, QINGPU, FENGXIAN = _district("松江区"), _district("青浦区"), _district("奉贤区")
CHONGMING = _district("崇明区")
LINGANG = "中国（上海）自由贸易试验区临港新片区市场监督管理局"
SIMT, SQI = "上海市计量测试技术研究院", "上海市质量监督检验技术研究院"
COLLEAGUE = "杨浦区局吴平凉（私人邮箱）"

NOTICE = "世界认可日"


def _report(place: str) -> Report:
    return Report(f"{place}“世界认可日”活动总结.docx", f"{place}“世界认可日”活动总结", summary(place))


def _news(title: str) -> Report:
    words = "6月9日“世界认可日”当天，辖区开展主题宣传，邀请市民走进实验室，现场讲解检验检测知识。"
    return Report(f"新闻稿件：{title}.docx", title, (("活动信息", words),), 1)


def _sent(
    day: str, clock: str, unit: str, place: str, client: Client, sign: str, answers: str = NOTICE
) -> Step:
    words = f"市局认证监管处：\n现报送我单位活动总结电子版，请查收。\n{sign}"
    return Step(at(day, clock), unit, Write(words, client, answers, (_report(place),)), "报来总结电子版")


def _paper(day: str, clock: str, unit: str, says: str) -> Step:
    return Step(at(day, clock), "陆申涛", RecordPaper(unit, "summary", "邮寄到处，已核对盖章"), says)


_STEPS = (
    Step(at("2021-06-01", "14:00"), BAOSHAN, Write("收到，谢谢。", Client.PHONE, NOTICE), "回了一句“收到”"),
    Step(
        at("2021-06-02", "09:40"),
        QINGPU,
        Write("请问总结的纸质版需要盖章吗？", Client.QQ_WEB, NOTICE),
        "来信询问纸质版要不要盖章",
    ),
    Step(
        at("2021-06-09", "16:20"),
        JINGAN,
        Write(
            "报送今天主题活动的新闻稿件。\n静安区市场监管局 严景和",
            Client.OUTLOOK,
            NOTICE,
            (_news("静安区举办“6·9世界认可日”主题活动"),),
        ),
        "当天报来新闻稿件",
    ),
    Step(
        at("2021-06-10", "09:30"),
        JINGAN,
        Write(
            "再报一篇。\n静安区市场监管局 严景和",
            Client.OUTLOOK,
            NOTICE,
            (_news("静安区一站式服务平台启动"),),
        ),
        "又报来一篇",
    ),
    Step(
        at("2021-06-10", "11:00"),
        HUANGPU,
        Write(
            "珠宝玉石检测活动的信息两篇。\n黄浦区市场监管局 金予安",
            Client.FOXMAIL,
            NOTICE,
            (_news("黄浦区珠宝玉石检测服务提升"), _news("市民走进珠宝实验室")),
        ),
        "一封信报来两篇",
    ),
    _paper("2021-06-15", "10:00", HUANGPU, "黄浦的总结纸质版先到，由经办人登记"),
    Step(
        at("2021-06-15", "10:10"), "陆申涛", Look(HUANGPU, "summary", "awaited"), "查看台账：黄浦只到了纸质版"
    ),
    _sent("2021-06-16", "09:00", HUANGPU, "黄浦区", Client.FOXMAIL, "黄浦区市场监管局 金予安"),
    _sent("2021-06-17", "15:00", XUHUI, "徐汇区", Client.QQ_WEB, "徐汇区市场监管局 葛书桓"),
    _paper("2021-06-21", "09:30", XUHUI, "徐汇的纸质版也到了"),
    _sent("2021-06-18", "10:30", JINGAN, "静安区", Client.OUTLOOK, "静安区市场监管局 严景和"),
    _paper("2021-06-21", "09:40", JINGAN, "静安的纸质版也到了"),
    Step(
        at("2021-06-18", "14:00"),
        YANGPU,
        Write("平凉：总结你来报。", Client.QQ_WEB, NOTICE, forward_to="wupl1990@post.example"),
        "把通知转给同事吴平凉",
    ),
    Step(
        at("2021-06-18", "16:30"),
        COLLEAGUE,
        Write(
            "认证监管处：\n总结见附件。\n\n杨浦区市场监管局　吴平凉",
            Client.NETEASE,
            NOTICE,
            (_report("杨浦区"),),
            to_first_sender=True,
        ),
        "同事从自己的邮箱报来总结，落款写明单位",
    ),
    _paper("2021-06-22", "14:00", YANGPU, "杨浦的纸质版也到了"),
    Step(
        at("2021-06-21", "15:00"),
        MINHANG,
        Write(
            "总结先报，照片另发。\n闵行区市场监管局 张莘庄",
            Client.FOXMAIL,
            NOTICE,
            (_report("闵行区"),),
            has_raw_names=True,
        ),
        "报来总结，信是 GBK 编码，文件名是裸的中文字节",
    ),
    Step(
        at("2021-06-21", "15:04"),
        MINHANG,
        Write(
            "总结的现场照片。\n闵行区市场监管局 张莘庄", Client.FOXMAIL, NOTICE, (Photo("总结现场照片.png"),)
        ),
        "补来照片",
    ),
    _paper("2021-06-22", "14:10", MINHANG, "闵行的纸质版也到了"),
    Step(
        at("2021-06-22", "11:00"),
        CHONGMING,
        Write("我区活动安排在6月26日，总结能否延期到7月2日报送？", Client.QQ_WEB, "报送提醒"),
        "来信请求延期",
    ),
    Step(
        at("2021-06-22", "15:00"),
        "陆申涛",
        Grant(CHONGMING, "summary", "2021-07-02", "活动时间在后，同意延期", CHONGMING),
        "同意崇明延期到7月2日",
    ),
    _sent("2021-06-23", "09:00", PUDONG, "浦东新区", Client.OUTLOOK, "浦东新区市场监管局 倪川沙", "报送提醒"),
    _paper("2021-06-24", "16:00", PUDONG, "浦东的纸质版也到了"),
    _sent("2021-06-18", "15:20", CHANGNING, "长宁区", Client.QQ_WEB, "长宁区市场监管局 应若岚"),
    _paper("2021-06-21", "09:50", CHANGNING, "长宁的纸质版也到了"),
    _sent("2021-06-21", "10:00", JINSHAN, "金山区", Client.NETEASE, "金山区市场监管局 曹枫泾"),
    Step(
        at("2021-06-22", "09:00"),
        "陆申涛",
        PaperInBook(JINSHAN, "summary", "邮寄到处，已核对盖章"),
        "金山的纸质版也到了，填在台账.xlsx的“登记”里",
    ),
    _sent("2021-06-24", "09:30", FENGXIAN, "奉贤区", Client.PHONE, "奉贤区市场监管局 宋南桥", "报送提醒"),
    _paper("2021-06-25", "09:10", FENGXIAN, "奉贤的纸质版也到了"),
    _sent("2021-06-23", "16:00", SQI, "市质检院", Client.OUTLOOK, "市质检院 闻检言", "报送提醒"),
    _paper("2021-06-25", "09:20", SQI, "市质检院的纸质版也到了"),
    _sent(
        "2021-06-24", "10:00", SIMT, "市计量院", Client.NETEASE, "上海市计量测试技术研究院 秦量衡", "报送提醒"
    ),
    _paper("2021-06-25", "09:00", SIMT, "市计量院的纸质版也到了"),
    _sent(
        "2021-06-25", "23:40", LINGANG, "临港新片区", Client.PHONE, "临港新片区市场监管局 海滴水", "报送提醒"
    ),
    _paper("2021-06-25", "11:00", LINGANG, "临港的纸质版先到"),
    _sent("2021-06-28", "10:00", JIADING, "嘉定区", Client.QQ_WEB, "嘉定区市场监管局 陆南翔", "逾期未报"),
    _paper("2021-06-29", "10:00", JIADING, "嘉定的纸质版也到了，迟报"),
    _sent("2021-07-01", "10:00", CHONGMING, "崇明区", Client.FOXMAIL, "崇明区市场监管局 施东滩"),
    _paper("2021-07-01", "15:00", CHONGMING, "崇明的纸质版也到了，在延长的期限之内"),
)

_BOTH = Row("returned", entries=1, version=1)
_FULL = Outcome({"summary": _BOTH}, ("acknowledged",), receipts=1)
_CHASED = Outcome({"summary": _BOTH}, ("acknowledged",), receipts=1, reminders=1)
_NEVER = Outcome(reminders=2)

_OUTCOMES = {
    HUANGPU: Outcome(
        {"summary": _BOTH, "news": Row("returned", entries=2, version=1)}, ("acknowledged",) * 2, receipts=2
    ),
    XUHUI: _FULL,
    CHANGNING: _FULL,
    JINGAN: Outcome(
        {"summary": _BOTH, "news": Row("returned", entries=2, version=1)}, ("acknowledged",) * 3, receipts=3
    ),
    PUTUO: _NEVER,
    HONGKOU: Outcome(letters=("ignored",), reminders=2),
    YANGPU: Outcome({"summary": _BOTH}, reminders=1),
    MINHANG: Outcome(
        {"summary": Row("returned", entries=1, version=2)}, ("acknowledged",) * 2, receipts=2, reminders=1
    ),
    BAOSHAN: Outcome(letters=("noted",), reminders=2),
    JIADING: Outcome(
        {"summary": Row("returned", is_late=True, entries=1, version=1)},
        ("acknowledged",),
        receipts=1,
        reminders=2,
    ),
    PUDONG: _CHASED,
    JINSHAN: _FULL,
    SONGJIANG: Outcome({"summary": Row("undelivered"), "news": Row("undelivered")}),
    QINGPU: Outcome(letters=("asked",), reminders=2),
    FENGXIAN: _CHASED,
    CHONGMING: Outcome({"summary": _BOTH}, ("noted", "acknowledged"), receipts=1, reminders=2),
    LINGANG: _CHASED,
    SIMT: _CHASED,
    SQI: _CHASED,
    COLLEAGUE: Outcome(letters=("acknowledged",), receipts=1),
}

SHANGHAI = Scenario(
    campaign="shanghai-2021-accreditation-day",
    signer="顾望舒",
    released_at=at("2021-06-01", "10:00"),
    ends_at=at("2021-07-09", "17:00"),
    strangers=(Stranger(COLLEAGUE, "吴平凉", "wupl1990@post.example"),),
    away={HONGKOU: AwayNote("您好，我在外地培训，来信已收到，回沪后尽快答复。")},
    dead_addresses={"rzk@songjiang-scjg.example": "User unknown"},
    steps=tuple(sorted(_STEPS, key=lambda step: step.at)),
    outcomes=_OUTCOMES,
    notices=23,
    bounces=1,
)
