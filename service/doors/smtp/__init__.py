"""寄信 — hand letters to the office's mail accounts, one recipient a letter, politely."""

from service.doors.smtp.account import Day, DomainLimit, SmtpAccount
from service.doors.smtp.door import PostDoor

__all__ = ["Day", "DomainLimit", "PostDoor", "SmtpAccount"]
