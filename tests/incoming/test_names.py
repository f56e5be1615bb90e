"""Names in short: every one finds its unit, and none ever speaks for another, however large the roster."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.incoming.match.index import index_of, may_open
from service.incoming.match.names import bodies_in, named_by, names_of, speaks
from service.office.needs.ledger import Roll
from service.office.roster import Unit

# Places whose names hold a kind's sign, or are shared by a city, a county and a district.
STEMS = (
    "吉林",
    "朝阳",
    "南昌",
    "大同",
    "津市",
    "沙市",
    "新市",
    "海南",
    "鼓楼",
    "通州",
    "黄山",
    "太原",
    "上市",
)
KINDS = ("市", "区", "县")
ABOVE = ("", "上海市", "吉林市", "朝阳市", "山西省", "大同市")
# Signs that no city's name is all made of: enough pairs of them for every city and county there is.
SIGNS = "东西南北中安平宁阳江河山海城州庆丰德清和永新长昌源泉林沙古石"


def bureau(place: str) -> Unit:
    """The market supervision of a place."""
    name = f"{place}市场监督管理局"
    return Unit(name, name)


def whole_country() -> tuple[Unit, ...]:
    """333 cities, 3,000 counties and districts; many names twice, as city and county or in several cities."""
    stems = ["".join(pair) for pair in product(SIGNS, repeat=2)]
    cities = [f"{stem}市" for stem in stems[:333]]
    below = [
        f"{cities[at % 333]}{stems[at * 7 % len(stems)]}{'县' if at % 2 else '区'}" for at in range(2000)
    ]
    bare = [f"{stems[at % len(stems)]}{'县' if at < len(stems) else '区'}" for at in range(1000)]
    return tuple(bureau(place) for place in dict.fromkeys((*cities, *below, *bare)))


places = st.builds(
    lambda above, stem, kind: f"{above}{stem}{kind}", *map(st.sampled_from, (ABOVE, STEMS, KINDS))
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(places, min_size=1, max_size=8, unique=True), st.sampled_from(("", "办公室 张三", "2024年总结"))
)
def test_no_name_of_one_unit_speaks_for_another(roster: list[str], after: str) -> None:
    units = [bureau(place) for place in roster]
    for unit in units:
        for name in names_of(unit):
            is_shared = any(name in names_of(other) for other in units if other is not unit)
            assert named_by(units, f"{name}{after}") == ("" if is_shared else unit.key), name


def test_no_name_speaks_for_another_among_all_cities_and_counties() -> None:
    units = whole_country()
    assert len(units) >= 3_000
    shared = Counter(name for unit in units for name in names_of(unit))
    for unit in random.Random(7).sample(units, 40):
        for name in names_of(unit):
            assert named_by(units, name) == (unit.key if shared[name] == 1 else ""), name


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("太原市局", "太原市"),
        ("晋中市监局 王五", "晋中市"),
        ("晋中市市监局", "晋中市"),
        ("静安区市场监管局", "上海市静安区"),
        ("静安区局认证科", "上海市静安区"),
        ("南昌县局", "南昌县"),
        ("南昌市局", "南昌市"),
        ("朝阳市监局", "朝阳市"),
    ],
)
def test_what_people_say_finds_its_bureau(line: str, place: str) -> None:
    roster = ("太原市", "晋中市", "上海市静安区", "南昌市", "南昌县", "朝阳市", "北京市朝阳区")
    assert named_by([bureau(each) for each in roster], line) == bureau(place).key


@pytest.mark.parametrize(
    "line", ["大同市局云冈分局", "大同市局云冈所", "大同市监局新荣监管所", "大同市局：", "鼓楼区局"]
)
def test_who_is_below_or_greeted_or_one_of_several_is_nobody(line: str) -> None:
    roster = [bureau(each) for each in ("大同市", "南京市鼓楼区", "福州市鼓楼区")]
    assert named_by(roster, line) == ""


def test_a_provinces_medicine_bureau_in_short() -> None:
    unit = Unit("山西省药品监督管理局", "山西省药品监督管理局")
    assert named_by([unit, bureau("山西省")], "山西省药监局") == unit.key


BEFORE = ("", "附件1：", "报送单位: ", "我是", "现将", "2024年", "关于", "山西省", "1．", " 大 同 市")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(places, min_size=1, max_size=12, unique=True),
    st.sampled_from(("", "山西省市场监督管理局", "大同市市场监督管理局")),
    st.sampled_from(BEFORE),
    st.sampled_from(("", "办公室 张三", "总结.docx", "：")),
    st.data(),
)
def test_the_index_finds_every_unit_that_speaks(
    roster: list[str], parent: str, before: str, after: str, data: st.DataObject
) -> None:
    units = tuple(replace(bureau(place), parent=parent, short_names=(f"{place}质监",)) for place in roster)
    indexes = (index_of(Roll("one", units[::2])), index_of(Roll("two", units[1::2])))
    name = data.draw(st.sampled_from([name for unit in units for name in names_of(unit)]))
    line = f"{before}{name}{after}"
    found = [unit for _, unit in may_open(indexes, line)]
    speaking = {unit.key for unit in units if speaks(unit, line)}
    assert speaking == {unit.key for unit in found if speaks(unit, line)}
    assert named_by(units, line) == named_by(found, line)


def test_an_index_spares_nearly_the_whole_roster() -> None:
    roll = Roll("all", whole_country())
    for unit in random.Random(11).sample(roll.units, 40):
        assert unit in index_of(roll).may_open(unit.name)
        assert len(index_of(roll).may_open(unit.name)) < 20
    assert index_of(roll) is index_of(roll)


@pytest.mark.parametrize(
    "line",
    [
        "我们公司头一回搞开放日",
        "纸质件盖章后下周一交换到市局",
        "我局联合区教育局办了科普进校园",
        "（含张江所）",
        "本公司与市质检院共同承办",
    ],
)
def test_who_is_only_spoken_of_is_no_stranger(line: str) -> None:
    assert bodies_in([line]) == ()


@pytest.mark.parametrize(
    "line",
    [
        "我局云冈分局",
        "我局和平分局",
        "我局同安分局",
        "含山县市场监管局",
        "交城县局",
        "大同市云冈区市场监管局",
    ],
)
def test_who_signs_below_the_unit_is_still_a_stranger(line: str) -> None:
    assert bodies_in([line]) == (line,)
