"""A small campaign as the ledger would tell it, for tests of what is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.followup.report.sources import Sources
from service.office.address import read_address
from service.office.campaign import Campaign, Due, Item, ItemKind, ItemScope, Obligation, PostAddress
from service.office.change import ItemRow
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import Docket, DocketState, MediumState
from service.office.filing import FiledDoc, Filing
from service.office.finding import Finding, Severity
from service.office.letter import Kind, Letter, Link, Stage
from service.office.needs.ledger import CampaignRow, Cursor, Standing
from service.office.roster import Contact, Unit

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2024, 10, 1, 9, 0, tzinfo=ZONE)
DUE = datetime(2024, 9, 30, 0, 0, tzinfo=ZONE)  # due on the 29th: its day ends here

UNITS = ("太原市市场监督管理局", "大同市市场监督管理局", "朔州市市场监督管理局", "忻州市市场监督管理局")

SUMMARY = Item(
    "summary",
    "质量月活动总结",
    ItemKind.SUMMARY,
    (ItemScope(("市局",), Obligation.REQUIRED),),
    due=Due(date(2024, 9, 28), carries_over=True),
)
WORKS = Item(
    "works", "质量故事作品", ItemKind.FORM, (ItemScope(("市局",), Obligation.VOLUNTARY),), is_many=True
)

CAMPAIGN = Campaign(
    key="quality",
    issuer="山西省市场监督管理局",
    title="2024年全省“质量月”活动",
    theme="",
    signed_on=date(2024, 8, 20),
    doc_number="",
    groups=("市局",),
    unlisted_groups=(),
    copies_to=(),
    activities=(),
    attachments=(),
    contacts=(),
    links=(),
    post=PostAddress(),
    items=(SUMMARY, WORKS),
)


def unit(order: int) -> Unit:
    person = Contact(
        f"王{'一二三四'[order]}", f"0351-000000{order}", (read_address(f"zlk{order}@sx.example"),)
    )
    return Unit(UNITS[order], UNITS[order], ("市局",), "山西省", (person,), order=order)


def docket(order: int, item: str = "summary", state: DocketState = DocketState.AWAITED) -> Docket:
    is_summary = item == "summary"
    return Docket(
        campaign="quality",
        unit=UNITS[order],
        item=item,
        obligation=Obligation.REQUIRED if is_summary else Obligation.VOLUNTARY,
        state=state,
        due_until=DUE if is_summary else None,
        unit_order=order,
        electronic=MediumState.AWAITED,
    )


def letter(id: int, stage: Stage, unit: str | None = None, campaign: str | None = "quality") -> Letter:
    at = datetime(2024, 9, 20, 8, id, tzinfo=UTC)
    sha256 = f"{id:064x}"
    sender, subject = f"someone{id}@sx.example", f"材料{id}"
    return Letter(
        id, f"i{id}", sha256, "", at, "a/INBOX", stage, Kind.PERSON, campaign, unit, sender, subject
    )


def dispatch(id: int, order: int, state: DispatchState, kind: DispatchKind = DispatchKind.NOTICE) -> Dispatch:
    return Dispatch(
        id=id,
        dedupe_key=f"d{id}",
        kind=kind,
        campaign="quality",
        unit=UNITS[order],
        rcpt=f"zlk{order}@sx.example",
        account="main",
        message_id=f"<{id}@office.example>",
        content_sha256="c",
        state=state,
        due_at=NOW - timedelta(days=40 - id),
        sent_at=NOW - timedelta(days=40 - id) if state is DispatchState.SENT else None,
        mime_sha256=f"{1000 + id:064x}" if state is DispatchState.SENT else "",
    )


def sources() -> Sources:
    """Four units: returned with a work, needing correction, missing with paper out, undelivered."""
    returned = replace(
        docket(0, state=DocketState.RETURNED),
        electronic=MediumState.RETURNED,
        returned_at=datetime(2024, 9, 25, 2, 0, tzinfo=UTC),
        entries=1,
        version=2,
    )
    half = replace(docket(2), electronic=MediumState.RETURNED, paper=MediumState.AWAITED)
    filings = (
        filing("summary", 1, 1, 1, "总结.docx", is_valid=True),
        filing("summary", 1, 2, 2, "总结（改）.docx", is_valid=True),
        filing("works", 1, 1, 3, "作品登记表.docx", is_valid=True, title="=质量在身边"),
    )
    return Sources(
        row=CampaignRow("quality", CAMPAIGN.title, "open", "f" * 64, "Asia/Shanghai", NOW),
        campaign=CAMPAIGN,
        items=(
            ItemRow("summary", SUMMARY.name, 0, Obligation.REQUIRED),
            ItemRow("works", WORKS.name, 1, Obligation.VOLUNTARY),
        ),
        standings=tuple(Standing("quality", unit(order), f"AAAA-AAA{order}") for order in range(4)),
        dockets=(
            returned,
            replace(docket(0, "works", DocketState.RETURNED), returned_at=NOW, entries=1, version=1),
            docket(1, state=DocketState.NEEDS_CORRECTION),
            docket(1, "works"),
            half,
            docket(2, "works", DocketState.BY_LINK),
            docket(3, state=DocketState.UNDELIVERED),
            docket(3, "works"),
        ),
        filings=filings,
        dispatches=(
            dispatch(1, 0, DispatchState.SENT),
            dispatch(2, 1, DispatchState.SENT),
            dispatch(30, 1, DispatchState.SENT, DispatchKind.REMINDER),
            dispatch(4, 3, DispatchState.DEAD),
            dispatch(5, 2, DispatchState.IN_DOUBT, DispatchKind.REMINDER),
        ),
        letters=(
            letter(1, Stage.ACKNOWLEDGED, UNITS[0]),
            letter(4, Stage.ACKNOWLEDGED, UNITS[1]),
            letter(5, Stage.REVIEW, None, None),
            letter(6, Stage.REFUSED, UNITS[1]),
            letter(7, Stage.ACKNOWLEDGED, UNITS[2]),
            letter(8, Stage.IGNORED, None, None),
            letter(9, Stage.ASKED, UNITS[2]),
        ),
        findings={
            4: (
                Finding("length", "summary", "", "约500字，实际1200字", Severity.ADVICE),
                Finding("field-missing", "summary", "联系电话", "登记表中“联系电话”未填写"),
            )
        },
        links={7: (Link("qq", "视频.mp4", "65M", datetime(2024, 10, 17, tzinfo=ZONE), "https://x.example"),)},
        cursors=(Cursor("main", "INBOX", 1, 1, 9, NOW - timedelta(minutes=3)),),
    )


def filing(
    item: str, entry: int, version: int, id: int, name: str, is_valid: bool, title: str = ""
) -> Filing:
    return Filing(
        campaign="quality",
        unit=UNITS[0],
        item=item,
        entry=entry,
        version=version,
        letter=id,
        docset_sha256=f"{id}",
        docs=(FiledDoc(f"{100 + id:064x}", name, 10),),
        is_valid=is_valid,
        filed_at=NOW,
        received_at=NOW,
        title=title,
    )
