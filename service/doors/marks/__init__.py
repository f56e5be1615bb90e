"""The scanner's eye: the square marks on scanned and photographed paper."""

from service.doors.marks.door import MarksDoor

__all__ = ["MarksDoor"]
