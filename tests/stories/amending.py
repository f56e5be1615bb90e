"""What stories of later releases share: an order shown and signed, and the edits that lead to it."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes, policy

from service.office.dispatch import Dispatch, DispatchKind
from service.outgoing.amend import Order, Prepared
from tests.stories.story import CAMPAIGN, SIGNER, Story


def show(story: Story, order: Order) -> Prepared:
    """The proof of a later release."""
    prepared = story.office.amend.prepare(order, story.now)
    assert not prepared.refusal, prepared.refusal
    return prepared


def sign(story: Story, order: Order) -> str:
    """Shown, then signed; returns what the signer is told."""
    prepared = show(story, order)
    assert prepared.may_be_signed, [each.sentence() for each in prepared.problems]
    signed = story.office.amend.sign(order, SIGNER, prepared.digest, story.now, really=True)
    assert signed.is_done, signed.say
    return signed.say


def refused(story: Story, order: Order) -> str:
    """Why an order cannot be carried out."""
    return story.office.amend.prepare(order, story.now).refusal


def edit_roster(story: Story, was: str, now: str) -> None:
    """A clerk corrects the address book."""
    path = story.folder / "config" / "units.csv"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")


def add_unit(story: Story, line: str) -> None:
    """A clerk adds a line to the address book."""
    path = story.folder / "config" / "units.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")


def edit_campaign(story: Story, was: str, now: str) -> None:
    """A clerk corrects campaign.yaml."""
    path = story.folder / "templates" / CAMPAIGN / "campaign.yaml"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")


def rows(story: Story, kind: DispatchKind) -> tuple[Dispatch, ...]:
    """The outbox's rows of a kind."""
    return story.ledger.dispatches(CAMPAIGN, kinds=(kind,))


def taken(story: Story) -> Counter[tuple[str, str]]:
    """What the post office took, by its own log: recipient and subject, the code left out."""
    return Counter((rcpt, subject) for rcpt in _rcpts(story) for subject in story.subjects(rcpt))


def _rcpts(story: Story) -> list[str]:
    return sorted({each.rcpt for each in story.world.accepted})


def files_in(mime: bytes) -> dict[str, bytes]:
    """Names and bytes of what a mail carries."""
    found: dict[str, bytes] = {}
    for part in message_from_bytes(mime, policy=policy.default).walk():
        payload = part.get_payload(decode=True)
        if part.get_filename() and isinstance(payload, bytes):
            found[str(part.get_filename())] = payload
    return found
