"""What Sent teaches: under which Message-ID our letters were delivered, and which went out after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service.office.change import Change, LearnDelivered, MoveSentCursor, SettleDispatch
from service.office.dispatch import Dispatch, DispatchState
from service.office.needs.ledger import Ledger
from service.office.needs.post import Post, SentCopy
from service.outgoing.send.outcomes import Outcomes

# One round reads no more pages than this; the next one goes on where it ended.
PAGES_MAX = 5


@dataclass(frozen=True, slots=True)
class Learning:
    """Reads on in every account's Sent folder; nothing in it is changed."""

    ledger: Ledger
    post: Post
    outcomes: Outcomes

    def read_on(self, now: datetime) -> None:
        """The copies since the last reading, a bounded number of them."""
        for account in self.post.accounts():
            for _ in range(PAGES_MAX):
                if not self._page(account, now):
                    break

    def _page(self, account: str, now: datetime) -> bool:
        """One page; True when there is more."""
        uidvalidity, last_uid = self.ledger.sent_cursor(account)
        page = self.post.read_sent(account, uidvalidity, last_uid)
        if page is None:
            return False
        changes: list[Change] = []
        for copy in page.copies:
            dispatch = self._dispatch_of(account, copy)
            if dispatch is None:
                continue
            if copy.delivered_id and copy.delivered_id != dispatch.message_id.strip("<>"):
                changes.append(LearnDelivered(dispatch.id, copy.delivered_id))
            if dispatch.state is DispatchState.IN_DOUBT:
                why = "在“已发送”中找到了这封邮件"
                settle = SettleDispatch(dispatch.id, DispatchState.IN_DOUBT, DispatchState.SENT, now, why)
                self.outcomes.conclude_with(settle, partial(self.outcomes.sent_changes, dispatch, now))
        if (page.uidvalidity, page.last_uid) != (uidvalidity, last_uid):
            changes.append(MoveSentCursor(account, page.uidvalidity, page.last_uid))
        self.ledger.apply(changes)
        return page.has_more

    def _dispatch_of(self, account: str, copy: SentCopy) -> Dispatch | None:
        """By our own id; where the provider threw it away, by the number in our header and the recipient."""
        for each in (copy.our_id, copy.delivered_id):
            if each and (found := self.ledger.dispatch_by_message_id(each)):
                return found
        found = self.ledger.dispatch(copy.number) if copy.number else None
        if found is None or found.account != account or found.rcpt.lower() not in copy.rcpts:
            return None
        # What never left this ledger cannot lie in Sent: the number is another ledger's.
        return found if found.mime_sha256 else None
