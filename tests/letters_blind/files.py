"""The files that letters carry, made the way people make them; names as given, contents of their own."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from docx import Document
from openpyxl import Workbook
from PIL import Image

from tests.doors.word_files import fill_in

File = tuple[str, bytes]

_SHANXI = (
    (
        "八月下旬以来，{who}把宣传周作为下半年认证监管的一件大事来抓，成立了工作小组，排出时间表，先后三次碰头"
        "研究。活动期间走进商超六家、农户合作社九家，悬挂横幅二十四条，发放资料四千余份，组织讲解十一场。",
        "群众对有机产品标志的知晓率由问卷前的四成提高到七成。十七家企业现场登记了帮扶需求，其中九家当月完成体系"
        "文件梳理。电视台、报社共报道七次，短视频播放量六万余次。",
        "一家杂粮合作社因不懂转换期规定，认证两次被退。帮扶组上门三趟，帮助补齐投入品记录，现已通过现场检查，"
        "产品价格每斤提高一元二角，社员增收明显。",
    ),
    (
        "按照统一安排，{who}结合自身实际，在九月第二周集中开展活动。邀请消费者代表、新闻记者和在校学生走进"
        "实验室，现场观看抽样、制样、检测全过程，并设立咨询台，回答问题一百三十余个。",
        "活动共吸引八百余人参加，收集意见建议二十六条，均已答复。参加活动的企业负责人普遍表示，原来觉得认证是"
        "交钱买证，现在明白了它是管理工具。",
        "某铸件企业经现场诊断，调整了三处关键工序的检验频次，一个月内废品率下降两个百分点，节约成本十余万元。",
    ),
)
_SHANGHAI = (
    (
        "六月上旬，{who}围绕“我为群众办实事”组织了系列活动。六月九日上午在市民广场设点，开展珠宝、眼镜、血压计"
        "免费检测，服务市民四百二十人次；下午开放两家实验室，接待学生和居民一百六十人。",
        "活动中发放科普折页两千份，张贴海报九十张，区融媒体中心和公众号发稿五篇。辖区三十家机构参加了法规"
        "培训，逐条学习新修订的管理办法，当场签订守信承诺。",
        "下一步将把便民检测固定到每季度一次，并为小微企业建立帮扶清单，一企一策跟踪半年。",
    ),
    (
        "{who}高度重视世界认可日宣传，提前一个月制定方案，明确由认证科牵头、各所配合。活动采用线上线下结合的"
        "办法，线上直播实验室探访一场，观看一万二千人次，线下开展“认证知识进楼宇”六场。",
        "企业反映最多的是检验报告互认问题，已汇总成十一条建议报有关处室。居民对强制性认证标志的识别能力有提高，"
        "现场答题正确率达到八成六。",
        "存在的不足是对老旧小区覆盖不够，今后将请社区志愿者一起宣传，让更多居民受益。",
    ),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the writer of a letter has at hand."""

    campaign: str  # "shanxi" or "shanghai"
    full_name: Callable[[str], str]
    owner: str  # the writer's own unit, in full
    blank: Callable[[], bytes]  # the form that came with the notice
    public_form: Callable[[], bytes]
    notice: Callable[[], bytes]
    contact: str
    phone: str


def summary_text(campaign: str, who: str, seed: str, *, titled: bool = True) -> str:
    """A summary of some four hundred characters."""
    chance = random.Random(seed)
    pool = _SHANXI if campaign == "shanxi" else _SHANGHAI
    first, second, third = chance.choice(pool)
    theme = "质量认证系列宣传周活动" if campaign == "shanxi" else "“世界认可日”宣传活动"
    heads = ("开展情况", "活动效果", "典型案例" if campaign == "shanxi" else "下步打算")
    title = f"{who}关于{theme}的工作总结" if titled else f"{theme}工作总结"
    number = chance.randint(2, 40)
    lines = [title, f"一、{heads[0]}", first.format(who=who if titled else "我单位")]
    lines += [f"二、{heads[1]}", f"{second}共投入工作人员{number}名。", f"三、{heads[2]}", third]
    return "\n".join(lines)


