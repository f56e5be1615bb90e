"""验证回执 — whether a mail is the receipt we sent, and whether what it says still holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from service.desk.shapes import Damage
from service.desk.verify import Verified
from service.incoming.acknowledge import ANSWERS
from service.journey import Office
from service.office.dispatch import Dispatch
from service.office.letter import LetterFacts
from service.office.needs.ledger import Event
from service.office.outcome import DoorError
from service.office.policy import moment_words
from service.office.taking_back import TAKEN_BACK_EVENT

_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
# Events in which a receipt is written down, and under which of their facts.
_WRITTEN_DOWN = {"acknowledged": "receipt", "receipt-corrected": "corrected"}


def verify_receipt(office: Office, mail: bytes, now: datetime) -> Verified:
    """Compare a receipt with the bytes we sent, with what was filed, and with the chain of events."""
    facts = office.doors.envelope.read(mail, _bare_hash)
    ledger = office.doors.ledger
    dispatch = ledger.dispatch_by_message_id(facts.message_id) if facts.message_id else None
    ledger.seal(now)
    chain = ledger.check_chain()
    head = chain.head if chain.checked else ""
    if dispatch is None or dispatch.kind not in ANSWERS:
        what = "信里没有邮件编号（Message-ID）" if not facts.message_id else "台账里没有这封信"
        say = "不是本办公室发出的回执" if dispatch is None else "是本办公室发出的，但不是回执或补正通知"
        why = f"{what}：{say}" if dispatch is None else say
        return Verified(1, (Damage("receipt", facts.message_id, why),), head)
    printed = tuple(dict.fromkeys(_SHA256.findall(facts.text)))
    events = _events(office, dispatch)
    damaged = [Damage("receipt", facts.message_id, say) for say in _changed(office, dispatch, facts)]
    damaged += [
        Damage("blob", each, say) for each in printed for say in _lost(office, dispatch, events, each)
    ]
    damaged += _unwritten(dispatch, events, chain.damaged)
    damaged += _void(office, events)
    return Verified(1 + len(printed) + len(events), tuple(damaged), head)


def _bare_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _changed(office: Office, dispatch: Dispatch, facts: LetterFacts) -> Iterator[str]:
    """What differs from the mail as it left: servers on the way add headers, and may wrap text anew."""
    if not dispatch.mime_sha256:
        yield f"发件 {dispatch.id} 还没有发出过"
        return
    try:
        sent = office.doors.envelope.read(office.doors.archive.get(dispatch.mime_sha256), _bare_hash)
    except DoorError:
        yield f"存档中没有发件 {dispatch.id} 的原件，无法比对：请从备份恢复"
        return
    compared: tuple[tuple[str, Callable[[LetterFacts], object]], ...] = (
        ("正文", lambda each: _words(each.text)),
        ("主题", lambda each: each.subject.strip()),
        ("发件人", lambda each: each.sender.key if each.sender else ""),
        ("收件人", lambda each: tuple(address.key for address in each.to)),
        ("附件", lambda each: tuple(sorted(part.sha256 for part in each.parts))),
    )
    for name, of in compared:
        if of(facts) != of(sent):
            yield f"{name}与发出的原件（发件 {dispatch.id}）不一致，可能被改动过"


def _words(text: str) -> str:
    return "".join(text.split())


def _events(office: Office, dispatch: Dispatch) -> list[Event]:
    ledger = office.doors.ledger
    return [
        each
        for kind, name in _WRITTEN_DOWN.items()
        for each in ledger.events(campaign=dispatch.campaign, unit=dispatch.unit, kind=kind)
        if dict(each.about).get(name) == dispatch.dedupe_key
    ]


def _lost(office: Office, dispatch: Dispatch, events: list[Event], sha256: str) -> Iterator[str]:
    """A printed fingerprint must be that of a filed document of these letters, whole in the archive."""
    letters = {each.letter for each in events}
    filings = office.doors.ledger.filings(dispatch.campaign, dispatch.unit)
    if not any(doc.sha256 == sha256 for each in filings if each.letter in letters for doc in each.docs):
        yield "归档的材料里没有这个校验码对应的文件"
    elif not office.doors.archive.check(sha256):
        yield "存档中的文件已损坏或遗失，与回执上的校验码不符：请从备份恢复"


def _unwritten(dispatch: Dispatch, events: list[Event], damaged: tuple[int, ...]) -> list[Damage]:
    if not events:
        say = "记录链里没有发这份回执的记录：请与备份核对"
        return [Damage("event", f"发件 {dispatch.id}", say)]
    say = "发这份回执的记录与前后的校验值不符，可能被改动过：请与备份核对"
    return [Damage("event", str(each.id), say) for each in events if each.id in damaged]


def _void(office: Office, events: list[Event]) -> list[Damage]:
    """True when it was sent, and no longer: a person has taken a letter back since."""
    found = []
    for event in events:
        if event.kind != "acknowledged" or event.letter is None:
            continue
        later = [
            each
            for each in office.doors.ledger.events(letter=event.letter, kind=TAKEN_BACK_EVENT)
            if each.id > event.id
        ]
        if later:
            at = moment_words(later[0].at, office.policy.zone)
            say = f"回执是真的，但来信 {event.letter} 的登记已于{at}撤回，以更正回执为准"
            found.append(Damage("receipt", f"来信 {event.letter}", say))
    return found
