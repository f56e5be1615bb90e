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


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is not there: the line of its use, the name, and the names that are."""

    line: int
    name: str
    known: tuple[str, ...]


@dataclass(slots=True)
class _Walk:
    found: list[Missing] = field(default_factory=list)


def missing_names(source: str, facts: Mapping[str, Value]) -> tuple[Missing, ...]:
    """Unknown variables and keys of a template source that parses; raises TemplateSyntaxError otherwise."""
    environment = BoundedEnvironment(autoescape=True)
    walk = _Walk()
    scope: dict[str, _Shape] = {**facts, **dict.fromkeys(environment.globals, UNKNOWN)}
    for node in environment.parse(source).body:
        _visit(node, scope, walk)
    return tuple(dict.fromkeys(walk.found))


def _visit(node: nodes.Node, scope: dict[str, _Shape], walk: _Walk) -> None:
    match node:
        case nodes.For():
            inner = dict(scope)
            inner["loop"] = dict(_LOOP)
            _bind(node.target, _element(_shape(node.iter, scope, walk)), inner)
            for each in (*node.body, *([node.test] if node.test else ())):
                _visit(each, inner, walk)
            for each in node.else_:
                _visit(each, scope, walk)
        case nodes.Assign():
            _bind(node.target, _shape(node.node, scope, walk), scope)
        case nodes.AssignBlock():
            for each in node.body:
                _visit(each, scope, walk)
            _bind(node.target, UNKNOWN, scope)
        case nodes.Macro():
            scope[node.name] = UNKNOWN
            inner = {**scope, "caller": UNKNOWN, "varargs": UNKNOWN, "kwargs": UNKNOWN}
            for argument in node.args:
                _bind(argument, UNKNOWN, inner)
            for each in node.body:
                _visit(each, inner, walk)
        case nodes.Expr():
            _shape(node, scope, walk)
        case _:
            for each in node.iter_child_nodes():
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
            return _key(_shape(node.node, scope, walk), node.attr, node.lineno, walk)
        case nodes.Getitem(arg=nodes.Const(value=str() as key)):
            return _key(_shape(node.node, scope, walk), key, node.lineno, walk)
        case nodes.Filter(name="_counted" | "sort" | "reverse" | "list" | "unique") if node.node is not None:
            for argument in node.args:
                _shape(argument, scope, walk)
            return _shape(node.node, scope, walk)
        case nodes.Test(name="defined" | "undefined") | nodes.Filter(name="default" | "d"):
            return UNKNOWN  # the author asks whether it is there
        case _:
            for each in node.iter_child_nodes():
                _shape(each, scope, walk)
            return UNKNOWN


def _key(shape: _Shape, key: str, line: int, walk: _Walk) -> _Shape:
    if not isinstance(shape, Mapping) or not shape:
        return UNKNOWN
    if key in shape:
        return shape[key]
    if hasattr(shape, key):
        return UNKNOWN  # items, keys, values, get
    walk.found.append(Missing(line, key, tuple(shape)))
    return UNKNOWN


def _element(shape: _Shape) -> _Shape:
    """One element standing for all of a list: every key that any of them has."""
    if isinstance(shape, str) or not isinstance(shape, Sequence) or not shape:
        return UNKNOWN
    if not all(isinstance(each, Mapping) for each in shape):
        return UNKNOWN
    merged: dict[str, Value] = {}
    for each in _mappings(shape):
        for key, value in each.items():
            if key not in merged or not merged[key]:
                merged[key] = value
    return merged


def _mappings(shape: Sequence[Value]) -> Iterator[Mapping[str, Value]]:
    for each in shape:
        if isinstance(each, Mapping):
            yield each


def _names(scope: Mapping[str, _Shape]) -> tuple[str, ...]:
    return tuple(scope)
