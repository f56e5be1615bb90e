"""分拣 — person, machine, bounce, read receipt or our own copy, and why."""

from __future__ import annotations

from service.incoming.sort.judging import judge

__all__ = ["judge"]
