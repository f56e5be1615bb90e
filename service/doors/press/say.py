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
    near = get_close_matches(name, [each for each in known if each != name], n=1, cutoff=0.5)
    return f"没有名为 {name} 的变量" + (
        f"，是不是 {near[0]}？" if near else "，请改用已有的变量名，或在活动资料中补上这一项"
    )


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
            return "wrong-use", f"标记里的写法用在了不合适的内容上，填不出来（{error}）"
        case _:
            return "not-rendered", f"模板填不出来（{type(error).__name__}：{error}）"


def _undefined(message: str, known: tuple[str, ...]) -> tuple[str, str]:
    if message == "None":
        return "empty-value", "这里要填的内容为空，请在活动资料中补上，或用 {%p if … %} 把这一段括起来"
    if message == "list":
        return "not-text", "这里取到的是一组内容而不是文字，请用 {%p for … %} 逐条填写，或写出具体的一项"
    if re.search(r"has no element \d+$", message):
        return "unknown-variable", "这里要取的那一项不存在：列表没有这么多项"
    if found := re.search(r"has no attribute '([^']*)'|has no element (\S+)", message):
        return "unknown-variable", no_such_name(found[1] or found[2], known)
    if found := re.match(r"'([^']*)' is undefined", message):
        return "unknown-variable", no_such_name(found[1], known)
    return "unknown-variable", f"取不到要填的内容（{message}）"


_SYNTAX: tuple[tuple[str, _Words], ...] = (
    (
        r"No (filter|test) named '([^']*)'",
        lambda m: ("unknown-filter", f"没有名为 {m[2]} 的写法，请去掉“|{m[2]}”"),
    ),
    (r"forbidden tag (\w+)", lambda m: ("forbidden", f"模板里不能用 {m[1]}，请去掉")),
    (
        r"Unexpected end of template",
        lambda m: ("unclosed-block", "循环或判断没有写结尾（{%p endfor %} 或 {%p endif %}）"),
    ),
    (r"unknown tag '(end\w+)'", lambda m: ("unopened-block", f"多了一个 {m[1]}，前面没有与它对应的开头")),
    (
        r"unknown tag '([^']*)'",
        lambda m: ("unknown-tag", f"没有 {m[1]} 这种标记，请用 for、if、else、endfor、endif"),
    ),
    (r"unexpected char '([^']*)'", lambda m: ("syntax", f"标记里有不能用的字符“{m[1]}”，请改用半角符号")),
    (r"unexpected '}'|unexpected 'end of print", lambda m: ("syntax", "标记 {{ }} 里是空的或没有写完")),
)


def _syntax(message: str) -> tuple[str, str]:
    for pattern, words in _SYNTAX:
        if found := re.search(pattern, message):
            return words(found)
    return "syntax", f"标记写得不对（{message}），请对照说明重写这一处"
