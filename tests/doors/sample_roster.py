"""Writes config/units.xlsx, the roster of both sample campaigns, as dirty as real ones are.

    .venv/bin/python tests/doors/sample_roster.py

Bureaux and cities are real; institutions, people, telephones and mailboxes are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

TARGET = Path(__file__).parents[2] / "config" / "units.xlsx"
HEADINGS = (
    "序号",
    "组别",
    "单位名称\n（全称）",
    "简称",
    "上级单位",
    "联系人",
    "联系电话",
    "电子邮箱*",
    "备注",
)
WIDTHS = (6, 18, 44, 18, 18, 12, 24, 44, 30)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the workbook as typed; an empty unit continues the one above."""

    group: str
    unit: str
    short: str
    parent: str
    person: str
    phone: str | int
    mail: str
    note: str = ""


SHANGHAI = "上海市市场监督管理局"
DISTRICTS = (
    ("黄浦", "huangpu", "金予安"),
    ("徐汇", "xuhui", "葛书桓"),
    ("长宁", "changning", "应若岚"),
    ("静安", "jingan", "严景和"),
    ("普陀", "putuo", "毛润恒"),
    ("虹口", "hongkou", "俞新桥"),
    ("杨浦", "yangpu", "费江湾"),
    ("闵行", "minhang", "张莘庄"),
    ("宝山", "baoshan", "陶月浦"),
    ("嘉定", "jiading", "陆南翔"),
    ("浦东新", "pudong", "倪川沙"),
    ("金山", "jinshan", "曹枫泾"),
    ("松江", "songjiang", "方佘山"),
    ("青浦", "qingpu", "屠朱角"),
    ("奉贤", "fengxian", "宋南桥"),
    ("崇明", "chongming", "施东滩"),
)

SHANXI = "山西省市场监督管理局"
CITIES = (
    ("太原", "taiyuan", "武晋阳"),
    ("大同", "datong", "贺云冈"),
    ("朔州", "shuozhou", "侯广武"),
    ("忻州", "xinzhou", "邢雁门"),
    ("阳泉", "yangquan", "荆娘关"),
    ("吕梁", "lvliang", "任方山"),
    ("晋中", "jinzhong", "常榆次"),
    ("长治", "changzhi", "申上党"),
    ("晋城", "jincheng", "司泽州"),
    ("临汾", "linfen", "尧都生"),
    ("运城", "yuncheng", "关河东"),
)
LABORATORIES = (
    ("太原汾滨检验检测有限公司", "fenbin", "卫知行"),
    ("太原晋源食品检测中心有限公司", "jinyuan-food", "郭映川"),
    ("大同御河计量检测有限公司", "yuhe", "薛北岳"),
    ("朔州桑干煤质检测有限公司", "sanggan", "丰右玉"),
    ("忻州滹沱环境检测有限公司", "hutuo", "班定襄"),
    ("阳泉桃河建材检测有限公司", "taohe", "白盂山"),
    ("吕梁北川酒类检验有限公司", "beichuan", "高杏村"),
    ("晋中潇河农产品检测有限公司", "xiaohe", "乔寿阳"),
    ("长治漳泽机械检测有限公司", "zhangze", "路潞城"),
    ("晋城丹河铸件检测有限公司", "danhe", "原高平"),
    ("临汾平水检验检测有限公司", "pingshui", "柴洪洞"),
    ("运城盐湖化工检测有限公司", "yanhu", "裴闻喜"),
    ("山西河汾特种设备检测有限公司", "hefen", "温如故"),
    ("山西太行纺织品检测有限公司", "taihang-textile", "韩左权"),
    ("山西表里电器检测有限公司", "biaoli", "王介休"),
    ("山西云顶机动车检测有限公司", "yunding", "赵岢岚"),
)
CERTIFIERS = (
    ("山西晋质认证有限公司", "jinzhi", "梁思源"),
    ("山西唐风有机产品认证有限公司", "tangfeng", "郝晓禾"),
    ("山西并州管理体系认证有限公司", "bingzhou", "阎守正"),
    ("山西绿源产品认证有限公司", "lvyuan", "苗青禾"),
    ("山西雁栖服务认证有限公司", "yanqi", "史善行"),
    ("太原双塔认证服务有限公司", "shuangta", "牛双成"),
    ("太原迎泽体系认证中心有限公司", "yingze", "孟知新"),
    ("大同平城绿色认证有限公司", "pingcheng", "拓跋宁"),
    ("晋中榆水有机认证有限公司", "yushui", "曹麦收"),
    ("长治上党认证有限公司", "shangdang", "连壶关"),
    ("临汾尧乡食品认证有限公司", "yaoxiang", "蔺安泽"),
    ("运城河东农产品认证有限公司", "hedong", "吕永济"),
)


