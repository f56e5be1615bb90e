"""What goes wrong in a template, in sentences for the staff who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError

from service.doors.forms.package import BrokenXml
from service.doors.press.fill import Dangling, Foreign, NotRendered
from service.doors.press.sandbox import TooMuch
from service.office.finding import Problem
from service.office.needs.press import Value

NAMES_SHOWN_MAX = 20
_Words = Callable[[re.Match[str]], tuple[str, str]]


def problem(file: str, error: NotRendered, text: str = "", known: Iterable[str] = ()) -> Problem:
    """The error as a Problem with code, paragraph and remedy."""
    code, say = _explain(error.cause, tuple(known))
    return Problem(
        file=file,
        place=error.place.words(),
        say=say,
        code=code,
        paragraph=error.place.paragraph,
        text=text,
    )


def all_names(value: Value) -> tuple[str, ...]:
    """Every key anywhere in the facts, to find the nearest to a mistyped one."""
    names: dict[str, None] = {}
    queue: list[Value] = [value]
    while queue:
        each = queue.pop()
        if isinstance(each, Mapping):
            names.update(dict.fromkeys(each))
            queue.extend(each.values())
        elif isinstance(each, (list, tuple)):
            queue.extend(each)
    return tuple(names)


def no_such_name(name: str, known: Iterable[str]) -> str:
    """没有名为 unti 的变量，是不是 unit？"""
    near = get_close_matches(name, [each for each in known if each != name], n=1, cutoff=0.6)
    return f"没有名为 {name} 的变量" + (
        f"，是不是 {near[0]}？" if near else "，请改用已有的变量名，或在活动资料中补上这一项"
    )


def explain_missing(name: str, known: Iterable[str], owner: str, facts: Mapping[str, Value]) -> str:
    """The same, and where an attribute is known elsewhere, of what: 是不是 campaign.title？"""
    names = tuple(known)
    say = no_such_name(name, names)
    if not owner or "是不是" in say:
        return say
    elsewhere = [each for each, value in facts.items() if isinstance(value, Mapping) and name in value]
    if elsewhere:
        return f"没有名为 {name} 的变量：{owner} 里没有它，是不是 {elsewhere[0]}.{name}？"
    listed = "、".join(names[:NAMES_SHOWN_MAX])
    return f"没有名为 {name} 的变量：{owner} 里只有 {listed}，请改用其中的一个"


def _explain(error: BaseException, known: tuple[str, ...]) -> tuple[str, str]:
    match error:
        case UndefinedError():
            return _undefined(str(error), known)
        case TooMuch():
            return "too-much", "模板要填出的内容过大或循环次数过多，已停止；请去掉成倍重复的写法"
        case SecurityError():
            return "forbidden", "模板里用了不允许的写法（只能取用资料、循环和判断，不能调用程序）"
        case TemplateSyntaxError():
            return _syntax(error.message or "")
        case BrokenXml():
            return (
                "broken-layout",
                "填好后的文档结构不完整：循环或判断的开头和结尾没有放在同一层（例如一个在表格里、一个在表格外）",
            )
        case RecursionError():
            return "too-much", "模板层层套用过深，已停止"
        case Dangling():
            say = f"填入的链接 {error} 不在这个模板里：请用同一个模板的 build_url_id 生成，再随模板一起交来"
            return "dangling-link", say
        case Foreign():
            say = "插入的子文档（或准备好的模板）属于另一个模板，或已经填写过：请用这个模板重新准备"
            return "foreign-document", say
        case ZeroDivisionError() | TypeError() | ValueError() | KeyError() | IndexError() | AttributeError():
            return "wrong-use", _wrong_use(error)
        case _:
            return "not-rendered", f"模板填不出来（{type(error).__name__}：{error}）"


def _wrong_use(error: Exception) -> str:
    match error:
        case ZeroDivisionError():
            return "标记里除以了零，请改写这个算式"
        case TypeError() if "not iterable" in str(error):
            return "for 后面取到的不是一组内容，不能逐条重复，请写出一组的名称，如 campaign.items"
        case TypeError() if "not supported between" in str(error) or "unsupported operand" in str(error):
            return "标记里把文字和数字放在一起比较或计算，请改写"
    return "标记里的写法用在了不合适的内容上，填不出来，请改写这一处"


def _undefined(message: str, known: tuple[str, ...]) -> tuple[str, str]:
    if message == "None":
        return "empty-value", "这里要填的内容为空，请在活动资料中补上，或用 {%p if … %} 把这一段括起来"
    if message == "list":
        return "not-text", "这里取到的是一组内容而不是文字，请用 {%p for … %} 逐条填写，或写出具体的一项"
    if re.search(r"has no element \d+$", message):
        return (
            "unknown-variable",
            "这里要取的那一项不存在：列表没有这么多项，请用 {%p for … %} 逐条写，或先用 {%p if … %} 判断",
        )
    if found := re.search(r"has no attribute '([^']*)'|has no element (\S+)", message):
        return "unknown-variable", no_such_name(found[1] or found[2], known)
    if found := re.match(r"'([^']*)' is undefined", message):
        return "unknown-variable", no_such_name(found[1], known)
    return "unknown-variable", f"取不到要填的内容（{message}）"


_TAGS_KNOWN = ("for", "if", "else", "elif", "endfor", "endif", "set", "with", "endwith")
_FILTERS_KNOWN = (
    "join",
    "hanzi",
    "sentence",
    "upper",
    "lower",
    "default",
    "first",
    "last",
    "length",
    "replace",
    "trim",
)
_TOKENS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of statement block": "{%",
    "begin of print statement": "{{",
    "name": "一个名称",
    "string": "引号里的文字",
    "integer": "数字",
    "float": "数字",
}
_SYNTAX: tuple[tuple[str, _Words], ...] = (
    (
        r"No (filter|test) named '([^']*)'",
        lambda m: (
            "unknown-filter",
            f"没有名为 {m[2]} 的写法{_near(m[2], _FILTERS_KNOWN)}，请去掉“|{m[2]}”或改正",
        ),
    ),
    (r"forbidden tag (\w+)", lambda m: ("forbidden", f"模板里不能用 {m[1]}，请去掉")),
    (
        r"Unexpected end of template",
        lambda m: ("unclosed-block", "循环或判断没有写结尾（{%p endfor %} 或 {%p endif %}）"),
    ),
    (
        r"unknown tag '(end\w+|else|elif)'",
        lambda m: ("unopened-block", f"多了一个 {m[1]}，前面没有与它对应的开头"),
    ),
    (
        r"unknown tag '([^']*)'",
        lambda m: (
            "unknown-tag",
            f"没有 {m[1]} 这种标记{_near(m[1], _TAGS_KNOWN)}，请用 for、if、else、endfor、endif",
        ),
    ),
    (r"unexpected char '([^']*)'", lambda m: ("syntax", f"标记里有不能用的字符“{m[1]}”，请改用半角符号")),
    (
        r"unexpected '}'|unexpected 'end of print|got 'end of print statement'$",
        lambda m: ("syntax", "标记 {{ }} 里是空的或没有写完，请写出变量名，如 {{ unit.name }}"),
    ),
    (
        r"expected token 'end of statement block', got '='",
        lambda m: ("syntax", "比较要写两个等号：{% if 甲 == 乙 %}"),
    ),
    (
        r"expected token 'in'",
        lambda m: (
            "syntax",
            "标记写得不对：循环要写成 {%p for 名称 in 一组 %}，如 {%p for item in campaign.items %}",
        ),
    ),
    (
        r"got 'end of statement block'$",
        lambda m: ("syntax", "标记写得不对：{% … %} 里没有写完，请补上条件或要重复的内容"),
    ),
    (
        r"expected token 'end of (?:print statement|statement block)', got '(?:name|string|integer)'$",
        lambda m: ("syntax", "标记写得不对：两个词之间少了点号、竖线或运算符，如 unit.name、unit.name|upper"),
    ),
    (
        r"expected token '(.*?)', got '(.*?)'$",
        lambda m: (
            "syntax",
            f"标记写得不对：这里应当是 {_token(m[1])}，却写了 {_token(m[2])}，请检查是否少了点号或引号",
        ),
    ),
)


def _token(words: str) -> str:
    return f"“{_TOKENS.get(words, words)}”"


def _near(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"（是不是 {near[0]}？）" if near else ""


def _syntax(message: str) -> tuple[str, str]:
    for pattern, words in _SYNTAX:
        if found := re.search(pattern, message):
            return words(found)
    return "syntax", "标记写得不对，请对照 templates/README.md 重写这一处"
