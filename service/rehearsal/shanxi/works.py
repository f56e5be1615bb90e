"""August: the notice goes round, and works come in until the 28th."""

from __future__ import annotations

from service.rehearsal.scenario import Assign, Look, Note, Step, at
from service.rehearsal.shanxi.cast import (
    CHANGZHI,
    COLLEAGUE,
    COUNTY,
    FENBIN,
    JINYUAN,
    JINZHONG,
    NOTICE,
    PINGSHUI,
    TAIYUAN,
    TANGFENG,
    VINEGAR,
    XINZHOU,
    YANQI,
    YUHE,
    work,
)
from service.rehearsal.units.acts import Client, Filled, Write

AUGUST = (
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
                    work(
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
                    work(
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
                    work(
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
                    work(
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
                    work(
                        "秤准心安", YUHE, "其他", "图文", "薛北岳", "19900003026", "集贸市场电子秤公益检测。"
                    ),
                    "登记表（一）.docx",
                ),
                Filled(
                    work(
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
                    work(
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
            lines=work(
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
                    work(
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
                    work(
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
                    work(
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
