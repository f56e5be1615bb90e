"""Shanxi 2024: forty units, from the release on 20 August to the second week of October."""

from __future__ import annotations

from service.rehearsal.prose import summary
from service.rehearsal.scenario import (
    Assign,
    Look,
    Note,
    Outcome,
    RecordPaper,
    Row,
    Scenario,
    Step,
    Stranger,
    at,
)
from service.rehearsal.units.acts import AwayNote, Client, Filled, Photo, Report, Write

TAIYUAN = "太原市市场监督管理局"
DATONG = "大同市市场监督管理局"
SHUOZHOU = "朔州市市场监督管理局"
XINZHOU = "忻州市市场监督管理局"
YANGQUAN = "阳泉市市场监督管理局"
LVLIANG = "吕梁市市场监督管理局"
JINZHONG = "晋中市市场监督管理局"
CHANGZHI = "长治市市场监督管理局"
JINCHENG = "晋城市市场监督管理局"
LINFEN = "临汾市市场监督管理局"
YUNCHENG = "运城市市场监督管理局"
ZONE = "山西转型综改示范区市场监督管理局"
FENBIN = "太原汾滨检验检测有限公司"
JINYUAN = "太原晋源食品检测中心有限公司"
YUHE = "大同御河计量检测有限公司"
PINGSHUI = "临汾平水检验检测有限公司"
JINZHI = "山西晋质认证有限公司"
TANGFENG = "山西唐风有机产品认证有限公司"
YANQI = "山西雁栖服务认证有限公司"
PINGCHENG = "大同平城绿色认证有限公司"

COLLEAGUE = "晋中市局李榆社（私人邮箱）"
COUNTY = "沁源县市场监督管理局"
VINEGAR = "山西老陈坊醋业有限公司"

# Who answers nothing and owes nothing: institutions, all of whose items are voluntary or rolling.
SILENT = (
    "朔州桑干煤质检测有限公司",
    "忻州滹沱环境检测有限公司",
    "阳泉桃河建材检测有限公司",
    "吕梁北川酒类检验有限公司",
    "晋中潇河农产品检测有限公司",
    "长治漳泽机械检测有限公司",
    "晋城丹河铸件检测有限公司",
    "运城盐湖化工检测有限公司",
    "山西河汾特种设备检测有限公司",
    "山西太行纺织品检测有限公司",
    "山西表里电器检测有限公司",
    "山西云顶机动车检测有限公司",
    "山西并州管理体系认证有限公司",
    "山西绿源产品认证有限公司",
    "太原双塔认证服务有限公司",
    "太原迎泽体系认证中心有限公司",
    "晋中榆水有机认证有限公司",
    "长治上党认证有限公司",
    "临汾尧乡食品认证有限公司",
    "运城河东农产品认证有限公司",
)


def _work(
    title: str, unit: str, kind: str, form: str, contact: str, phone: str, about: str
) -> tuple[tuple[str, str], ...]:
    """What a person writes into the form, label by label."""
    return (
        ("作品名称", title),
        ("报送单位", unit),
        ("单位类型", kind),
        ("作品形式", form),
        ("联系人", contact),
        ("联系电话", phone),
        ("完成日期", "2024年8月20日"),
        ("作品简介", about),
        ("原创承诺", "☑承诺原创"),
    )


def _report(city: str, name: str = "", *, pictures: int = 1) -> Report:
    return Report(
        name or f"{city}宣传周工作总结.docx", f"{city}质量认证系列宣传周工作总结", summary(city), pictures
    )


NOTICE = "晋市监函〔2024〕209号"

