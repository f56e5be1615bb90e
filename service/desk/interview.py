"""The questions of `new`: one at a time, each answer checked where it is given."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import typer

from service.desk.commands.naming import day
from service.desk.commands.speech import tell
from service.desk.tools import Refused
from service.office.roster import Roster

T = TypeVar("T")
Fact = str | int | bool | list["Fact"] | dict[str, "Fact"]

TRIES_MAX = 10
ITEMS_MAX = 20
TITLE_LENGTH_MAX = 100
_NUMBER = re.compile(r"[\u4e00-\u9fff]+〔(?:19|20)\d\d〕[1-9]\d*号")
_KINDS = {"1": "summary", "2": "form", "3": "free"}
_MEDIA: dict[str, list[Fact]] = {
    "1": ["electronic"],
    "2": ["electronic", "paper"],
    "3": ["paper"],
}
_KEYS = {"summary": "summary", "form": "form", "free": "material"}
_FIELDS = "作品名称、报送单位、联系人、联系电话、简介"
_PHONES = re.compile(r"电话|手机|传真")
_DATES = re.compile(r"日期|时间$")


@dataclass(frozen=True, slots=True)
class Interview:
    """What is asked of whom; `is_letter` None asks for the format too."""

    roster: Roster
    office: str
    sender: str
    is_letter: bool | None = None

    def page(self) -> bytes:
        """Every answer as a page of facts."""
        facts: dict[str, Fact] = {"issuer": ask("发文机关", _something, self.office)}
        facts["title"] = ask("通知标题（如：关于报送……的通知）", _title)
        if self.is_letter is None:
            kind = ask("格式：1 文件格式（红头文件） 2 信函格式", _one_of("1", "2"), "1")
            facts["letter_format"] = kind == "2"
        else:
            facts["letter_format"] = self.is_letter
        facts |= self._numbered()
        facts |= self._addressed()
        items = self._items()
        facts["items"] = items
        if any("paper" in str(each) for each in items):
            tell("有材料要交纸质件，请写明寄到哪里。")
            facts["post"] = {
                "to": ask("  收件单位和处室", _something, str(facts["issuer"])),
                "street": ask("  地址", _something),
                "postcode": ask("  邮政编码", _postcode),
            }
        contact: dict[str, Fact] = {
            "name": ask("联系人姓名", _something),
            "phone": ask("联系电话", _phone),
            "address_as_printed": ask("联系邮箱", _something, self.sender),
        }
        facts["contacts"] = [contact]
        # JSON is YAML too, whatever signs staff type.
        return json.dumps(_without_empty(facts), ensure_ascii=False, indent=1).encode()

    def _numbered(self) -> dict[str, Fact]:
        number = ask("发文字号（没有就直接回车）", _number, "")
        signed = ask("成文日期（没有就直接回车）", _day_or_none, "")
        return {
            "doc_number": number,
            "signed_on": signed.isoformat() if signed else "",
            "public": typer.confirm("此件公开发布？", default=False),
        }

    def _addressed(self) -> dict[str, Fact]:
        groups = list(dict.fromkeys(group for each in self.roster.units for group in each.groups))
        if groups:
            tell("通讯录里的组别：")
            tell(
                *(
                    f"  {number} {group}（{len(self.roster.in_groups((group,)))} 个单位）"
                    for number, group in enumerate(groups, 1)
                )
            )
        else:
            tell("通讯录里还没有组别，请先写组别的名称，再填 config/units.xlsx。")
        chosen = ask("发给哪些组别（写编号或名称，用顿号隔开，全部写“全部”）", _groups_of(groups))
        everyone = "、".join(self._all_of(each) for each in chosen)
        return {
            "groups": list(chosen),
            "addressees": ask("主送机关", _addressees, everyone),
            "copies_to": [{"name": each} for each in ask("抄送（没有就直接回车）", _names, "")],
        }

    def _all_of(self, group: str) -> str:
        """各区局; a group of one unit is that unit."""
        is_one = len(self.roster.in_groups((group,))) == 1
        return group if is_one or group.startswith("各") else f"各{group}"

    def _items(self) -> list[Fact]:
        items: list[Fact] = []
        for number in range(1, ITEMS_MAX + 1):
            more = "" if number == 1 else "（没有了就直接回车）"
            check = _something if number == 1 else _anything
            name = ask(
                f"第 {number} 项要报送的材料{more}（如：活动总结）", check, None if number == 1 else ""
            )
            if not name:
                break
            items.append(self._item(name, items))
        return items

    def _item(self, name: str, before: Sequence[Fact]) -> dict[str, Fact]:
        usual = "2" if name.endswith("表") else "1" if re.search(r"总结|小结|报告", name) else "3"
        kind = _KINDS[ask("  类别：1 总结 2 登记表 3 其他", _one_of("1", "2", "3"), usual)]
        keys = [each["key"] for each in before if isinstance(each, dict)]
        stem = _KEYS[kind]
        key = next(k for k in (stem, *(f"{stem}{n}" for n in range(2, ITEMS_MAX + 2))) if k not in keys)
        item: dict[str, Fact] = {"key": key, "name": name, "kind": kind}
        due = ask("  截止日期（如 2025-09-28；随时报的直接回车）", _day_or_none, "")
        if due is None:
            item["obligation"] = "rolling"
        else:
            carries = typer.confirm("  遇休息日顺延到下一个工作日？", default=True)
            item["due"] = {"on": due.isoformat(), "carries_over": carries}
            must = typer.confirm("  各单位都必须报送？", default=True)
            item["obligation"] = "required" if must else "voluntary"
        item["media"] = _MEDIA[ask("  形式：1 电子版 2 电子版和纸质版 3 纸质版", _one_of("1", "2", "3"), "1")]
        if kind == "form":
            item["form"] = f"{key}.docx"
            item |= _form(ask("  登记表的栏目，用顿号隔开", _names_wanted, _FIELDS))
        else:
            length = ask("  大约多少字（不限就直接回车）", _length, "")
            item |= {"length": length} if length else {}
        return item


def _form(labels: Sequence[str]) -> dict[str, Fact]:
    titles = [each for each in labels if each.endswith("名称") and not each.startswith("单位")]
    is_many = typer.confirm("  一个单位可以报多件？", default=bool(titles))
    title = ""
    if is_many:
        title = ask("  用哪一栏区分各件", _one_of(*labels), titles[0] if titles else labels[0])
    fields: list[Fact] = []
    for label in labels:
        field: dict[str, Fact] = {"label": label}
        if _PHONES.search(label):
            field["kind"] = "phone"
        elif _DATES.search(label):
            field["kind"] = "date"
        if label == title:
            field["title"] = True
        fields.append(field)
    return {"many": is_many, "fields": fields} if is_many else {"fields": fields}


def ask(question: str, check: Callable[[str], T], default: str | None = None) -> T:
    """The answer, checked; one that will not do is asked for again, a bounded number of times."""
    for _ in range(TRIES_MAX):
        shown = bool(default)
        said = typer.prompt(question, default="" if default is None else default, show_default=shown)
        try:
            return check(str(said).strip())
        except Refused as error:
            tell(*(f"  {line}" for line in error.lines))
    raise Refused(f"“{question}”连续 {TRIES_MAX} 次没有答好，没有新建。可以先写好 facts.yaml 再用 --from")


def _without_empty(facts: dict[str, Fact]) -> dict[str, Fact]:
    return {key: value for key, value in facts.items() if value not in ("", [], {})}


# --- checks: the answer as a value, or Refused with what to write instead ---------------------------


def _anything(said: str) -> str:
    return said


def _something(said: str) -> str:
    if not said:
        raise Refused("这一项不能空着")
    return said


def _title(said: str) -> str:
    title = re.sub(r"\s+", "", _something(said))
    if title[-1] in "。，；、：.!！":
        raise Refused(f"标题末尾不加标点，请去掉“{title[-1]}”")
    if len(title) > TITLE_LENGTH_MAX:
        raise Refused(f"标题有 {len(title)} 个字，最多 {TITLE_LENGTH_MAX} 个")
    return title


def _number(said: str) -> str:
    number = re.sub(r"[\[(（【［](\d{4})[\])）】］]", r"〔\1〕", re.sub(r"\s", "", said))
    if number and not _NUMBER.fullmatch(number):
        raise Refused(
            "发文字号写成“机关代字〔年份〕顺序号号”，如 晋市监函〔2024〕209号；顺序号前不加 0，也不加“第”"
        )
    return number


def _day_or_none(said: str) -> date | None:
    if not said:
        return None
    found = day(said)
    if not 2000 <= found.year <= 2100:
        raise Refused(f"“{said}”的年份不对，请写 2000 到 2100 年之间的日期")
    return found


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(said: str) -> str:
        plain = unicodedata.normalize("NFKC", said).strip()
        if plain in choices:
            return plain
        raise Refused(f"请写其中一个：{'、'.join(choices)}")

    return check


def _groups_of(groups: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def check(said: str) -> tuple[str, ...]:
        if groups and said in ("全部", "所有", "all"):
            return tuple(groups)
        chosen = []
        for word in _names(said):
            plain = unicodedata.normalize("NFKC", word)
            if plain.isdecimal() and 1 <= int(plain) <= len(groups):
                chosen.append(groups[int(plain) - 1])
            elif word in groups or not groups:
                chosen.append(word)
            else:
                raise Refused(f"通讯录里没有组别“{word}”，请写上面的编号或名称")
        if not chosen:
            raise Refused("至少写一个组别")
        return tuple(dict.fromkeys(chosen))

    return check


def _addressees(said: str) -> str:
    return _something(said.rstrip("：:"))


def _names(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in re.split(r"[、，,；;]", said) if each.strip()))


def _names_wanted(said: str) -> tuple[str, ...]:
    names = _names(said)
    if not names:
        raise Refused("至少写一栏")
    return names


def _length(said: str) -> int:
    plain = unicodedata.normalize("NFKC", said).removesuffix("左右").removesuffix("字").strip()
    if not plain:
        return 0
    if not re.fullmatch(r"[1-9]\d{0,5}", plain):
        raise Refused(f"“{said}”不是字数：请写数字，例如 500")
    return int(plain)


def _phone(said: str) -> str:
    if len(re.findall(r"\d", unicodedata.normalize("NFKC", said))) < 5:
        raise Refused(f"“{said}”不像电话号码，例如 0351-0000000")
    return said


def _postcode(said: str) -> str:
    plain = unicodedata.normalize("NFKC", said)
    if not re.fullmatch(r"\d{6}", plain):
        raise Refused(f"邮政编码是 6 位数字，现在写的是“{said}”")
    return plain
