"""Names in a template that the facts do not have, found without rendering, at the place of their use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import nodes

from service.doors.press.sandbox import BoundedEnvironment
from service.office.needs.press import Value


class _Unknown:
    """The shape of something the walk cannot follow: every name in it is believed."""


UNKNOWN = _Unknown()
_Shape = Value | _Unknown
_LOOP = dict.fromkeys(
    [
        "index",
        "index0",
        "revindex",
        "revindex0",
        "first",
        "last",
        "length",
        "depth",
        "depth0",
        "previtem",
        "nextitem",
        "cycle",
        "changed",
    ],
    1,
)
# Filters that hand on the list they are given, whole or in part, and those that take one element of it.
_SAME = ("_counted", "sort", "reverse", "list", "unique", "select", "reject", "selectattr", "rejectattr")
_ONE = ("first", "last", "min", "max", "random")
# Filters whose argument names an attribute of every element: by position, or by the word `attribute`.
_NAMES_FIRST = ("selectattr", "rejectattr", "groupby")
_NAMES_BY_WORD = ("map", "sort", "unique", "sum", "join", "min", "max")
_AT = {"join": 1}  # join(sign, attribute)
_POSITION = {"sum": 0, "groupby": 0, "selectattr": 0, "rejectattr": 0, **_AT}


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is not there: its line, the name, the names there are, and what it was asked of."""

    line: int
    name: str
    known: tuple[str, ...]
    owner: str = ""  # campaign.items in {{ campaign.items[0].nmae }}; empty for a variable


@dataclass(slots=True)
class _Walk:
    found: list[Missing] = field(default_factory=list)


def missing_names(
    source: str, facts: Mapping[str, Value], believed: Sequence[str] = ()
) -> tuple[Missing, ...]:
    """Unknown variables and keys of a template source that parses; raises TemplateSyntaxError otherwise.

    `believed` are names that stood in a tag which had to be taken out: what they hold cannot be told.
    """
    environment = BoundedEnvironment(autoescape=True)
    walk = _Walk()
    scope: dict[str, _Shape] = {**dict.fromkeys([*believed, *environment.globals], UNKNOWN), **facts}
    for node in environment.parse(source).body:
        _visit(node, scope, walk)
    return tuple(dict.fromkeys(walk.found))


def _visit(node: nodes.Node, scope: dict[str, _Shape], walk: _Walk) -> None:
    match node:
        case nodes.For():
            _visit_loop(node, scope, walk)
        case nodes.Assign():
            _bind(node.target, _shape(node.node, scope, walk), scope)
        case nodes.AssignBlock():
            for each in node.body:
                _visit(each, scope, walk)
            _bind(node.target, UNKNOWN, scope)
        case nodes.With():
            inner = dict(scope)
            for target, value in zip(node.targets, node.values, strict=True):
                _bind(target, _shape(value, scope, walk), inner)
            _visit_all(node.body, inner, walk)
        case nodes.Macro() | nodes.CallBlock():
            if isinstance(node, nodes.Macro):
                scope[node.name] = UNKNOWN
            else:
                _shape(node.call, scope, walk)
            inner = {**scope, "caller": UNKNOWN, "varargs": UNKNOWN, "kwargs": UNKNOWN}
            for argument in node.args:
                _bind(argument, UNKNOWN, inner)
            _visit_all(node.body, inner, walk)
        case nodes.Expr():
            _shape(node, scope, walk)
        case _:
            _visit_all(node.iter_child_nodes(), scope, walk)


def _visit_loop(node: nodes.For, scope: dict[str, _Shape], walk: _Walk) -> None:
    inner = dict(scope)
    inner["loop"] = dict(_LOOP)
    _bind(node.target, _element(_shape(node.iter, scope, walk)), inner)
    _visit_all((*node.body, *([node.test] if node.test else ())), inner, walk)
    _visit_all(node.else_, scope, walk)


def _visit_all(
    each_of: Iterator[nodes.Node] | Sequence[nodes.Node], scope: dict[str, _Shape], walk: _Walk
) -> None:
    for each in each_of:
        _visit(each, scope, walk)


def _bind(target: nodes.Node, shape: _Shape, scope: dict[str, _Shape]) -> None:
    if isinstance(target, nodes.Name):
        scope[target.name] = shape
        return
    for each in target.find_all(nodes.Name):
        scope[each.name] = UNKNOWN