_AUGUST = (
    Step(
        at("2024-08-20", "14:20"),
        FENBIN,
        Write("收到，谢谢！", Client.PHONE, NOTICE),
        "回了一句“收到”",
    ),
    Step(
        at("2024-08-20", "16:05"),
        JINYUAN,
        Write("老师您好，请问我中心与合作企业联合完成的作品可以报送吗？", Client.QQ_WEB, NOTICE),
        "来信询问联合完成的作品能不能报",
    ),
    Step(
        at("2024-08-21", "09:15"),
        "乔雁北",
        Note(JINYUAN, "已电话答复：可以，由牵头单位报送"),
        "打电话答复，询问办结",
    ),
    Step(
        at("2024-08-22", "10:30"),
        CHANGZHI,
        Write(
            "沁源县局：转去省局通知，请按要求落实。",
            Client.OUTLOOK,
            NOTICE,
            forward_to="rzg@qinyuan-scjg.example",
        ),
        "把通知原样转给沁源县局",
    ),
    Step(
        at("2024-08-22", "11:40"),
        JINZHONG,
        Write("榆社：作品的事你来报一下。", Client.QQ_WEB, NOTICE, forward_to="liyushe85@post.example"),
        "把通知转给同事李榆社",
    ),
    Step(
        at("2024-08-23", "09:40"),
        COLLEAGUE,
        Write(
            "省局认证处：\n我局作品登记表见附件，请查收。\n\n晋中市市场监督管理局　李榆社",
            Client.NETEASE,
            NOTICE,
            (
                Filled(
                    _work(
                        "一碗放心面",
                        "晋中市市场监督管理局",
                        "其他",
                        "图文",
                        "李榆社",
                        "0354-5556621",
                        "餐饮服务认证走进老字号面馆。",
                    ),
                    "晋中局作品登记表.docx",
                ),
            ),
            to_first_sender=True,
        ),
        "同事从自己的邮箱报来登记表，落款写明单位",
    ),
    Step(
        at("2024-08-23", "15:10"),
        COUNTY,
        Write(
            "省局：\n现将我县作品报上。\n\n沁源县市场监督管理局\n2024年8月23日",
            Client.FOXMAIL,
            NOTICE,
            (
                Filled(
                    _work(
                        "沁源连翘的认证路",
                        "沁源县市场监督管理局",
                        "其他",
                        "案例",
                        "田灵空",
                        "0355-5557012",
                        "有机认证带动连翘种植增收。",
                    ),
                    "沁源县作品登记表.docx",
                ),
            ),
            to_first_sender=True,
        ),
        "县局拿着市局的表，以自己的名义答复",
    ),
    Step(
        at("2024-08-23", "15:30"),
        "樊汾生",
        Look(CHANGZHI, "works", "in-review"),
        "查看台账：长治的作品待人工",
    ),
    Step(
        at("2024-08-23", "16:00"),
        "樊汾生",
        Assign(COUNTY, COUNTY, "works", "县局自行报送的作品，按通讯录外单位收下，不算长治市局的"),
        "确认这是县局自己的作品",
    ),
    Step(
        at("2024-08-24", "20:15"),
        VINEGAR,
        Write(
            "认证处：\n我公司在省局网站看到征集通知，现报送作品一件。\n\n山西老陈坊醋业有限公司 贾清徐",
            Client.QQ_WEB,
            papers=(
                Filled(
                    _work(
                        "老陈醋里的服务认证",
                        "山西老陈坊醋业有限公司",
                        "获证组织",
                        "视频",
                        "贾清徐",
                        "19900008123",
                        "讲述售后服务认证怎样改变一家老厂。",
                    )
                ),
            ),
            from_website=True,
            subject="报送服务认证作品",
        ),
        "不在通讯录，从网站下载公开版登记表，填好报来",
    ),
    Step(
        at("2024-08-26", "09:05"),
        TAIYUAN,
        Write(
            "省局认证处：\n现报上我局推荐的作品一件，请查收。\n\n太原市市场监督管理局认证科 武晋阳",
            Client.OUTLOOK,
            NOTICE,
            (
                Filled(
                    _work(
                        "认证就在身边",
                        TAIYUAN,
                        "其他",
                        "视频",
                        "武晋阳",
                        "0351-5552000",
                        "三分钟短片，走访五家获证服务企业。",
                    )
                ),
            ),
        ),
        "按时报来填好的登记表",
    ),
    Step(
        at("2024-08-26", "10:20"),
        YUHE,
        Write(
            "两件作品的登记表一并报上，谢谢。",
            Client.FOXMAIL,
            NOTICE,
            (
                Filled(
                    _work(
                        "秤准心安", YUHE, "其他", "图文", "薛北岳", "19900003026", "集贸市场电子秤公益检测。"
                    ),
                    "登记表（一）.docx",
                ),
                Filled(
                    _work(
                        "云冈石窟里的计量",
                        YUHE,
                        "其他",
                        "视频",
                        "薛北岳",
                        "19900003026",
                        "文物保护中的温湿度计量。",
                    ),
                    "登记表（二）.docx",
                ),
            ),
        ),
        "一封信报来两件作品",
    ),
    Step(
        at("2024-08-26", "15:45"),
        TANGFENG,
        Write(
            "您好，登记表见附件。",
            Client.NETEASE,
            NOTICE,
            (
                Filled(
                    _work(
                        "小米地头的检查员",
                        TANGFENG,
                        "认证机构",
                        "图文",
                        "郝晓禾",
                        "19900005017",
                        "记录一次有机小米的现场检查。",
                    ),
                    "山西唐风有机作品登记表.docx",
                ),
            ),
        ),
        "报来登记表，信是 GBK 编码，文件名是中文",
    ),
    Step(
        at("2024-08-27", "08:50"),
        YANQI,
        Write(
            "表格手机上打不开，直接填在这里：",
            Client.PHONE,
            NOTICE,
            lines=_work(
                "银发食堂的一天", YANQI, "认证机构", "案例", "史善行", "19900005068", "养老助餐服务认证案例。"
            ),
        ),
        "表打不开，在回信里逐行填写“标签：”",
    ),
    Step(
        at("2024-08-27", "14:30"),
        XINZHOU,
        Write(
            "省局认证处：作品登记表已填好，请收。\n忻州市市场监管局 邢雁门",
            Client.FOXMAIL,
            NOTICE,
            (
                Filled(
                    _work(
                        "杂粮有了身份证", XINZHOU, "其他", "视频", "邢雁门", "", "忻州杂粮绿色产品认证故事。"
                    ),
                ),
            ),
        ),
        "报来登记表，漏填联系电话",
    ),
    Step(
        at("2024-08-27", "15:00"),
        "乔雁北",
        Look(XINZHOU, "works", "needs-correction"),
        "查看台账：忻州的作品待补正",
    ),
    Step(
        at("2024-08-28", "09:20"),
        XINZHOU,
        Write(
            "不好意思，电话漏填了，补正后的登记表见附件。\n忻州市市场监管局 邢雁门",
            Client.FOXMAIL,
            "请补正",
            (
                Filled(
                    _work(
                        "杂粮有了身份证",
                        XINZHOU,
                        "其他",
                        "视频",
                        "邢雁门",
                        "0350-5552033",
                        "忻州杂粮绿色产品认证故事。",
                    ),
                    "服务认证作品登记表（补正）.docx",
                ),
            ),
        ),
        "看到补正通知，补上电话重新报来",
    ),
    Step(
        at("2024-08-28", "17:10"),
        PINGSHUI,
        Write(
            "三家单位的通知都收到了，先报临汾平水的一件，见附件。",
            Client.QQ_WEB,
            f"{PINGSHUI}：",
            (
                Filled(
                    _work(
                        "检测进校园",
                        PINGSHUI,
                        "其他",
                        "图文",
                        "柴洪洞",
                        "19900003130",
                        "请小学生走进食品检测实验室。",
                    ),
                    "临汾平水登记表.docx",
                ),
            ),
        ),
        "一人管三家单位，先报其中一家的作品",
    ),
)

