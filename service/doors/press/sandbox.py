"""The environment that staff's templates run in: sandboxed, strict, and bounded in time and size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any

from jinja2 import StrictUndefined, Undefined, nodes, pass_eval_context
from jinja2.exceptions import SecurityError, TemplateAssertionError, UndefinedError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

CHARACTERS_MAX = 4_000_000  # printed by one template, and in any one value: some 2,000 pages
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


class TooMuch(SecurityError):
    """A template would print or compute more than its bounds allow."""


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """One rendering's environment: make a new one each time, since it counts.

    `autoescape` is on for XML and off for plain text. Names of a mapping come before its methods, so that
    `campaign.items` means the key. Missing names, None, lists and mappings cannot be printed by mistake.
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(
            autoescape=autoescape, undefined=StrictUndefined, finalize=self._printable, cache_size=0
        )
        if not autoescape:  # plain text: a line that holds only a tag leaves no empty line behind
            self.trim_blocks = self.lstrip_blocks = True
        own: dict[str, Callable[..., Any]] = {
            "join": _join,
            "replace": self._replace,
            "hanzi": hanzi,
            "sentence": sentence,
            "_counted": self._counted,
            "_joined": self._joined,
        }
        self.filters = {name: self.filters[name] for name in _FILTERS if name in self.filters} | own
        self.globals = {"range": self._range, "namespace": Namespace}
        self._turns = 0
        self._until = monotonic() + SECONDS_MAX
        self._printed = 0

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A mapping's own key first, then what the sandbox permits."""
        if isinstance(obj, Mapping) and attribute in obj:
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
        __self._turn()
        result = super().call(__context, __obj, *args, **kwargs)
        _refuse(_size(result) > CHARACTERS_MAX)
        return result

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Watch().visit(super()._parse(source, name, filename))
        return tree

    def _turn(self) -> None:
        self._turns += 1
        _refuse(self._turns > TURNS_MAX or monotonic() > self._until)

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._turn()
            yield value

    def _range(self, *bounds: int) -> range:
        steps = range(*bounds)
        self._turns += len(steps)  # also where it is only turned into a list
        _refuse(self._turns > TURNS_MAX)
        return steps

    @staticmethod
    @pass_eval_context
    def _joined(context: EvalContext, parts: list[Any]) -> str:
        _refuse(sum(_size(str(part)) for part in parts) > CHARACTERS_MAX)
        if context.autoescape and any(hasattr(part, "__html__") for part in parts):
            return Markup("").join(parts)
        return "".join(str(part) for part in parts)

    @staticmethod
    def _replace(text: str, old: str, new: str) -> str:
        value, gain = str(text), max(len(str(new)) - len(str(old)), 0)
        _refuse(len(value) + value.count(str(old)) * gain > CHARACTERS_MAX)
        return value.replace(str(old), str(new))

    def _printable(self, value: Any) -> Any:
        if isinstance(value, Undefined):
            return value  # printing it raises, with its name
        if value is None:
            raise UndefinedError("None")
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, (list, tuple, dict, Mapping)) or callable(value):
            raise UndefinedError("list")
        text = value if isinstance(value, str) else str(value)
        self._printed += len(text)
        _refuse(self._printed > CHARACTERS_MAX)
        return text


class _Watch(NodeTransformer):
    """Every loop's turns are counted, every `~` is measured, and other files cannot be drawn in."""

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        if type(node) in _FORBIDDEN:
            raise TemplateAssertionError(f"forbidden tag {_FORBIDDEN[type(node)]}", node.lineno)
        return super().generic_visit(node, *args, **kwargs)

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "_counted", [], [], None, None, lineno=node.lineno)
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
