"""What is in already: which entry a letter answers again, and what was right and need not come anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.incoming.check.fields import check_fields
from service.office.campaign import Item
from service.office.filing import Filing, faulty_entries, find_entry, in_force, of_entry, plain_title
from service.office.letter import LetterFacts
from service.office.matter import Assignment, Brought

# Said of parts that come after the rest; whoever says that something was wrong sends it anew instead.
_FURTHER = re.compile(r"补充|补报|补交|补发|补传|补一|补上|另附|漏发|漏附|漏了|漏传|忘了附|忘记附|续报")
_ANEW = re.compile(r"更正|修改|改正|修订|重新|重报|重发|替换|为准|有误|错误|作废|补正")


@dataclass(frozen=True, slots=True)
class Continued:
    """An assignment seen with what is in: its entry, and whether it completes the version there."""

    assignment: Assignment
    entry: int | None = None
    completes: bool = False
    before: Filing | None = None


def continued(item: Item, assignment: Assignment, known: Sequence[Filing], facts: LetterFacts) -> Continued:
    """Set one assignment against the filings that stand; changes nothing but what it adds to the answers."""
    files = tuple(each for each in known if each.medium != "paper")
    match assignment.brought:
        case Brought.FORM | Brought.LINES:
            return _form(item, assignment, files)
        case Brought.FILES if item.fields:
            return _beside_form(item, assignment, files, facts)
        case Brought.FILES | Brought.BODY:
            return _document(item, assignment, files, facts)
        case Brought.PICTURES:
            entry = max((each.entry for each in files), default=None)
            before = in_force(of_entry(files, entry))
            return Continued(assignment, entry, before is not None, before)
        case Brought.LINK | Brought.NIL:
            return Continued(assignment, None if item.is_many else 1)


def _form(item: Item, assignment: Assignment, known: tuple[Filing, ...]) -> Continued:
    entry = _entry(item, assignment, known)
    if entry is None and not plain_title(assignment.title) and assignment.brought is Brought.LINES:
        # Lines typed in answer to a correction name only what was wrong.
        faulty = faulty_entries(known) or tuple({each.entry for each in known})
        entry = faulty[0] if len(faulty) == 1 else None
    same = of_entry(known, entry)
    before = in_force(same)
    if before is None or before.is_nil:
        return Continued(assignment, entry)
    if not before.fields:
        return Continued(
            assignment, entry, completes=True, before=before
        )  # a scan, or a work without its form
    if before.is_valid and assignment.brought is Brought.FORM:
        return Continued(assignment, entry, before=before)  # a whole form stands for itself
    merged = _with_right_answers(item, assignment, before)
    return Continued(merged, entry, completes=merged is not assignment, before=before)


def _with_right_answers(item: Item, assignment: Assignment, before: Filing) -> Assignment:
    """What was right in the faulty version and is not answered now is kept."""
    wrong = {each.place for each in check_fields(item, dict(before.fields), "")}
    right = dict(before.fields)
    given = dict(assignment.fields)
    kept = {
        each.key: right[each.key]
        for each in item.fields
        if right.get(each.key) and not given.get(each.key) and each.label not in wrong
    }
    if not kept:
        return assignment
    answers = {**kept, **given}
    fields = tuple((each.key, answers[each.key]) for each in item.fields if answers.get(each.key))
    return replace(assignment, fields=fields, title=assignment.title or before.title)


def _beside_form(
    item: Item, assignment: Assignment, known: tuple[Filing, ...], facts: LetterFacts
) -> Continued:
    """A file that is no form, of an item that has one: a work, or the stamped page, of a form that is in."""
    names = " ".join(plain_title(part.name) for part in facts.parts if part.sha256 in assignment.parts)
    filled = {each.entry: each for each in known if each.fields}
    named = [each for each in filled.values() if each.title and plain_title(each.title) in names]
    only = named or (list(filled.values()) if len(filled) == 1 else [])
    if len(only) == 1:
        before = in_force(of_entry(known, only[0].entry))
        return Continued(replace(assignment, title=only[0].title), only[0].entry, before is not None, before)
    return Continued(assignment, _entry(item, assignment, known))


def _document(item: Item, assignment: Assignment, known: tuple[Filing, ...], facts: LetterFacts) -> Continued:
    entry = _entry(item, assignment, known)
    before = in_force(of_entry(known, entry))
    words = f"{facts.subject}\n{facts.reply_text}"
    is_further = (
        before is not None
        and not before.is_nil
        and not item.is_many
        and bool(_FURTHER.search(words))
        and not _ANEW.search(words)
    )
    return Continued(assignment, entry, is_further, before)


def _entry(item: Item, assignment: Assignment, known: tuple[Filing, ...]) -> int | None:
    if not item.is_many:
        return 1
    return find_entry(assignment.title, assignment.parts, known)