def shanghai() -> Iterator[Line]:
    """Sixteen districts, Lingang, two institutes."""
    for index, (place, domain, person) in enumerate(DISTRICTS):
        yield Line(
            "各区市场监管局",
            f"上海市{place}区市场监督管理局",
            f"{place}区市场监管局",
            SHANGHAI,
            person,
            f"021-5550{1000 + 7 * index}",
            f"rzk@{domain}-scjg.example",
        )
    yield Line(
        "临港新片区市场监管局",
        "中国(上海)自由贸易试验区临港新片区市场监督管理局",
        "临港新片区市场监管局",
        SHANGHAI,
        "海滴水",
        "021-55501900",
        "海滴水 <haids@lingang-scjg.example>",
    )
    yield Line(
        "市级技术机构",
        "上海市计量测试技术研究院",
        "市计量院；市计量测试技术研究院",
        SHANGHAI,
        "秦量衡",
        "０２１－５５５０１９１１转２０６",
        "qinlh＠simt-lab.example",
    )
    yield Line(
        "市级技术机构",
        "上海市质量监督检验技术研究院",
        "市质检院；市质量监督检验技术研究院",
        SHANGHAI,
        "闻检言",
        "021-55501922转310或311",
        "wenjy@sqi-lab.example；office@sqi-lab.example",
    )


def shanxi() -> Iterator[Line]:
    """Eleven cities, the demonstration zone, sixteen laboratories, twelve certifiers: forty units."""
    for index, (place, domain, person) in enumerate(CITIES):
        yield Line(
            "各市市场监管局",
            f"{place}市市场监督管理局",
            f"{place}市市场监管局；{place}市局",
            SHANXI,
            person,
            f"0351-555{2000 + 11 * index}",
            f"rzjg@{domain}-scjg.example",
        )
    yield Line(
        "示范区市场监管局",
        "山西转型综改示范区市场监督管理局",
        "示范区市场监管局；综改区局",
        SHANXI,
        "潘潇河",
        "0351-5552990",
        "panxh@zgq-scjg.example",
    )
    for index, (unit, domain, person) in enumerate(LABORATORIES):
        yield Line("检验检测机构", unit, "", "", person, 19900003000 + 13 * index, f"zlb@{domain}.example")
    for index, (unit, domain, person) in enumerate(CERTIFIERS):
        yield Line("认证机构", unit, "", "", person, 19900005000 + 17 * index, f"rz@{domain}.example")


