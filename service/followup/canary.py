"""自检 — lay a letter to ourselves into the outbox, so that it is known whether answers could come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.office.canary import canary_key, is_due
from service.office.change import QueueDispatch
from service.office.content import Content
from service.office.dispatch import DispatchKind, NewDispatch
from service.office.message_id import make_message_id
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.policy import Policy
from service.office.record import to_bytes

SUBJECT = "回执系统自检信（不用处理，可以删除）"
TEXT = (
    "这是回执系统发给本单位自己的自检信，用来确认邮件发得出、收得进。\n"
    "系统收到后会自动登记，不用处理，也不用回复；可以删除。\n"
)


@dataclass(frozen=True, slots=True)
class Canary:
    """Sends nothing itself; only the daemon asks it, for a rehearsal's fast clock would send one a second."""

    ledger: Ledger
    archive: Archive
    policy: Policy

    def look(self, now: datetime) -> bool:
        """Queue one when due; True when one was."""
        if not is_due(self.ledger, self.policy, now):
            return False
        key = canary_key(now)
        sha256 = self.archive.put(to_bytes(Content(SUBJECT, TEXT)))
        policy = self.policy
        queued = QueueDispatch(
            NewDispatch(
                dedupe_key=key,
                kind=DispatchKind.CANARY,
                campaign="",
                unit="",
                rcpt=policy.canary_to,
                account=policy.account,
                message_id=make_message_id(policy.code_key, key, policy.sender_domain),
                content_sha256=sha256,
                due_at=now,
            )
        )
        return self.ledger.apply([queued])
