"""The words in which migrations speak of columns, keys and triggers; what one of them means never changes."""

from __future__ import annotations

import re
from typing import Any, Literal

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# Not those of the tables of today: they may say something else when an old migration runs again.
KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS_CHECK = re.compile(r"(ck_dispatch_kind\W+CHECK\s*\(\s*kind\s+IN\s*\([^)]*)\)")
TEXT, INSTANT, DAY = sa.Text(), sa.DateTime(timezone=True), sa.Date()
NUMBER, BIG, YES_NO = sa.Integer(), sa.BigInteger(), sa.Boolean()


def forbid_changes(table: str) -> None:
    """What happened can be added to, never altered or taken away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'table {table} is append-only'; END $$
            """
        )
        op.execute(
            f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()
            """
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table}
            BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END
            """
        )


def must(kind: Any, *names: str, is_numbered: bool = True) -> list[sa.Column[Any]]:
    """Columns that always hold something."""
    auto: Literal["auto", False] = "auto" if is_numbered else False
    return [sa.Column(name, kind, nullable=False, autoincrement=auto) for name in names]


def may(kind: Any, *names: str) -> list[sa.Column[Any]]:
    """Columns that may be empty."""
    return [sa.Column(name, kind, nullable=True) for name in names]


def one_of(table: str, column: str, words: str) -> sa.CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def refers(
    table: str, columns: str, target: str, target_columns: str, *, is_deferred: bool = False
) -> sa.ForeignKeyConstraint:
    """A foreign key; a deferred one is looked at on commit."""
    return sa.ForeignKeyConstraint(
        columns.split(),
        [f"{target}.{column}" for column in target_columns.split()],
        name=op.f(f"fk_{table}_{columns.replace(' ', '_')}"),
        deferrable=True if is_deferred else None,
        initially="DEFERRED" if is_deferred else None,
    )


def one_more_kind(kind: str) -> None:
    """A dispatch may be of this kind too; whatever kinds were allowed before stay allowed."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        known = bind.scalar(
            sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_dispatch_kind'")
        )
        kinds = (*re.findall(r"'([a-z-]+)'", str(known)), kind)
        op.drop_constraint(op.f("ck_dispatch_kind"), "dispatch", type_="check")
        listed = ", ".join(f"'{each}'" for each in kinds)
        op.create_check_constraint(op.f("ck_dispatch_kind"), "dispatch", f"kind IN ({listed})")
        return
    # SQLite cannot alter a check; revision 0005 says why the schema is written instead.
    is_dispatch = "type = 'table' AND name = 'dispatch'"
    was = str(bind.scalar(sa.text(f"SELECT sql FROM sqlite_master WHERE {is_dispatch}")))
    now, count = _KINDS_CHECK.subn(rf"\1, '{kind}')", was)
    if count != 1:
        raise RuntimeError("the table dispatch has no check of its kinds")
    op.execute("PRAGMA writable_schema=ON")
    op.execute(sa.text(f"UPDATE sqlite_master SET sql = :now WHERE {is_dispatch}").bindparams(now=now))
    op.execute("PRAGMA writable_schema=RESET")