def soil(sheet: Worksheet, rows: dict[str, int]) -> None:
    """Make the clean table as dirty as rosters are; every slip is one that reading mends."""

    def put(unit: str, column: str, value: str) -> None:
        sheet[f"{column}{rows[unit]}"] = value

    if sheet.title == "上海":
        put("上海市普陀区市场监督管理局", "F", "毛 润恒")
        put("上海市徐汇区市场监督管理局", "H", "ｇｅｓｈ@xuhui-scjg.example、rzk@xuhui-scjg.example")
        put("上海市静安区市场监督管理局", "H", "rzk＠jingan-scjg.example")
        put("上海市长宁区市场监督管理局", "H", "rzk@changning-scjg.example\nbgs@changning-scjg.example")
        put("上海市金山区市场监督管理局", "C", "上海市 金山区市场监督管理局")
        put("上海市崇明区市场监督管理局", "H", " rzk@chongming-scjg。example ")
        return
    put("阳泉市市场监督管理局", "C", "阳泉市市场监督管理局　")
    put("忻州市市场监督管理局", "H", "rzjg＠xinzhou-scjg.example")
    put("晋中市市场监督管理局", "H", "rzjg@jinzhong-scjg.example；changyc@jinzhong-scjg.example")
    put("长治市市场监督管理局", "G", "０３５５－５５５２０７７转８０１２")
    put("晋城市市场监督管理局", "H", "司泽州：rzjg@jincheng-scjg.example")
    # One person keeps the books of three laboratories: typed once, merged over three rows.
    first = rows["临汾平水检验检测有限公司"]
    for column, value in (("F", "柴洪洞"), ("G", 19900003130), ("H", "chaihd@sanjia-jc.example")):
        sheet[f"{column}{first}"] = value
        for row in (first + 1, first + 2):
            sheet[f"{column}{row}"] = None
        sheet.merge_cells(f"{column}{first}:{column}{first + 2}")


def fill(sheet: Worksheet, title: str, lines: list[Line], extra: dict[str, Line], again: Line | None) -> None:
    """Title, explanation, headings, a subheading for each group, units, a footnote."""
    sheet.append([title])
    sheet.merge_cells("A1:I1")
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.append(["说明：本表为样例，人名、电话、邮箱均为虚构；请换成本单位自己的通讯录。"])
    sheet.merge_cells("A2:I2")
    sheet.append(list(HEADINGS))
    rows: dict[str, int] = {}
    group, first, number = "", 0, 0
    for line in lines:
        if line.group != group:
            close_group(sheet, first)
            group, first = line.group, sheet.max_row + 1
        number += 1
        rows[line.unit] = sheet.max_row + 1
        shown = line.group if sheet.max_row + 1 == first else None
        sheet.append(
            [number, shown, line.unit, line.short, line.parent, line.person, line.phone, line.mail, line.note]
        )
        if line.unit in extra:
            more = extra[line.unit]
            sheet.append([None, None, None, None, None, more.person, more.phone, more.mail, more.note])
    close_group(sheet, first)
    if again is not None:
        sheet.append(
            [
                number + 1,
                again.group,
                again.unit,
                again.short,
                again.parent,
                again.person,
                again.phone,
                again.mail,
                again.note,
            ]
        )
    sheet.append(["注：联系人有变动的，请及时告知。"])
    sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=9)
    soil(sheet, rows)
    for index, width in enumerate(WIDTHS):
        sheet.column_dimensions["ABCDEFGHI"[index]].width = width
    for row in sheet.iter_rows(min_row=3):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.freeze_panes = "A4"


def close_group(sheet: Worksheet, first: int) -> None:
    """One group cell over all its units."""
    if first and sheet.max_row > first:
        sheet.merge_cells(f"B{first}:B{sheet.max_row}")


def build() -> Workbook:
    """The whole workbook."""
    book = Workbook()
    default = book.active
    assert isinstance(default, Worksheet)
    default.title = "上海"
    pudong = Line("", "", "", "", "乔金桥", "021-55501070", "qiaojq@pudong-scjg.example", "倪川沙休假时")
    fill(
        default,
        "上海市认证认可检验检测工作联系人名单（样例）",
        list(shanghai()),
        {"上海市浦东新区市场监督管理局": pudong},
        None,
    )
    sheet = book.create_sheet("山西")
    taiyuan = Line("", "", "", "", "罗双塔", "0351-5552001", "luost@taiyuan-scjg.example")
    yuncheng = Line(
        "各市市场监管局",
        "运城市市场监督管理局",
        "",
        SHANXI,
        "解州生",
        "0359-5552110",
        "xiezs@yuncheng-scjg.example",
        "重复登记，保留两位联系人",
    )
    fill(
        sheet,
        "山西省质量认证系列宣传周活动联系人名单（样例）",
        list(shanxi()),
        {"太原市市场监督管理局": taiyuan},
        yuncheng,
    )
    return book


if __name__ == "__main__":
    build().save(TARGET)
