"""信箱 — read the office's mailboxes over IMAP, never changing them."""

from service.doors.imap.account import AfterFiling, ImapAccount
from service.doors.imap.door import MailboxesDoor
from service.doors.imap.sent import SentLook

__all__ = ["AfterFiling", "ImapAccount", "MailboxesDoor", "SentLook"]
