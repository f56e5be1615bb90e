"""取数 — asks ledger and archive everything a board is made of."""

from __future__ import annotations

from datetime import date, datetime

from service.followup.report.addresses import address_rows
from service.followup.report.chased import chased_rows
from service.followup.report.rows import board_rows, count_unassigned, last_read
from service.followup.report.sources import Pack, Sources, Told
from service.followup.report.todo import desk_rows
from service.office.approval import Act
from service.office.board import Board
from service.office.chased import OVERDUE_EVENT
from service.office.content import Enclosure, Manifest
from service.office.delivery import CALL_EVENT, DELIVERED_EVENT
from service.office.dispatch import DispatchState
from service.office.docket import DocketState
from service.office.filing import PAPER
from service.office.frozen import frozen_campaign
from service.office.ladder import climbs_of, paper_copies
from service.office.letter import Letter, LetterFacts, Link, Stage
from service.office.needs.archive import Archive
from service.office.needs.ledger import CampaignRow, Ledger
from service.office.order import REMARK_EVENT
from service.office.outcome import DoorError
from service.office.record import from_bytes
from service.office.tree_names import campaign_folder

# More letters than one office's mailbox ever held; beyond it the board would have to be read in pages.
LETTERS_MAX = 200_000
# What 初审 writes when it refuses a letter; the event stays when a person has dealt with the letter.
REFUSED_EVENT = "checked-refuse"


Packs = tuple[tuple[str, tuple[Enclosure, ...]], ...]
_PACKS: dict[str, Packs] = {}
# More releases than this are never looked at together; the cache is emptied rather than grown.
PACKS_CACHED_MAX = 256
# What keeps a campaign that has ended on the desk: letters that wait, mail in trouble.
_UNSETTLED = (Stage.REVIEW, Stage.ASKED, Stage.FILED, Stage.REFUSED)
_TROUBLED = (DispatchState.IN_DOUBT, DispatchState.HELD)


def open_campaigns(ledger: Ledger) -> tuple[str, ...]:
    """Keys of the campaigns that still run, and of ended ones about which something waits for a person."""
    return tuple(row.key for row in ledger.campaigns() if row.is_open or _has_work(ledger, row.key))


def _has_work(ledger: Ledger, campaign: str) -> bool:
    if any(ledger.count_letters(stage, campaign) for stage in _UNSETTLED):
        return True
    return bool(ledger.dispatches(campaign, states=_TROUBLED))


def gather(
    ledger: Ledger, archive: Archive, campaign: str, now: datetime, staff: tuple[str, ...] = ()
) -> Sources:
    """What ledger and archive say about one campaign; raises LookupError for an unknown one."""
    row = ledger.campaign(campaign)
    if row is None:
        raise LookupError(f"没有已签发的活动“{campaign}”")
    dockets = ledger.dockets(campaign)
    letters = letters_of(ledger, campaign)
    linked = {each.unit for each in dockets if each.state is DocketState.BY_LINK}
    return Sources(
        row=row,
        campaign=frozen_campaign(row, archive),
        items=ledger.items(campaign),
        standings=ledger.standings(campaign),
        dockets=dockets,
        filings=ledger.filings(campaign),
        dispatches=ledger.dispatches(campaign),
        letters=letters,
        findings={each.id: ledger.findings(each.id) for each in letters if each.unit},
        links={each.id: _links(archive, each) for each in letters if each.unit in linked},
        stumbles=ledger.stumbles(),
        cursors=ledger.cursors(),
        open_campaigns=len(open_campaigns(ledger)),
        sealed=frozenset(each.letter for each in ledger.events(kind=REFUSED_EVENT) if each.letter),
        asked_beside=frozenset(each.letter for each in ledger.events(kind="asked-beside") if each.letter),
        pauses=ledger.pauses(),
        confirmed=ledger.confirmed_senders(),
        settled=frozenset(each.letter for each in ledger.events(kind="noted") if each.letter),
        is_corrected=any(each.act is Act.CORRECTION for each in ledger.releases(campaign)),
        extended={
            (each.unit, each.item): dict(each.about).get("until", "")
            for each in ledger.events(campaign=campaign, kind="extended")
        },
        call_events=ledger.events(campaign=campaign, kind=CALL_EVENT),
        overdue=frozenset(each.letter for each in ledger.events(kind=OVERDUE_EVENT) if each.letter),
        delivered={
            each.unit: Told(each.at, dict(each.about).get("say", ""))
            for each in ledger.events(campaign=campaign, kind=DELIVERED_EVENT)
        },
        packs=packs_of(ledger, archive, campaign),
        folder=tree_name(ledger, row),
        papers=_papers(ledger, campaign),
        remarks={
            (each.unit, each.item): dict(each.about).get("text", "")
            for each in ledger.events(campaign=campaign, kind=REMARK_EVENT)
        },
        staff=staff,
        copies=paper_copies(ledger, campaign),
        climbs=climbs_of(ledger, campaign, dockets, now),
    )


