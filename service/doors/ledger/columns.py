"""列 — the column types of the ledger: instants in UTC, words that every database can hold, lists as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Row, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

# PostgreSQL refuses NUL in text, and neither database can store half a surrogate pair; broken mail has both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# A row whose columns the reader knows, and the type checker does not.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]

# Keys are compared byte by byte on both databases, whatever the locale of the PostgreSQL cluster.
Key = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

# Only INTEGER numbers its own rows on SQLite.
Id = BigInteger().with_variant(Integer(), "sqlite")


def storable(text: str) -> str:
    """The text with whatever a database cannot hold replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


class Instant(TypeDecorator[datetime]):
    """An aware instant. SQLite drops offsets, so UTC is stored and comes back; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"an instant needs its offset: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """From UTC. Thousands of dockets share a few due dates, so each is read once."""
        return _from_text if dialect.name == "sqlite" else _in_utc


@lru_cache(maxsize=4096)
def _from_text(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored).replace(tzinfo=UTC)


def _in_utc(stored: datetime | None) -> datetime | None:
    return None if stored is None else stored.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that came from outside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Storable on both databases."""
        return None if value is None else storable(value)


class Strings(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """To a JSON list."""
        return None if value is None else storable(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """From a JSON list; most rows hold none."""
        if value is None:
            return None
        return () if value == "[]" else tuple(json.loads(value))


class Pairs(TypeDecorator[tuple[tuple[str, str], ...]]):
    """Pairs of strings in their order, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[str, str], ...] | None, dialect: Dialect) -> str | None:
        """To a JSON list of lists."""
        return None if value is None else storable(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[tuple[str, str], ...] | None:
        """From a JSON list of lists."""
        if value is None:
            return None
        return tuple((name, said) for name, said in json.loads(value))
