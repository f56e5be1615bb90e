"""存疑: what is known of a dispatch whose conversation broke after the letter had begun. [law 1]"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service.office.change import SettleDispatch
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.needs.ledger import Ledger
from service.office.needs.post import Post
from service.office.policy import Policy
from service.outgoing.send.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Doubts:
    """Settles what can be known; what cannot stays for a person."""

    ledger: Ledger
    post: Post
    policy: Policy
    outcomes: Outcomes

    def settle(self, now: datetime) -> None:
        """Look every in-doubt dispatch up in Sent; what cannot be known stays for a person [law 1]."""
        # Of an account that was taken out of the settings, or does not answer now, nothing can be known;
        # asking a silent server for each of many letters would hold up everything else.
        asked = set(self.post.accounts())
        for dispatch in self.ledger.dispatches(states=(DispatchState.IN_DOUBT,)):
            account, is_there = dispatch.account, None
            if account in asked:
                is_there = self.post.is_in_sent(account, dispatch.message_id)
                if is_there is None:
                    asked.discard(account)
            if is_there:
                why = "在“已发送”中找到了这封邮件"
                settle = SettleDispatch(dispatch.id, DispatchState.IN_DOUBT, DispatchState.SENT, now, why)
                self.outcomes.conclude_with(settle, partial(self.outcomes.sent_changes, dispatch, now))
            elif dispatch.kind is DispatchKind.RECEIPT and self.policy.resend_receipts_in_doubt:
                why = "按本单位设置，存疑回执重发一次"
                if dispatch.attempts < 2:
                    self.ledger.apply(
                        [SettleDispatch(dispatch.id, DispatchState.IN_DOUBT, DispatchState.RETRY, now, why)]
                    )

    def look_up(self, dispatch: Dispatch, now: datetime) -> None:
        if self.post.is_in_sent(dispatch.account, dispatch.message_id):
            end = self.outcomes.end(dispatch, DispatchState.SENT, now, was=DispatchState.IN_DOUBT)
            self.outcomes.conclude_with(end, partial(self.outcomes.sent_changes, dispatch, now))
