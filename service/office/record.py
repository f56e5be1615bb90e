"""存档格式 — our own values as JSON bytes and back, checked on the way in."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    # Building an adapter costs milliseconds; there are a dozen kinds in all.
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_bytes(value: object) -> bytes:
    """A frozen dataclass as JSON, the same bytes for the same value."""
    return bytes(_adapter(type(value)).dump_json(value))


def from_bytes(kind: type[T], data: bytes) -> T:
    """The value back; raises pydantic's ValidationError when the bytes are not one."""
    value: T = _adapter(kind).validate_json(data)
    return value
