"""The world on loopback: a mail server, an office, its units, and a clock that skips the empty hours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from service.doors.clock import ManualClock
from service.office.campaign import Campaign
from service.office.letter import Letter, Stage
from service.office.roster import Roster
from service.rehearsal.folder import NoRehearsal, make_office
from service.rehearsal.mail_server import LOOPBACK, MailServer
from service.rehearsal.scenario import Scenario
from service.rehearsal.units.mailbox import Mailbox, PostOffice
from service.rehearsal.units.person import Person, Robot, Website
from service.settings.sections import PREFIX
from service.wiring import Opened, open_office

# A campaign of forty units settles in two or three rounds; more is two robots answering each other.
ROUNDS_MAX = 50
DAYS_CLOSED_MAX = 30


@dataclass(slots=True)
class Trouble:
    """The clerk's diary in a rehearsal: silent, but everything that went wrong is kept for the verdict."""

    said: list[str] = field(default_factory=list)

    def note(self, event: str, **facts: object) -> None:
        """Something went as it should."""

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        """Something did not."""
        about = " ".join(f"{key}={value}" for key, value in facts.items())
        self.said.append(f"{event} {about}：{type(error).__name__}: {error}")


@dataclass(slots=True)
class World:
    """Everything a rehearsal moves. `addresses`: unit, stranger or body → its mailboxes."""

    folder: Path
    opened: Opened
    server: MailServer
    clock: ManualClock
    trouble: Trouble
    campaign: Campaign
    roster: Roster
    office_address: str
    people: dict[str, Person]
    addresses: dict[str, tuple[str, ...]]
    robots: list[Robot]
    dead: frozenset[str]

    @property
    def now(self) -> datetime:
        """The office's time."""
        return self.clock.now()

    def publish(self) -> None:
        """Put the public copies of the proof on the office's web page, where anybody finds them."""
        folder = self.opened.settings.exchange_folder / "校样" / self.campaign.key / "公开版"
        files = tuple((each.name, each.read_bytes()) for each in sorted(folder.iterdir()))
        for person in self.people.values():
            person.website = Website(files)

    def settle(self) -> None:
        """Work until nothing moves: outbox empty, every delivered mail taken in, every robot silent."""
        for _ in range(ROUNDS_MAX):
            has_worked = self.opened.clerk.tick(self.now, without=("report", "rollup"))
            answers = sum(robot.look(self.now) for robot in self.robots)
            if not has_worked and not answers and self.is_drained():
                return
        raise NoRehearsal(f"办公室忙了 {ROUNDS_MAX} 轮还没有停下来，演练中止")

    def is_drained(self) -> bool:
        """Whether every mail that the servers promised has been delivered and every delivered one read."""
        inbox = self.server.mails(self.office_address)
        returned = sum(1 for each in inbox if each.raw.startswith(b"Return-Path: <>"))
        if returned < sum(1 for each in self.server.log if each.rcpt.lower() in self.dead):
            return False
        newest = max((each.uid for each in inbox), default=0)
        return any(
            each.folder == "INBOX" and each.last_uid >= newest
            for each in self.opened.office.doors.ledger.cursors()
        )

    def next_instant(self) -> datetime | None:
        """When the office itself has something to do again: a retry, a gathered receipt, a reminder."""
        office, now = self.opened.office, self.now
        found = [office.doors.ledger.next_due(), office.acknowledge.next_at(now)]
        # A step that is held stays pending in the past; the ones still to come ring at their own hour.
        steps = [
            timer.at
            for row in office.doors.ledger.campaigns()
            for timer, state in office.doors.ledger.timers(row.key)
            if state == "pending"
        ]
        found += [self._opening(each) for each in {max(each, now) for each in steps}]
        return min((each for each in found if each is not None and each > now), default=None)

    def _opening(self, instant: datetime) -> datetime:
        """The first moment from this instant on at which the office is open."""
        policy = self.opened.office.policy
        if policy.is_open(instant):
            return instant
        day = policy.local(instant).date()
        for number in range(DAYS_CLOSED_MAX):
            start = datetime.combine(day + timedelta(days=number), policy.hours.start, policy.zone)
            if start > instant and policy.is_open(start):
                return start
        raise NoRehearsal("工作日历里很久都没有工作日，请检查 config/workdays.yaml")

    def arrived(self) -> tuple[Letter, ...]:
        """Every letter that came; those that one of several units was taken apart into are not counted."""
        return tuple(each for each in self.opened.office.doors.ledger.letters() if each.split_from is None)

    def letters_of(self, who: str) -> tuple[Letter, ...]:
        """Every letter from this unit's or stranger's mailboxes, in order of arrival."""
        theirs = {each.lower() for each in self.addresses[who]}
        letters = self.arrived()
        return tuple(each for each in letters if each.sender.lower() in theirs)

    def waiting_letter(self, who: str) -> Letter:
        """Their letter that waits for a person."""
        waiting = [each for each in self.letters_of(who) if each.stage in (Stage.REVIEW, Stage.ASKED)]
        if not waiting:
            raise NoRehearsal(f"待人工里没有{who}的来信，可是场景要在这里办理它")
        return waiting[-1]


