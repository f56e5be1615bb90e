"""Letters that urge what every reminder has asked for in vain."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ONE_MORE = "urging"
_CHECK = re.compile(r"(ck_dispatch_kind\W+CHECK\s*\(\s*kind\s+IN\s*\([^)]*)\)")


def upgrade() -> None:
    """Whatever kinds were allowed before this revision stay allowed."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        known = bind.scalar(
            sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_dispatch_kind'")
        )
        kinds = (*re.findall(r"'([a-z-]+)'", str(known)), _ONE_MORE)
        op.drop_constraint(op.f("ck_dispatch_kind"), "dispatch", type_="check")
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        op.create_check_constraint(op.f("ck_dispatch_kind"), "dispatch", f"kind IN ({listed})")
        return
    # SQLite cannot alter a check; revision 0005 says why the schema is written instead.
    is_dispatch = "type = 'table' AND name = 'dispatch'"
    was = str(bind.scalar(sa.text(f"SELECT sql FROM sqlite_master WHERE {is_dispatch}")))
    now, count = _CHECK.subn(rf"\1, '{_ONE_MORE}')", was)
    if count != 1:
        raise RuntimeError("the table dispatch has no check of its kinds")
    op.execute("PRAGMA writable_schema=ON")
    op.execute(sa.text(f"UPDATE sqlite_master SET sql = :now WHERE {is_dispatch}").bindparams(now=now))
    op.execute("PRAGMA writable_schema=RESET")


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