def make(recipe: str, desk: Desk, seed: str) -> File:
    """The file a recipe asks for."""
    kind, _, rest = recipe.partition(":")
    kind, _, owner = kind.partition("@")
    who = desk.full_name(owner) if owner else desk.owner
    seed = f"{seed}/{recipe}"
    if kind in ("压缩", "原信"):
        name, _, inside = rest.rstrip(")").partition("(")
        files = [make(each, desk, seed) for each in inside.split(",")]
        return name, _zip(files) if kind == "压缩" else _eml(files)
    name, *options = rest.split("|")
    if kind in ("表", "公开表"):
        return name, _form(kind, options, desk, who)
    makers: Mapping[str, Callable[[], bytes]] = {
        "总结": lambda: _word(summary_text(desk.campaign, who, seed)),
        "总结无名": lambda: _word(summary_text(desk.campaign, "我单位", seed, titled=False)),
        "图文总结": lambda: _word(summary_text(desk.campaign, who, seed), _photo(seed)),
        "活动": lambda: _word(
            f"重大活动信息\n{who}于近日举办大型现场活动，市领导出席并致辞，参加人数五百余人，"
            f"设展台三十个。第{len(seed)}期"
        ),
        "信息": lambda: _word(
            f"{name.rpartition('.')[0]}\n6月9日，{who}组织工作人员走进社区开展便民检测和科普宣传，"
            f"受到居民欢迎。（供稿：通讯员{len(seed)}）"
        ),
        "案例": lambda: _word(
            f"{name.rpartition('.')[0]}\n清晨六点，服务台的灯已经亮了。做法、成效、经验三部分如下……{seed}"
        ),
        "文本": lambda: summary_text(desk.campaign, who, seed).encode("gb18030"),
        "图": lambda: _photo(seed),
        "扫描": lambda: _scan(seed),
        "视频": lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + _noise(seed, 4000),
        "表格": lambda: _sheet(seed),
        "空表": desk.blank,
        "通知": desk.notice,
        "加密": lambda: _locked(_zip([("总结.docx", _noise(seed, 900))])),
        "程序": lambda: b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + _noise(seed, 3000),
    }
    return name, makers[kind]()


def logo(seed: str) -> bytes:
    """A small picture as signatures have it."""
    tone = hashlib.sha256(seed.encode()).digest()
    return _picture(Image.new("RGB", (64, 24), (tone[0], tone[1], 200)), "PNG")


def _form(kind: str, options: list[str], desk: Desk, who: str) -> bytes:
    title, *more = options
    answers = {
        "title": title,
        "unit_type": "认证机构" if "认证" in who else "其他",
        "work_type": "案例",
        "contact": desk.contact or "联系人",
        "phone": desk.phone if len(desk.phone) == len("19900003000") else "19900006001",
        "finished_on": "2024年8月12日",
        "about": f"《{title}》讲一线人员用服务认证改进工作的故事，情节真实，人物可亲。",
        "original": "是",
    }
    for each in more:
        key, is_field, value = each.partition("=")
        answers.update({key: value} if is_field else {"unit": each})
    if kind == "公开表":
        answers["unit_type"] = "获证组织"
    return fill_in(desk.blank() if kind == "表" else desk.public_form(), answers)


def _word(text: str, picture: bytes = b"") -> bytes:
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    if picture:
        document.add_picture(io.BytesIO(picture))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _noise(seed: str, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def _photo(seed: str) -> bytes:
    # Coarse noise, enlarged: as large as a telephone's picture, and quick to make.
    small = Image.frombytes("RGB", (64, 48), _noise(seed, 64 * 48 * 3))
    return _picture(small.resize((960, 720)), "JPEG")


def _scan(seed: str) -> bytes:
    page = Image.frombytes("L", (62, 87), _noise(seed, 62 * 87)).resize((620, 870))
    return _picture(page, "PDF")


def _picture(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _sheet(seed: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("序号", "器具名称", "数量"), (1, "压力表", len(seed)), (2, "电梯", 12)):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(files: list[File]) -> bytes:
    """As old Windows programs write it: names in GBK, nothing to say so; `zipfile` marks them as UTF-8."""
    body, directory = b"", b""
    for name, data in files:
        packed = zlib.compress(data)[2:-4]
        raw = name.encode("gb18030")
        fields = struct.pack(
            "<HHHHHIIIHH", 20, 0, 8, 0x4A00, 0x5919, zlib.crc32(data), len(packed), len(data), len(raw), 0
        )
        entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields
        entry += struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        directory += entry + raw
        body += b"PK\x03\x04" + fields + raw + packed
    count = len(files)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def _locked(data: bytes) -> bytes:
    """The same with the bit that says encrypted, in both places."""
    locked = bytearray(data)
    locked[6] |= 1
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(locked)


def _eml(files: list[File]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "材料"
    mail["From"] = "kelv@neibu.example"
    mail.set_content("材料见附件，请转报。")
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(mail)