@contextmanager
def build_world(scenario: Scenario, folder: Path) -> Iterator[World]:
    """A world on the eve of the release; everything is stopped at the end. Raises NoRehearsal."""
    with ExitStack() as stack:
        clock = ManualClock(scenario.released_at)
        server = stack.enter_context(MailServer(clock=clock.now))
        password = make_office(folder, server.smtp_port, server.imap_port)
        stack.enter_context(_without_environment())
        trouble = Trouble()
        opened = stack.enter_context(open_office(folder, clock=clock, diary=trouble))
        reading = opened.office.doors.staff_files.campaign(scenario.campaign)
        if reading.campaign is None:
            raise NoRehearsal("\n".join(each.sentence() for each in reading.problems))
        roster = opened.office.doors.staff_files.roster()
        office_address = opened.office.policy.sender
        server.add_account(office_address, password)
        world = World(
            folder=folder,
            opened=opened,
            server=server,
            clock=clock,
            trouble=trouble,
            campaign=reading.campaign,
            roster=roster,
            office_address=office_address,
            people={},
            addresses={},
            robots=[],
            dead=frozenset(each.lower() for each in scenario.dead_addresses),
        )
        _settle_people(world, scenario)
        yield world


def _settle_people(world: World, scenario: Scenario) -> None:
    """Give every unit, stranger and body its mailboxes; some answer by themselves, some are dead."""
    open_account = _accounts(world.server, world.dead)
    for unit in world.roster.in_groups(world.campaign.groups):
        world.addresses[unit.name] = tuple(each.text for each in unit.addresses)
        for contact in unit.contacts:
            for address in contact.addresses:
                person = Person(contact.name or unit.name, open_account(address.text))
                world.people.setdefault(unit.name, person)
                world.people.setdefault(f"{unit.name}/{contact.name}", person)
    for stranger in scenario.strangers:
        world.addresses[stranger.key] = (stranger.address,)
        world.people[stranger.key] = Person(stranger.name, open_account(stranger.address))
    for body in world.campaign.copies_to:
        for text in body.addresses:
            open_account(text)
    for unit_name, note in scenario.away.items():
        person = world.people[unit_name]
        world.robots.append(Robot(person.name, person.mailbox, note))
    for text, words in scenario.dead_addresses.items():
        world.server.bounce(text, "5.1.1", words)


def _accounts(server: MailServer, dead: frozenset[str]) -> Callable[[str], Mailbox]:
    post_office = PostOffice(LOOPBACK, server.smtp_port, server.imap_port)

    def open_account(address: str) -> Mailbox:
        # Passwords of simulated people protect nothing: the server listens on loopback for half a minute.
        if address.lower() not in dead:
            server.add_account(address, "rehearsal")
        return Mailbox(address, "rehearsal", post_office)

    return open_account


@contextmanager
def _without_environment() -> Iterator[None]:
    """A rehearsal must never reach the real office's mailboxes or database through variables set for it."""
    taken = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith(PREFIX)}
    try:
        yield
    finally:
        os.environ.update(taken)