def _shape(node: nodes.Node, scope: dict[str, _Shape], walk: _Walk) -> _Shape:
    """What an expression yields, as far as it can be told; unknown names are noted on the way."""
    match node:
        case nodes.Name():
            if node.name in scope:
                return scope[node.name]
            walk.found.append(Missing(node.lineno, node.name, _names(scope)))
            return UNKNOWN
        case nodes.Getattr():
            owner = _shape(node.node, scope, walk)
            return _key(owner, node.attr, Missing(node.lineno, node.attr, (), _words(node.node)), walk)
        case nodes.Getitem(arg=nodes.Const(value=str() as key)):
            owner = _shape(node.node, scope, walk)
            return _key(owner, key, Missing(node.lineno, key, (), _words(node.node)), walk)
        case nodes.Getitem(arg=nodes.Const(value=int())):
            return _element(_shape(node.node, scope, walk))
        case nodes.Getitem(arg=nodes.Slice()):
            return _shape(node.node, scope, walk)
        case nodes.Filter():
            return _filtered(node, scope, walk)
        case nodes.Test(name="defined" | "undefined"):
            return UNKNOWN  # the author asks whether it is there
        case nodes.Or() | nodes.CondExpr():
            return _either(node, scope, walk)
        case _:
            for each in node.iter_child_nodes():
                _shape(each, scope, walk)
            return UNKNOWN


def _either(node: nodes.Or | nodes.CondExpr, scope: dict[str, _Shape], walk: _Walk) -> _Shape:
    """`a or b`, `a if c else b`: known where both are of one kind."""
    if isinstance(node, nodes.CondExpr):
        _shape(node.test, scope, walk)
        sides = [node.expr1, node.expr2] if node.expr2 else [node.expr1]
    else:
        sides = [node.left, node.right]
    shapes = [_shape(each, scope, walk) for each in sides]
    if all(isinstance(each, Mapping) for each in shapes):
        return _merged(each for each in shapes if isinstance(each, Mapping))
    lists = [each for each in shapes if isinstance(each, Sequence) and not isinstance(each, str)]
    if len(lists) == len(shapes):
        return [element for each in lists for element in each]
    return UNKNOWN


def _filtered(node: nodes.Filter, scope: dict[str, _Shape], walk: _Walk) -> _Shape:
    if node.name in ("default", "d"):
        # The author says what to do where it is missing; the fallback itself must exist.
        for argument in node.args:
            _shape(argument, scope, walk)
        return UNKNOWN
    given = _shape(node.node, scope, walk) if node.node is not None else UNKNOWN
    for argument in (*node.args, *(each.value for each in node.kwargs)):
        _shape(argument, scope, walk)
    named = _attribute_of(node)
    found: _Shape = UNKNOWN
    if named is not None:
        found = _element(given)
        for key in named.split("."):
            owner = _words(node.node) if node.node is not None else ""
            found = _key(found, key, Missing(node.lineno, key, (), owner), walk)
    if node.name in _SAME:
        return given
    if node.name in _ONE:
        return _element(given)
    return [] if node.name != "map" or isinstance(found, _Unknown) else [found]


def _attribute_of(node: nodes.Filter) -> str | None:
    """The attribute that a filter asks of every element, where it is written out."""
    if node.name not in (*_NAMES_FIRST, *_NAMES_BY_WORD):
        return None
    for each in node.kwargs:
        if (
            each.key == "attribute"
            and isinstance(each.value, nodes.Const)
            and isinstance(each.value.value, str)
        ):
            return each.value.value
    at = _POSITION.get(node.name)
    if at is not None and len(node.args) > at:
        argument = node.args[at]
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            return argument.value
    return None


def _key(shape: _Shape, key: str, asked: Missing, walk: _Walk) -> _Shape:
    if not isinstance(shape, Mapping) or not shape:
        return UNKNOWN
    if key in shape:
        return shape[key]
    if hasattr(shape, key):
        return UNKNOWN  # items, keys, values, get
    walk.found.append(Missing(asked.line, key, tuple(shape), asked.owner))
    return UNKNOWN


def _element(shape: _Shape) -> _Shape:
    """One element standing for all of a list: every key that any of them has."""
    if isinstance(shape, str) or not isinstance(shape, Sequence) or not shape:
        return UNKNOWN
    if not all(isinstance(each, Mapping) for each in shape):
        return UNKNOWN
    return _merged(each for each in shape if isinstance(each, Mapping))


def _merged(shapes: Iterator[Mapping[str, Value]]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for each in shapes:
        for key, value in each.items():
            if key not in merged or not merged[key]:
                merged[key] = value
    return merged


def _names(scope: Mapping[str, _Shape]) -> tuple[str, ...]:
    return tuple(each for each in scope if each not in ("range", "namespace"))


def _words(node: nodes.Node) -> str:
    """`campaign.items` as the author wrote it, or nothing for a longer expression."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            owner = _words(node.node)
            return f"{owner}.{node.attr}" if owner else ""
        case nodes.Getitem() | nodes.Filter(name="_counted") if node.node is not None:
            return _words(node.node)
    return ""
