"""The environment that staff's templates run in: sandboxed, strict, and bounded in time and size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from jinja2 import StrictUndefined, Template, Undefined, nodes, pass_context, pass_eval_context
from jinja2.exceptions import SecurityError, TemplateAssertionError, UndefinedError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

CHARACTERS_MAX = 4_000_000  # printed by one template, and in any one value: some 2,000 pages
LAID_MAX = (
    16_000_000  # characters that a template's own text comes to through its loops; no reader opens more
)
TURNS_MAX = 400_000  # loop turns and calls in one rendering
SECONDS_MAX = 20.0  # of one rendering, whatever it does
BITS_MAX = 512  # of a whole number: more is no figure a notice could hold

# Methods of text that cannot make a short text long; all others can be had by filters that are watched.
_TEXT_METHODS = frozenset(
    [
        "count",
        "endswith",
        "find",
        "index",
        "isdigit",
        "isspace",
        "lower",
        "lstrip",
        "removeprefix",
        "removesuffix",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "upper",
    ]
)

# What remains of Jinja's filters: none that pads, repeats, prints code or switches escaping off.
_FILTERS = [
    "abs",
    "attr",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "string",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordcount",
]
_FORBIDDEN: dict[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.ScopedEvalContextModifier: "autoescape",
}
_DIGITS = "零一二三四五六七八九"
# Stands before each paragraph while a part is a template, so that Jinja's line number leads to the paragraph.
# NUL cannot stand in XML nor, once cleaned, in a fact: nothing else can look like it.
MARK = "\n\0"
LATE = "_nc"  # the name under which a template is given what the imprint says of one recipient
_VISIBLE = re.compile(r"<w:t(?: [^>]*)?>\s*[^<\s]")


class TooMuch(SecurityError):
    """A template would print or compute more than its bounds allow."""


@dataclass(slots=True)
class _Meter:
    """What one rendering has used up so far."""

    turns: int = 0
    printed: int = 0
    laid: int = 0
    until: float = field(default_factory=lambda: monotonic() + SECONDS_MAX)


# Of the rendering at work in this thread, so that environments and compiled templates are shared by all.
_METER: ContextVar[_Meter] = ContextVar("meter")


@contextmanager
def metered() -> Iterator[None]:
    """Everything rendered inside counts as one rendering; within another it gets bounds of its own."""
    before = _METER.set(_Meter())
    try:
        yield
    finally:
        _METER.reset(before)


class _BoundedTemplate(Template):
    """Rendered by whomever: `from_string(…).render(…)` counts as one rendering too."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        with metered():
            return super().render(*args, **kwargs)


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Holds nothing that changes: what a rendering uses up is counted inside `metered()`.

    `autoescape` is on for XML and off for plain text. Names of a mapping come before its methods, so that
    `campaign.items` means the key. Missing names, None, lists and mappings cannot be printed by mistake.
    """

    template_class = _BoundedTemplate
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, undefined=StrictUndefined, finalize=_printable, cache_size=0)
        if not autoescape:  # plain text: a line that holds only a tag leaves no empty line behind
            self.trim_blocks = self.lstrip_blocks = True
        own: dict[str, Callable[..., Any]] = {
            "join": _join,
            "replace": _replace,
            "hanzi": hanzi,
            "sentence": sentence,
            "_counted": _counted,
            "_noted": _noted,
            "_joined": _joined,
        }
        self.filters = {name: self.filters[name] for name in _FILTERS if name in self.filters} | own
        self.globals = {"range": _range, "namespace": Namespace}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A mapping's own key first, then what the sandbox permits."""
        if (type(obj) is dict or isinstance(obj, Mapping)) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """As the sandbox, and of text only the methods that cannot swell."""
        if isinstance(obj, str) and callable(value):
            return attr in _TEXT_METHODS
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No `format` at all: a field width can ask for any number of blanks."""
        return None

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic, its result's size known before it is computed."""
        match operator:
            case "*":
                _refuse(_size(left) * max(_number(right), 1) > CHARACTERS_MAX)
                _refuse(_size(right) * max(_number(left), 1) > CHARACTERS_MAX)
                _refuse(_bits(left) + _bits(right) > BITS_MAX)
            case "**":
                _refuse(_bits(left) * max(_number(right), 1) > BITS_MAX)
            case "+":
                _refuse(_size(left) + _size(right) > CHARACTERS_MAX)
            case "%" if isinstance(left, str):
                raise SecurityError("%")
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Any call of a template counts as a turn, so that a macro calling itself comes to an end."""
        _turn(_METER.get())
        result = super().call(__context, __obj, *args, **kwargs)
        _refuse(_size(result) > CHARACTERS_MAX)
        return result

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Watch().visit(super()._parse(source, name, filename))
        return tree


def _turn(meter: _Meter) -> None:
    meter.turns += 1
    _refuse(meter.turns > TURNS_MAX or monotonic() > meter.until)


def _counted(values: Iterable[Any], laid: int) -> Iterator[Any]:
    """A loop's values; each turn lays `laid` characters of the template's own text."""
    meter = _METER.get()
    for value in values:
        meter.laid += laid
        _refuse(meter.laid > LAID_MAX)
        _turn(meter)
        yield value


def _range(*bounds: int) -> range:
    steps, meter = range(*bounds), _METER.get()
    meter.turns += len(steps)  # also where it is only turned into a list
    _refuse(meter.turns > TURNS_MAX)
    return steps


@pass_context
def _noted(context: Context, value: Any, number: int) -> bool:
    """Keep what stands in an imprint's slot of this number, and tell whether that is anything visible."""
    context[LATE]["noted"][number] = str(value)
    return bool(_VISIBLE.search(value))


