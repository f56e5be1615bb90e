"""Small facts for the ledger's tests: a campaign of a few units, a letter, a dispatch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from service.doors.ledger import LedgerDoor
from service.office.address import Address
from service.office.approval import ReleaseRow
from service.office.campaign import Obligation
from service.office.change import ItemRow, OpenCampaign, Timer
from service.office.dispatch import DispatchKind, NewDispatch, notice_key
from service.office.docket import Docket, DocketState
from service.office.reading import NewLetter, TakeIn
from service.office.roster import Contact, Unit

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2024, 8, 20, 9, 0, tzinfo=CHINA)
DUE = datetime(2024, 9, 30, 0, 0, tzinfo=CHINA)
CAMPAIGN = "quality-weeks"
ITEMS = (
    ItemRow("works", "作品登记表", 0, Obligation.VOLUNTARY),
    ItemRow("summary", "活动总结", 1, Obligation.REQUIRED),
)
ACCOUNT = "office"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def unit(number: int, *addresses: str) -> Unit:
    listed = addresses or (f"U{number}@unit{number}.example",)
    return Unit(
        key=f"第{number}单位",
        name=f"第{number}单位",
        groups=("市局",),
        parent="某省",
        contacts=(Contact("张三", "0351-0000000 转 12", tuple(Address(each) for each in listed)),),
        note="测试",
        short_names=(f"{number}单位",),
        order=number,
    )


def new_dispatch(number: int, kind: DispatchKind = DispatchKind.NOTICE, **more: object) -> NewDispatch:
    facts: dict[str, object] = {
        "dedupe_key": notice_key(CAMPAIGN, f"第{number}单位", f"U{number}@unit{number}.example", 1),
        "kind": kind,
        "campaign": CAMPAIGN,
        "unit": f"第{number}单位",
        "rcpt": f"U{number}@unit{number}.example",
        "account": ACCOUNT,
        "message_id": f"<{kind.value}-{number}@office.example>",
        "content_sha256": sha(f"content {kind.value} {number}"),
        "due_at": NOW,
    }
    if kind is not DispatchKind.NOTICE:
        facts["dedupe_key"] = f"{kind.value}:{number}"
    return NewDispatch(**{**facts, **more})  # type: ignore[arg-type] # facts by name


def opening(
    units: int | Sequence[Unit] = 3, *, rev: int = 1, campaign: str = CAMPAIGN, codes: str = "AAAA"
) -> OpenCampaign:
    who = tuple(unit(number) for number in range(1, units + 1)) if isinstance(units, int) else tuple(units)
    return OpenCampaign(
        campaign=campaign,
        title="质量月活动",
        facts_sha256=sha(f"facts {campaign}"),
        zone="Asia/Shanghai",
        release=ReleaseRow(
            campaign, rev, sha(f"digest {rev}"), sha("inputs"), "李四", NOW, sha(f"roster {rev}")
        ),
        items=ITEMS,
        units=who,
        codes=(
            (f"{codes}-0000", ""),
            *((f"{codes}-{number:04d}", each.key) for number, each in enumerate(who, 1)),
        ),
        dockets=tuple(
            Docket(
                campaign,
                each.key,
                item.key,
                item.obligation,
                DocketState.NOT_SENT,
                DUE,
                unit_order=each.order,
            )
            for each in who
            for item in ITEMS
        ),
        dispatches=tuple(
            new_dispatch(
                each.order,
                campaign=campaign,
                dedupe_key=notice_key(campaign, each.key, "x", rev),
                message_id=f"<{campaign}-{rev}-{each.order}@office.example>",
            )
            for each in who
        ),
        timers=tuple(
            Timer(campaign, each.key, "first", 0, DUE - timedelta(days=5), ("summary",)) for each in who
        ),
    )


def new_letter(number: int, **more: object) -> NewLetter:
    facts: dict[str, object] = {
        "identity": sha(f"identity {number}"),
        "raw_sha256": sha(f"raw {number}"),
        "facts_sha256": sha(f"facts {number}"),
        "message_id": f"<letter-{number}@unit.example>",
        "received_at": NOW + timedelta(minutes=number),
        "arrived_via": "office/INBOX",
        "sender": f"u{number}@unit{number}.example",
        "subject": "报送材料",
        "size": 1000,
    }
    return NewLetter(**{**facts, **more})  # type: ignore[arg-type] # facts by name


def arrival(number: int, epoch: int, **more: object) -> TakeIn:
    return TakeIn(ACCOUNT, "INBOX", epoch, 7, number, new_letter(number, **more))


def take_in(ledger: LedgerDoor, number: int = 1) -> int:
    """A letter in the ledger; returns its id."""
    cursor = ledger.hold_mailbox(ACCOUNT, "INBOX", "tests")
    assert cursor is not None
    assert ledger.apply([arrival(number, cursor.epoch)])
    letter = ledger.letter_by_identity(sha(f"identity {number}"))
    assert letter is not None
    return letter.id


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type] # year, month, day and so on
