"""The press: Word templates and facts in, documents out."""

from service.doors.press.door import PressDoor

__all__ = ["PressDoor"]
