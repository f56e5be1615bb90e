"""September and October: summaries until the 29th, reminders, latecomers."""

from __future__ import annotations

from service.rehearsal.prose import summary
from service.rehearsal.scenario import DraftCircular, Look, RecordPaper, Step, UrgeMissing, at
from service.rehearsal.shanxi.cast import (
    CHANGZHI,
    DATONG,
    JINCHENG,
    JINZHI,
    JINZHONG,
    LINFEN,
    NOTICE,
    PINGCHENG,
    SHUOZHOU,
    TAIYUAN,
    XINZHOU,
    YANGQUAN,
    YUNCHENG,
    ZONE,
    report,
)
from service.rehearsal.units.acts import Client, Photo, Report, Write

SEPTEMBER = (
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
            (report("阳泉市"),),
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
            (report("晋中市", pictures=2),),
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
            (report("晋城市"),),
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
            (report("长治市"),),
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
            (report("太原市", pictures=3),),
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
            (report("临汾市", pictures=0),),
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
            (report("忻州市"),),
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
            (report("运城市"),),
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

OCTOBER = (
    Step(
        at("2024-10-08", "09:50"),
        DATONG,
        Write(
            "节前没赶上，现补报我局总结，抱歉。\n大同市市场监督管理局 贺云冈",
            Client.OUTLOOK,
            "逾期未报",
            (report("大同市"),),
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
            (report("山西晋质认证"),),
        ),
        "自愿报来总结",
    ),
    Step(
        at("2024-10-10", "14:00"),
        PINGCHENG,
        Write("您好，我公司联系人变更为郭悬空，新邮箱另行告知。", Client.QQ_WEB, NOTICE),
        "来信说联系人有变",
    ),
    Step(
        at("2024-10-10", "10:00"),
        "郝清源",
        UrgeMissing("逾期未报"),
        "两次催办之后仍未报，签发催报函",
    ),
    Step(
        at("2024-10-11", "15:00"),
        "乔雁北",
        DraftCircular(units=1),
        "起草通报，由人定稿；系统从不发出",
    ),
)