@pass_eval_context
def _joined(context: EvalContext, parts: list[Any]) -> str:
    _refuse(sum(_size(str(part)) for part in parts) > CHARACTERS_MAX)
    if context.autoescape and any(hasattr(part, "__html__") for part in parts):
        return Markup("").join(parts)
    return "".join(str(part) for part in parts)


def _replace(text: str, old: str, new: str) -> str:
    value, gain = str(text), max(len(str(new)) - len(str(old)), 0)
    _refuse(len(value) + value.count(str(old)) * gain > CHARACTERS_MAX)
    return value.replace(str(old), str(new))


# Depends on the meter: with the context passed in, Jinja never works it out while compiling.
@pass_context
def _printable(context: Context, value: Any) -> Any:
    """What a tag may print, measured; ready-made Word XML (RichText, Listing) is printed as it is."""
    if type(value) is not str:
        value = _in_words(value)
        if isinstance(value, Undefined):
            return value  # printing it raises, with its name
    meter = _METER.get()
    meter.printed += len(value)
    _refuse(meter.printed > CHARACTERS_MAX)
    return value


def _in_words(value: Any) -> Any:
    if isinstance(value, (str, Undefined)):
        return value
    if hasattr(value, "__html__"):
        # RichText and Listing escaped their text when they were made.
        return Markup(value.__html__())
    if value is None:
        raise UndefinedError("None")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple, dict, Mapping)) or callable(value):
        raise UndefinedError("list")
    return str(value)


class _Watch(NodeTransformer):
    """Every loop's turns are counted, every `~` is measured, and other files cannot be drawn in.

    The marks before paragraphs have done their work once the lines are counted, and are taken out.
    """

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        if type(node) in _FORBIDDEN:
            raise TemplateAssertionError(f"forbidden tag {_FORBIDDEN[type(node)]}", node.lineno)
        return super().generic_visit(node, *args, **kwargs)

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        laid = nodes.Const(sum(len(each.data) for each in node.find_all(nodes.TemplateData)))
        node.iter = nodes.Filter(node.iter, "_counted", [laid], [], None, None, lineno=node.lineno)
        return node

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:
        node.data = node.data.replace(MARK, "")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "_joined", [], [], None, None, lineno=node.lineno)


def hanzi(number: int) -> str:
    """1 … 99 as 一 … 九十九, for headings: `{{ loop.index|hanzi }}、`."""
    tens, ones = divmod(int(number), 10)
    if not 0 < int(number) < 100:
        return str(number)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def sentence(text: str) -> str:
    """The text with a full stop, without the blanks that folded YAML lines leave after Chinese commas."""
    whole = re.sub(r"(?<=[，；、。：]) (?=\S)", "", str(text).strip())
    return whole if not whole or whole.rstrip("”）").endswith(("。", "！", "？")) else whole + "。"


@pass_eval_context
def _join(
    context: EvalContext, values: Iterable[Any], separator: str = "", attribute: str | None = None
) -> str:
    parts = list(values)
    if attribute is not None:
        parts = [part[attribute] for part in parts]
    _refuse(sum(_size(str(part)) + len(separator) for part in parts) > CHARACTERS_MAX)
    if context.autoescape:
        return escape(separator).join(parts)
    return separator.join(str(part) for part in parts)


def _refuse(is_too_much: bool) -> None:
    if is_too_much:
        raise TooMuch("too much")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, (str, bytes, list, tuple, dict)) else 0


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and abs(value) < 10**12 else 10**12


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0