_SEPTEMBER = (
    Step(
        at("2024-09-06", "11:00"),
        TAIYUAN,
        Write(
            "现报送重大活动信息一则，请阅。\n太原市市场监督管理局",
            Client.OUTLOOK,
            NOTICE,
            (
                Report(
                    "重大活动信息：太原市启动服务认证体验周.docx",
                    "重大活动：太原市启动服务认证体验周",
                    (("活动情况", "9月5日，服务认证体验周在钟楼街启动，三百余名群众到场体验。"),),
                    1,
                ),
            ),
        ),
        "随时报来一则重大活动信息",
    ),
    Step(
        at("2024-09-18", "10:10"),
        YANGQUAN,
        Write(
            "休假回来，现报上宣传周总结。\n阳泉市市场监管局 荆娘关",
            Client.QQ_WEB,
            NOTICE,
            (_report("阳泉市"),),
        ),
        "休假回来，报来总结",
    ),
    Step(
        at("2024-09-20", "16:00"),
        JINZHONG,
        Write(
            "我局宣传周工作总结见附件。\n晋中市市场监督管理局 常榆次",
            Client.OUTLOOK,
            NOTICE,
            (_report("晋中市", pictures=2),),
        ),
        "按时报来总结",
    ),
    Step(
        at("2024-09-20", "16:40"),
        "乔雁北",
        RecordPaper(YUNCHENG, "summary", "机要件先到纸质总结一份，已扫描存档", "运城市总结（纸质扫描）.pdf"),
        "运城的总结纸质版先到，由经办人登记",
    ),
    Step(
        at("2024-09-23", "09:30"),
        JINCHENG,
        Write(
            "省局认证处：\n现将我局宣传周工作总结报上。\n晋城市市场监督管理局　司泽州",
            Client.FOXMAIL,
            NOTICE,
            (_report("晋城市"),),
            has_raw_names=True,
        ),
        "报来总结，信是 GBK 编码，文件名是裸的中文字节",
    ),
    Step(
        at("2024-09-24", "10:00"),
        CHANGZHI,
        Write(
            "现报上长治市宣传周工作总结。\n长治市市场监督管理局 申上党",
            Client.NETEASE,
            NOTICE,
            (_report("长治市"),),
        ),
        "按时报来总结",
    ),
    Step(
        at("2024-09-25", "08:40"),
        TAIYUAN,
        Write(
            "太原市宣传周工作总结见附件，请查收。\n太原市市场监督管理局 武晋阳",
            Client.OUTLOOK,
            NOTICE,
            (_report("太原市", pictures=3),),
        ),
        "按时报来总结",
    ),
    Step(
        at("2024-09-25", "10:00"),
        LINFEN,
        Write(
            "总结见附件，图片比较大，随后分几封发。\n临汾市市场监管局",
            Client.FOXMAIL,
            NOTICE,
            (_report("临汾市", pictures=0),),
        ),
        "报来总结，五封信中的第一封",
    ),
    *(
        Step(
            at("2024-09-25", f"10:{2 * number:02d}"),
            LINFEN,
            Write("补充图片。\n临汾市市场监管局", Client.FOXMAIL, NOTICE, (Photo(f"临汾现场{number}.png"),)),
            f"补充图片，五封信中的第{'二三四五'[number - 1]}封",
        )
        for number in range(1, 5)
    ),
    Step(at("2024-09-26", "10:00"), "乔雁北", Look(SHUOZHOU, "summary", "awaited"), "查看台账：朔州未报"),
    Step(
        at("2024-09-26", "15:20"),
        XINZHOU,
        Write(
            "忻州市宣传周总结见附件。\n忻州市市场监管局 邢雁门",
            Client.FOXMAIL,
            "报送提醒",
            (_report("忻州市"),),
        ),
        "看到催办，报来总结",
    ),
    Step(
        at("2024-09-27", "09:10"),
        YUNCHENG,
        Write(
            "电子版总结补上，纸质的已寄。\n运城市市场监督管理局 关河东",
            Client.QQ_WEB,
            "报送提醒",
            (_report("运城市"),),
        ),
        "补来总结电子版",
    ),
    Step(
        at("2024-09-29", "21:30"),
        ZONE,
        Write(
            "示范区宣传周工作总结如下：\n"
            + "\n".join(f"{heading}：{text}" for heading, text in summary("示范区"))
            + "\n\n山西转型综改示范区市场监督管理局 潘潇河",
            Client.PHONE,
            "报送提醒",
        ),
        "顺延后的最后一晚，把总结写在信里报来",
    ),
    Step(
        at("2024-09-30", "10:00"),
        "乔雁北",
        Look(DATONG, "summary", "awaited", is_overdue=True),
        "查看台账：大同逾期未报",
    ),
)

