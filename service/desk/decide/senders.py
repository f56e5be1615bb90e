"""记住发件人 — an address that a clerk confirmed speaks for its unit from then on, until it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.desk.decide.word import Decided, missing_word, refuse
from service.journey import Office
from service.office.address import Address
from service.office.change import Change, ForgetSender, MarkAddress, Record
from service.office.letter import Kind, Letter, LetterFacts
from service.office.trust import is_refuted

# A unit that writes from more private mailboxes than this is asked for a roster line, not learned further.
CONFIRMED_PER_UNIT_MAX = 20
HANDED_IN = "交换/收件/"


@dataclass(frozen=True, slots=True)
class Learning:
    """What is written down about a confirmed sender, and the clause a clerk reads."""

    changes: tuple[Change, ...] = ()
    say: str = ""


def learning_of(
    office: Office,
    letter: Letter,
    facts: LetterFacts,
    campaign: str,
    unit: str,
    by: str,
    now: datetime,
    forgotten: str = "",
) -> Learning:
    """Remember the sender of an assigned letter, unless the letter is no proof of whose the mailbox is."""
    sender = facts.sender
    if sender is None or letter.arrived_via.startswith(HANDED_IN) or letter.kind is not Kind.PERSON:
        return Learning()
    if sender.key in office.policy.own_addresses:
        return Learning()
    if is_refuted(facts, office.policy.mail_hosts):
        return Learning(say=f"{sender} 核验没有通过，没有记住这个邮箱")
    ledger = office.doors.ledger
    standing = ledger.standing(campaign, unit)
    if standing is None or any(each.key == sender.key for each in standing.unit.addresses):
        return Learning()
    if (owner := _listed_for(office, sender, unit)) is not None:
        return Learning(say=f"{sender} 是“{owner}”在通讯录中的邮箱，没有为“{unit}”记住")
    known = [each for each in ledger.confirmed_senders(address=sender.key) if each.unit != forgotten]
    if any(each.unit == unit for each in known):
        return Learning()
    if len(ledger.confirmed_senders(unit)) >= CONFIRMED_PER_UNIT_MAX:
        many = f"“{unit}”已记住 {CONFIRMED_PER_UNIT_MAX} 个邮箱"
        return Learning(say=f"{many}，没有再记；请把常用的写进通讯录，不用的用 forget 去掉")
    changes = (
        MarkAddress(unit, sender.text, "ok", learned_by=by),
        Record(
            "sender-confirmed", now, by, campaign, unit, letter=letter.id, about=(("address", sender.text),)
        ),
    )
    if known:
        others = "、".join(dict.fromkeys(each.unit for each in known))
        return Learning(changes, f"{sender} 也曾确认是“{others}”的，今后不再凭这个邮箱认单位")
    return Learning(changes, f"已记住 {sender}，以后凭它认“{unit}”（用 forget 去掉）")


def _listed_for(office: Office, sender: Address, unit: str) -> str | None:
    """Another unit that has the address on its roster line, in a campaign that runs."""
    ledger = office.doors.ledger
    for campaign, owner in ledger.whose_address(sender.key):
        standing = ledger.standing(campaign, owner) if owner != unit else None
        if standing is not None and any(each.key == sender.key for each in standing.unit.addresses):
            return owner
    return None


def forget(office: Office, address: str, *, unit: str, by: str, reason: str, now: datetime) -> Decided:
    """An address no longer speaks for a unit; what was filed by it stays."""
    if refused := missing_word(office, by, reason):
        return refuse(refused)
    about = (("address", address.strip()), ("reason", reason))
    forgotten = Record("sender-forgotten", now, by, unit=unit, about=about)
    changes: list[Change] = [ForgetSender(unit, address), forgotten]
    if not office.doors.ledger.apply(changes):
        return refuse(f"没有为“{unit}”记住过 {address}，用 senders 查看记住了哪些")
    return Decided(True, f"已去掉：{address} 不再代表“{unit}”，已归档的不变")
