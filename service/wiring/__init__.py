"""Opens the doors that settings name and hands them to clerk and desk."""

from __future__ import annotations

from service.wiring.desk_tools import desk_tools, main
from service.wiring.opening import Opened, clock_of, code_key, open_office, owner_of

__all__ = ["Opened", "clock_of", "code_key", "desk_tools", "main", "open_office", "owner_of"]
