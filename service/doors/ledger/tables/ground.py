"""What all tables share: one MetaData with a name for every constraint, and the words a column may hold."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import CheckConstraint, MetaData

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def one_of(column: str, *names: str) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def values(kind: type[Enum]) -> list[str]:
    """The stored words of an enum."""
    return [str(each.value) for each in kind]
