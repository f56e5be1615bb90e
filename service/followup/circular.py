"""通报 — a draft that lists the missing, for a person to finish; refused while a report may be unseen.

It lies in the exchange folder and nowhere else: nothing here can lay anything into the outbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.office.board import Board, BoardRow
from service.office.campaign import Obligation
from service.office.certainty import doubt
from service.office.change import Record
from service.office.circular import CIRCULAR_EVENT, DRAFT_NAME
from service.office.docket import STATE_WORDS, DocketState
from service.office.facts import campaign_facts, date_words
from service.office.frozen import frozen_campaign
from service.office.needs.archive import Archive
from service.office.needs.exchange import Exchange
from service.office.needs.ledger import Ledger
from service.office.needs.press import Imprint, Press, PressError, Value
from service.office.needs.wording import Words
from service.office.policy import Policy, moment_words
from service.office.tally import count, due_of, group_of, left_words, mailbox_sentence, unassigned_sentence
from service.office.title import break_title

FOLDER = "通报草稿"
TEMPLATE = "circular.docx"
NOT_DUE = "尚未到期"
# What is required and not in, and is no 未报 either, in the order in which a drafter asks about it [law 6].
_OTHERS = (
    DocketState.IN_REVIEW,
    DocketState.NEEDS_CORRECTION,
    DocketState.BY_LINK,
    DocketState.UNDELIVERED,
    DocketState.NOT_SENT,
    DocketState.PROMISED,
    DocketState.EXEMPT,
)


@dataclass(frozen=True, slots=True)
class Drafted:
    """Where the draft lies and how many units it names; or why there is none."""

    refusal: str = ""
    path: str = ""
    units: int = 0


@dataclass(frozen=True, slots=True)
class Circular:
    """Writes the draft."""

    ledger: Ledger
    archive: Archive
    press: Press
    words: Words
    exchange: Exchange
    policy: Policy

    def draft(self, board: Board, called: str, now: datetime) -> Drafted:
        """The missing of this board as of now; `called` is what people call the campaign.

        Raises DoorError where the exchange folder cannot be written.
        """
        row = self.ledger.campaign(board.campaign)
        if row is None:
            return Drafted(f"没有已签发的活动“{board.campaign}”")
        if refusal := doubt(self.ledger, self.policy, now):
            return Drafted(refusal)
        named = [each for each in board.rows if each.is_overdue and not each.docket.is_third_party]
        if not named:
            return Drafted("没有逾期未报的单位，不需要通报")
        campaign = frozen_campaign(row, self.archive)
        title = f"{campaign.issuer}关于{called}材料报送情况的通报"
        facts: dict[str, Value] = {
            "campaign": campaign_facts(campaign, self.policy.calendar, self.policy.zone),
            "circular": {
                "title_lines": list(break_title(campaign.issuer, title)),
                "signed_on": date_words(self.policy.local(now).date()),
                **self._facts(board, named, now),
            },
        }
        day = self.policy.local(now).date()
        template = self.words.circular(campaign.key, campaign.issuer, day)
        try:
            data = self.press.render(template, TEMPLATE, facts, Imprint(title=f"{title}（草稿）"))
        except PressError as error:
            return Drafted(error.problem.sentence())
        path = f"{FOLDER}/{campaign.key}/{DRAFT_NAME} {self.policy.local(now):%Y-%m-%d %H%M}.docx"
        self.exchange.put(path, data)
        units = len({each.docket.unit for each in named})
        about = (("sha256", hashlib.sha256(data).hexdigest()), ("units", str(units)))
        self.ledger.apply([Record(CIRCULAR_EVENT, now, "系统", campaign.key, about=about)])
        return Drafted("", path, units)

    def _facts(self, board: Board, named: list[BoardRow], now: datetime) -> dict[str, Value]:
        total = count(board.rows)
        return {
            "as_of": moment_words(now, self.policy.zone),
            "expected": str(total.expected),
            "returned": str(total.returned),
            "overdue": str(len(named)),
            "groups": _groups(named, board),
            "others": _others(board),
            "letters_words": unassigned_sentence(board),
            "mailbox_words": mailbox_sentence(board),
        }


def _groups(named: Iterable[BoardRow], board: Board) -> list[Value]:
    """By group in the order of the roster; one line a unit, with everything it owes."""
    groups: dict[str, dict[str, list[BoardRow]]] = {}
    for row in named:
        groups.setdefault(group_of(row), {}).setdefault(row.unit_name, []).append(row)
    return [
        {
            "name": name,
            "count": str(len(units)),
            "units": [
                {"name": unit, "owes": "；".join(_owes(row, board) for row in rows)}
                for unit, rows in units.items()
            ],
        }
        for name, units in groups.items()
    ]


def _owes(row: BoardRow, board: Board) -> str:
    due = due_of(row, board.at.tzinfo)
    hour = f"{due:%H:%M}" if isinstance(due, datetime) else ""
    until = f"，{due.month}月{due.day}日{hour}截止" if due else ""
    return f"{row.item_name}{until}，{left_words(row).replace(' ', '')}"


def _others(board: Board) -> list[Value]:
    required = [each for each in board.rows if each.docket.obligation is Obligation.REQUIRED]
    found = [(STATE_WORDS[state], [e for e in required if e.docket.state is state]) for state in _OTHERS]
    found.append((NOT_DUE, [each for each in required if each.docket.is_missing and not each.is_overdue]))
    return [
        {"name": name, "count": str(len(rows)), "rows": [_other(each) for each in rows]}
        for name, rows in found
        if rows
    ]


def _other(row: BoardRow) -> str:
    docket = row.docket
    promised = docket.promised_on if docket.state is DocketState.PROMISED else None
    remarks = [f"承诺{date_words(promised)}报送" if promised else "", docket.reason or ""]
    said = "，".join(filter(None, remarks))
    return f"{row.unit_name}：{row.item_name}" + (f"（{said}）" if said else "")