_OCTOBER = (
    Step(
        at("2024-10-08", "09:50"),
        DATONG,
        Write(
            "节前没赶上，现补报我局总结，抱歉。\n大同市市场监督管理局 贺云冈",
            Client.OUTLOOK,
            "逾期未报",
            (_report("大同市"),),
        ),
        "看到逾期催办，迟报总结",
    ),
    Step(
        at("2024-10-09", "11:15"),
        JINZHI,
        Write(
            "我公司自愿报送宣传周工作总结一份，供参考。\n山西晋质认证有限公司 梁思源",
            Client.NETEASE,
            NOTICE,
            (_report("山西晋质认证"),),
        ),
        "自愿报来总结",
    ),
    Step(
        at("2024-10-10", "14:00"),
        PINGCHENG,
        Write("您好，我公司联系人变更为郭悬空，新邮箱另行告知。", Client.QQ_WEB, NOTICE),
        "来信说联系人有变",
    ),
)

_WORK = Row("returned", entries=1, version=1)
_SUMMARY = Row("returned", entries=1, version=1)

_OUTCOMES = {
    TAIYUAN: Outcome(
        {"works": _WORK, "summary": _SUMMARY, "major-events": Row("returned", entries=1, version=1)},
        ("acknowledged", "acknowledged", "acknowledged"),
        receipts=3,
    ),
    DATONG: Outcome(
        {"summary": Row("returned", is_late=True, entries=1, version=1)},
        ("acknowledged",),
        receipts=1,
        reminders=2,
    ),
    SHUOZHOU: Outcome(reminders=2),
    XINZHOU: Outcome(
        {"works": Row("returned", entries=1, version=2), "summary": _SUMMARY},
        ("acknowledged", "acknowledged", "acknowledged"),
        receipts=2,
        corrections=1,
        reminders=1,
    ),
    YANGQUAN: Outcome({"summary": _SUMMARY}, ("ignored", "acknowledged"), receipts=1),
    LVLIANG: Outcome(
        {"works": Row("undelivered"), "summary": Row("undelivered"), "major-events": Row("undelivered")}
    ),
    JINZHONG: Outcome({"works": _WORK, "summary": _SUMMARY}, ("acknowledged",), receipts=1),
    CHANGZHI: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1),
    JINCHENG: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1),
    LINFEN: Outcome({"summary": Row("returned", entries=1, version=5)}, ("acknowledged",) * 5, receipts=2),
    YUNCHENG: Outcome(
        {"summary": Row("returned", entries=1, version=2)}, ("acknowledged",), receipts=1, reminders=1
    ),
    ZONE: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1, reminders=1),
    FENBIN: Outcome(letters=("noted",)),
    JINYUAN: Outcome(letters=("noted",)),
    YUHE: Outcome({"works": Row("returned", entries=2, version=1)}, ("acknowledged",), receipts=1),
    PINGSHUI: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    JINZHI: Outcome({"summary": _SUMMARY}, ("acknowledged",), receipts=1),
    TANGFENG: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    YANQI: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    PINGCHENG: Outcome(letters=("asked",)),
    COLLEAGUE: Outcome(letters=("acknowledged",), receipts=1),
    COUNTY: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    VINEGAR: Outcome({"works": _WORK}, ("acknowledged",), receipts=1),
    **{unit: Outcome() for unit in SILENT},
}

SHANXI = Scenario(
    campaign="shanxi-2024-quality-weeks",
    signer="郝清源",
    released_at=at("2024-08-20", "09:30"),
    ends_at=at("2024-10-11", "17:00"),
    strangers=(
        Stranger(COLLEAGUE, "李榆社", "liyushe85@post.example"),
        Stranger(COUNTY, "田灵空", "rzg@qinyuan-scjg.example"),
        Stranger(VINEGAR, "贾清徐", "pinzhi@laochenfang.example"),
    ),
    away={YANGQUAN: AwayNote("您好，我正在休假，9月中旬返回，来信会尽快回复。")},
    dead_addresses={"rzjg@lvliang-scjg.example": "User unknown in virtual mailbox table"},
    steps=(*_AUGUST, *_SEPTEMBER, *_OCTOBER),
    outcomes=_OUTCOMES,
    notices=43,
    bounces=1,
)
