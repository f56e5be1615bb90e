"""标题分行 — a notice's title on as few lines as it takes, broken by sense. [GB/T 9704-2012 §7.3.1]"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import combinations, pairwise

# Characters of 2号 (22 pt) on a line of 156 mm, a little short of the edge.
LINE_WIDTH_MAX = 19.5
LINES_MAX = 5
# A line of so few characters is torn off from its sense.
SHORTEST = 4
_NEVER = 10_000.0

# Words that titles of notices are made of; a line never breaks inside one of them.
_WORDS = """
关于 印发 开展 组织 做好 加强 进一步 切实 积极 深入 全面 举办 召开 报送 征集 推荐
申报 填报 上报 核查 转发 下达 调整 成立 公布 评选 表彰 启动 实施 推进 规范 完善
落实 贯彻 学习 配合 参加 协助 年度 上半年 下半年 季度 第一 全国 全省 全市 全区 全县
我省 我市 本市 系列 专项 重点 典型 先进 优秀 示范 试点 市场 监督 管理 质量 认证
认可 检验 检测 计量 标准 标准化 知识 产权 特种 设备 食品 药品 消费 维权 信用 安全
生产 产品 服务 体系 企业 机构 单位 小微 个体 工商户 有机 绿色 标识 能力 验证 提升
行动 宣传 宣传周 宣传月 培训 活动 工作 体验 体验周 开放 开放日 实验室 世界 总结 材料
情况 案例 作品 方案 计划 意见 办法 规定 要求 名单 结果 数据 统计 报表 信息 报告
会议 座谈 通知 通报 请示 批复 决定 公告 通告 领导 小组 办公室 委员会 政府 人民 中心
自查 抽查 检查 督查 督导 整治 治理 排查 隐患 风险 防控 应急 预案 演练 节日 期间
春节 国庆 高质量 发展 建设 改革 创新 强国 品牌 培育 技术 研究院 协会 学会 数字化
营商 环境 依法 行政 执法 综合 双随机 一公开
"""
_LEXICON = frozenset(_WORDS.split())
_LONGEST = max(map(len, _LEXICON))
_CLOSING = "》”’）〕、，。；：！？"
_OPENING = "《“‘（〔"
_GOOD_ENDS = (
    *("年度", "系列", "活动", "工作", "全国", "全省", "全市"),
    *("关于开展", "关于做好", "关于印发", "关于报送"),
)
_JOINING = ("和", "及", "与", "暨", "或", "并")


# Asked anew for every unit of a campaign, and always with the same title.
@lru_cache(maxsize=256)
def break_title(issuer: str, title: str) -> tuple[str, ...]:
    """The lines of a title. The issuer has a line of its own where it leads and one line is too short."""
    if _width(title) <= LINE_WIDTH_MAX:
        return (title,)
    costs = [_NEVER, *(_cost(issuer, title, at) for at in range(1, len(title)))]
    places = [at for at, cost in enumerate(costs) if cost < _NEVER]
    least = int(-(-_width(title) // LINE_WIDTH_MAX))
    best: tuple[float, tuple[int, ...]] | None = None
    for count in range(least, LINES_MAX + 1):
        found = _best(title, costs, places, count)
        if found is not None and (best is None or found[0] + 5 * (count - least) < best[0]):
            best = (found[0] + 5 * (count - least), found[1])
    if best is None:
        return _by_force(title)
    edges = (0, *best[1], len(title))
    return tuple(title[start:end] for start, end in pairwise(edges))


def _width(text: str) -> float:
    """In Hanzi; a figure or Latin letter is half of one."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WFA" else 0.5 for each in text)


def _best(
    title: str, costs: list[float], places: list[int], count: int
) -> tuple[float, tuple[int, ...]] | None:
    """The cheapest way to `count` lines, or None where none fits."""
    even = _width(title) / count
    best: tuple[float, tuple[int, ...]] | None = None
    # Only the better places: three breaks among forty would be too many ways.
    likely = sorted(sorted(places, key=lambda at: costs[at])[:14])
    for chosen in combinations(likely, count - 1):
        edges = (0, *chosen, len(title))
        lines = [title[start:end] for start, end in pairwise(edges)]
        widths = [_width(each) for each in lines]
        if max(widths) > LINE_WIDTH_MAX or min(map(len, lines)) < SHORTEST:
            continue
        uneven = sum(abs(each - even) for each in widths) / count
        cost = sum(costs[at] for at in chosen) + 0.5 * uneven + (4 if widths[-1] < 6 else 0)
        if best is None or cost < best[0]:
            best = (cost, chosen)
    return best


def _cost(issuer: str, title: str, at: int) -> float:
    """How much a break before the character at `at` hurts the sense."""
    before, after = title[:at], title[at:]
    last, next_ = before[-1], after[0]
    if next_ in _CLOSING or last in _OPENING or next_ == "的" or _is_inside_word(title, at):
        return _NEVER
    if re.search(r"[0-9A-Za-z.\-—]$", before) and re.match(r"[0-9A-Za-z.\-—年月日号%届次期]", after):
        return _NEVER
    if before == issuer:
        return -7
    if after.startswith("关于"):
        return -1
    if last in "、，；" or (last in "”》）" and not after.startswith(("等", "活动", "通知"))):
        return 0.5
    if after.startswith(_JOINING) or next_ in _OPENING:
        return 1
    if last == "的":
        # “……的 / 通知” tears the kind of document off.
        return 1 if len(after) > 6 else 8
    if before.endswith(_GOOD_ENDS) or re.search(r"\d年$", before):
        return 2
    return 3 if _ends_a_word(before) or _begins_a_word(after) else 6


def _ends_a_word(before: str) -> bool:
    return any(before[-length:] in _LEXICON for length in range(2, _LONGEST + 1))


def _begins_a_word(after: str) -> bool:
    return any(after[:length] in _LEXICON for length in range(2, _LONGEST + 1))


def _is_inside_word(title: str, at: int) -> bool:
    return any(
        title[start : start + length] in _LEXICON
        for length in range(2, _LONGEST + 1)
        for start in range(max(0, at - length + 1), at)
    )


def _by_force(title: str) -> tuple[str, ...]:
    """A title that no sense helps with: even lines of what fits."""
    count = -(-len(title) // int(LINE_WIDTH_MAX))
    size = -(-len(title) // count)
    return tuple(title[start : start + size] for start in range(0, len(title), size))
