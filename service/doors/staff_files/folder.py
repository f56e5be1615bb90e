"""The office folder as `needs/staff_files` wants it."""

from __future__ import annotations

from pathlib import Path


class StaffFilesDoor:
    def __init__(self, office: Path) -> None:
        self.office = office
