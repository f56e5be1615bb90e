"""Who plays in Shanxi: units as the roster spells them, strangers, and what they fill in."""

from __future__ import annotations

from service.rehearsal.prose import summary
from service.rehearsal.units.acts import Report

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


def work(
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


def report(city: str, name: str = "", *, pictures: int = 1) -> Report:
    return Report(
        name or f"{city}宣传周工作总结.docx", f"{city}质量认证系列宣传周工作总结", summary(city), pictures
    )


NOTICE = "晋市监函〔2024〕209号"
