"""版本 — the newest revision under migrations/versions; a test keeps the two together."""

from __future__ import annotations

# Knowing it here spares every command the loading of Alembic.
HEAD = "0015"
