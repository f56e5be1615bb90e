"""A dispatch as the letter that goes out: what was drafted, addressed and dated."""

from __future__ import annotations

from datetime import datetime

from service.office.content import Content
from service.office.dispatch import Dispatch
from service.office.mail import OWN_HEADER, OutgoingMail
from service.office.needs.archive import Archive
from service.office.policy import Policy
from service.office.record import from_bytes


def letter_of(archive: Archive, policy: Policy, dispatch: Dispatch, now: datetime) -> OutgoingMail:
    """One dispatch as a letter, dated now on the office's own clock; raises DoorError."""
    content = from_bytes(Content, archive.get(dispatch.content_sha256))
    return OutgoingMail(
        sender=policy.sender,
        sender_name=policy.sender_name,
        rcpt=dispatch.rcpt,
        subject=content.subject,
        text=content.text,
        attachments=tuple((each.name, archive.get(each.sha256), each.type) for each in content.enclosures),
        message_id=dispatch.message_id,
        date=policy.local(now),
        in_reply_to=dispatch.in_reply_to,
        references=content.references,
        auto_submitted=content.auto_submitted,
        extra_headers=((OWN_HEADER, str(dispatch.id)),),
    )
