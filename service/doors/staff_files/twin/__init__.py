"""活动.xlsx — the twin of campaign.yaml: read, written, and compared with it."""

from service.doors.staff_files.twin.layout import BOOK_FILE, PAGE_FILE

__all__ = ["BOOK_FILE", "PAGE_FILE"]