def tree_name(ledger: Ledger, row: CampaignRow) -> str:
    """What people call the campaign; two of one title are told apart by their keys."""
    others = (each.title for each in ledger.campaigns() if each.key != row.key)
    return campaign_folder(row.key, row.title, others)


def _papers(ledger: Ledger, campaign: str) -> dict[tuple[str, str], date]:
    papers: dict[tuple[str, str], date] = {}
    for event in ledger.events(campaign=campaign, kind="recorded"):
        about = dict(event.about)
        if about.get("via") == PAPER and "on" in about:
            papers[event.unit, event.item] = date.fromisoformat(about["on"])
    return papers


def packs_of(ledger: Ledger, archive: Archive, campaign: str) -> dict[str, Pack]:
    """What lies ready to be printed for each unit without mail, by the newest release that says so."""
    packs: dict[str, Pack] = {}
    for release in ledger.releases(campaign):
        for unit, enclosures in _packs_in(release.manifest_sha256, archive):
            # A 催报函 is handed over beside what was handed over before, and takes the place of nothing.
            before = packs[unit].enclosures if unit in packs and release.act is Act.URGING else ()
            packs[unit] = Pack(release.at, (*before, *enclosures))
    return packs


def _packs_in(manifest_sha256: str, archive: Archive) -> Packs:
    """Read once per manifest: that of a large campaign takes a second."""
    if not manifest_sha256:
        return ()
    if manifest_sha256 not in _PACKS:
        try:
            found = from_bytes(Manifest, archive.get(manifest_sha256)).print_packs
        except DoorError:
            return ()  # the board must not fail for a lost file; `verify` names it
        if len(_PACKS) >= PACKS_CACHED_MAX:
            _PACKS.clear()
        _PACKS[manifest_sha256] = found
    return _PACKS[manifest_sha256]


def letters_of(ledger: Ledger, *campaigns: str) -> tuple[Letter, ...]:
    """Letters of these campaigns and of none, in order of arrival."""
    wanted = {*campaigns, None}
    return tuple(each for each in ledger.letters(limit=LETTERS_MAX) if each.campaign in wanted)


def board_of(sources: Sources, now: datetime, head: str = "") -> Board:
    """The board at one instant; `head` is the event chain's, where it is known."""
    return Board(
        campaign=sources.row.key,
        title=sources.row.title,
        issuer=sources.campaign.issuer,
        at=now.astimezone(sources.zone),
        rows=board_rows(sources, now),
        desk=desk_rows(sources, now),
        addresses=address_rows(sources.standings, sources.confirmed, sources.dispatches),
        unassigned_letters=count_unassigned(sources.letters),
        mailbox_read_at=last_read(sources.cursors),
        item_names=tuple((each.key, each.name) for each in sources.items),
        head=head,
        chased=chased_rows(sources),
        staff=sources.staff,
    )


def _links(archive: Archive, letter: Letter) -> tuple[Link, ...]:
    try:
        return from_bytes(LetterFacts, archive.get(letter.facts_sha256)).links
    except DoorError:
        # The list must not fail for a letter's lost facts; `verify` names them.
        return ()
