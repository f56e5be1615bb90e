"""The reader of returned forms: code, answers and text of a file or of typed lines."""

from service.doors.forms.door import FormsDoor

__all__ = ["FormsDoor"]
