"""Which item, and for many-items which entry, each file or paragraph of a letter answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from service.incoming.match.names import head_lines
from service.incoming.match.words import (
    OTHER_PAPER,
    Spoken,
    called,
    named_items,
    only_item,
    sectioned,
    spoken,
    taken_back,
    titled,
    told,
)
from service.office.campaign import Campaign, FieldKind, FormField, Item, Prefill
from service.office.form import FormReading
from service.office.letter import Flag, LetterFacts, Part
from service.office.matter import Assignment, Brought, Read
from service.office.rule import Then

PICTURE_TYPES = ("image/",)
# Fewer of one's own characters than this are a covering note, not a summary.
BODY_CHARACTERS_AT_LEAST = 120
# So many filled `标签：` lines make a reply a form.
LINES_AT_LEAST = 2
# A file called no more than this is called by the item's own word, and so is the next one.
PLAIN_NAME_CHARACTERS = 8
_LINK = re.compile(r"https?://\S+|[\w.-]+\.(?:com|cn|net)/\S+")
# 联系人 and 电话 stand below every second letter; alone they are a signature, not a form.
_CONTACT = re.compile(r"联系|电话|手机|邮箱|邮件|mail|传真|姓名|地址|单位|日期", re.IGNORECASE)
_SIGNATURE_TYPES = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
)
_SIGNATURE_NAMES = ("smime.p7s", "signature.asc")
_SHUT = {Flag.ENCRYPTED, Flag.BOMB, Flag.UNREADABLE}
_ARCHIVES = ("zip", "rar", "7z")
_NO_TEXT_TYPES = ("application/pdf", "application/ofd")


@dataclass(frozen=True, slots=True)
class Brings:
    """What a letter brings, item by item; `unplaced` are files no item could be given to."""

    assignments: tuple[Assignment, ...]
    unplaced: tuple[Part, ...] = ()
    doubt: str = ""  # why a person must look at what came, even where whose it is is sure


def is_picture(part: Part) -> bool:
    """Whether a part is a picture by content."""
    return part.type.startswith(PICTURE_TYPES)


def is_signature(part: Part) -> bool:
    """What says that a letter was not changed; it returns nothing."""
    return part.type.startswith(_SIGNATURE_TYPES) or part.name.lower() in _SIGNATURE_NAMES


def place(
    facts: LetterFacts,
    reads: tuple[Read, ...],
    lines: dict[str, FormReading],
    campaign: Campaign,
    items: tuple[Item, ...],
    meaning: Then,
    correcting: frozenset[str] = frozenset(),
) -> Brings:
    """Give every returned thing to an item; `lines` holds the reply read as each form item's lines.

    `correcting` are the items of which the unit has been asked to correct something.
    """
    by_sha = {read.sha256: read for read in reads}
    says = spoken(facts, campaign, items)
    forms, rest = _forms(counted(facts.parts), by_sha, items)
    found = forms or _lines(lines, items, correcting)
    papers = tuple(part for part in rest if not is_picture(part))
    found, unplaced, doubt = _papers(found, papers, by_sha, says, items)
    if not found and not papers:
        found = _words(facts, items, says, meaning)
    pictures = tuple(part for part in rest if is_picture(part))
    found, loose = _pictures(found, pictures, says, items)
    return Brings(tuple(found), (*unplaced, *loose), doubt or taken_back(facts))


def counted(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The files that may return something: no logos, no repetitions, no blank forms, no opened archives."""
    opened = {part.inside for part in parts if part.inside}
    return tuple(part for part in parts if _counts(part) and not _is_wrapper(part, opened))


def _counts(part: Part) -> bool:
    return not is_signature(part) and not {Flag.INLINE, Flag.BLANK_FORM, Flag.DUPLICATE} & set(part.flags)


def _is_wrapper(part: Part, opened: set[str]) -> bool:
    """An archive or winmail.dat whose members speak for themselves; one that did not open is looked at."""
    return part.name in opened and not _SHUT & set(part.flags)


def filled(reading: FormReading, item: Item) -> int:
    """How many of the item's fields a reading answers, aside from what we had printed there.

    Where a form asks for nothing else than what we know, its coming back is the answer.
    """
    asked = [each for each in item.fields if not each.is_unit_name]
    own = [each for each in asked if each.prefill is Prefill.NONE] or asked
    return sum(1 for each in own if reading.value(each.key))


def is_form_of(reading: FormReading, item: Item) -> bool:
    """Whether a file is this item's form: most of its labels are there, filled or not."""
    keys = {each.key for each in item.fields}
    seen = {each.key for each in reading.fields} & keys
    labels = sum(1 for each in item.fields if each.label in reading.text.replace(" ", ""))
    return bool(keys) and (len(seen) * 2 >= len(keys) or labels * 3 >= len(keys) * 2)


# Forms, as files and as typed lines.


def _forms(
    parts: tuple[Part, ...], by_sha: dict[str, Read], items: tuple[Item, ...]
) -> tuple[list[Assignment], tuple[Part, ...]]:
    found: list[Assignment] = []
    rest: list[Part] = []
    for part in parts:
        read = by_sha.get(part.sha256)
        item = next((each for each in items if each.fields and read and is_form_of(read.reading, each)), None)
        if item is None or read is None:
            rest.append(part)
        elif filled(read.reading, item) > 0 or read.reading.flags:
            _add_form(found, _form_assignment(item, part, read.reading))
    return found, tuple(rest)


def _add_form(found: list[Assignment], new: Assignment) -> None:
    """One work as .docx and again as .pdf is one entry: the fuller reading speaks, both files are kept."""
    for at, each in enumerate(found):
        if each.item == new.item and new.title and _bare(each.title) == _bare(new.title):
            fuller, other = (each, new) if len(each.fields) >= len(new.fields) else (new, each)
            found[at] = replace(fuller, parts=(*fuller.parts, *other.parts))
            return
    found.append(new)


def _form_assignment(item: Item, part: Part, reading: FormReading) -> Assignment:
    title = reading.value(item.title_field.key) if item.title_field else ""
    fields = tuple((each.key, reading.value(each.key)) for each in item.fields if reading.value(each.key))
    return Assignment(
        item.key, Brought.FORM, (part.sha256,), title, fields, why=f"文件“{part.name}”是《{item.name}》的表"
    )


def _lines(
    lines: dict[str, FormReading], items: tuple[Item, ...], correcting: frozenset[str]
) -> list[Assignment]:
    found: list[Assignment] = []
    for item in items:
        reading = lines.get(item.key)
        if reading is None:
            continue
        # Who was asked for one field types that one field.
        is_amended = item.key in correcting and filled(reading, item) > 0
        if not is_amended and not _is_form(reading, item):
            continue
        title = reading.value(item.title_field.key) if item.title_field else ""
        fields = tuple((each.key, reading.value(each.key)) for each in item.fields if reading.value(each.key))
        found.append(Assignment(item.key, Brought.LINES, (), title, fields, why="来信中逐行写了表中各栏"))
    return found


def _is_form(reading: FormReading, item: Item) -> bool:
    """Typed lines are a form when they answer what only the form asks: its title, or two such questions."""
    if filled(reading, item) < min(LINES_AT_LEAST, len(item.fields)):
        return False
    own = [each for each in item.fields if reading.value(each.key) and not _is_contact(each)]
    needed = min(LINES_AT_LEAST, sum(not _is_contact(each) for each in item.fields))
    return len(own) >= needed or any(each.is_title for each in own)


def _is_contact(field: FormField) -> bool:
    return field.is_unit_name or field.kind is FieldKind.PHONE or bool(_CONTACT.search(field.label))


# Documents.


def _papers(
    found: list[Assignment],
    papers: tuple[Part, ...],
    by_sha: dict[str, Read],
    says: Spoken,
    items: tuple[Item, ...],
) -> tuple[list[Assignment], tuple[Part, ...], str]:
    """Documents to items: by their own name, title and sections first, by the letter's words after that."""
    found = list(found)
    forms = {each.item for each in found}
    wordless: list[Part] = []
    doubt = ""
    for part in papers:
        reading = by_sha[part.sha256].reading if part.sha256 in by_sha else None
        item = _of_itself(part, reading, items)
        if _is_locked_archive(part):
            # Its name promises something; what lies in it, and whose, nobody has seen.
            doubt = f"“{part.name}”加了密码打不开，请向来信单位要密码，或请其不加密重发"
            wordless.append(part)
        elif item is not None and item.key in forms:
            _enclose(found, item.key, part)
        elif item is not None:
            _add_paper(found, item, part, reading)
        else:
            wordless.append(part)
    left = [
        part
        for part in wordless
        if _is_locked_archive(part) or not _by_the_letter(found, part, by_sha, says, forms, items)
    ]
    return found, tuple(left), doubt


def _of_itself(part: Part, reading: FormReading | None, items: tuple[Item, ...]) -> Item | None:
    named = called(part.name, items)
    if named is not None:
        return named
    text, headings = (reading.text, reading.headings) if reading else ("", ())
    return titled(text, items) or sectioned(text, headings, items)


def _by_the_letter(
    found: list[Assignment],
    part: Part,
    by_sha: dict[str, Read],
    says: Spoken,
    forms: set[str],
    items: tuple[Item, ...],
) -> bool:
    """A document that does not say what it is: what the letter says is coming, or what a form came with."""
    reading = by_sha[part.sha256].reading if part.sha256 in by_sha else None
    promised = [each for each in says.items if each.key not in {f.item for f in found}]
    if forms and not promised:
        _enclose(found, sorted(forms)[0], part)
        return True
    singles = [each.item for each in found if not _item(each.item, items).is_many]
    if len(singles) == 1 and len(found) == 1 and not promised and _is_scan(part, reading):
        _enclose(found, singles[0], part)
        return True
    item = says.only if not forms else None
    item = item or (items[0] if len(items) == 1 else None)
    if item is None or OTHER_PAPER.search(part.name) or not _may_be(part, reading, item):
        return False
    _add_paper(found, item, part, reading)
    return True


def _may_be(part: Part, reading: FormReading | None, item: Item) -> bool:
    """Only what can be read may be taken for prose on the letter's word; the rest a person looks at."""
    return (
        bool(item.fields) or (reading is not None and bool(reading.text.strip())) or _is_locked(part, reading)
    )


def _is_locked_archive(part: Part) -> bool:
    return Flag.ENCRYPTED in part.flags and part.name.lower().rpartition(".")[2] in _ARCHIVES


def _is_locked(part: Part, reading: FormReading | None) -> bool:
    return Flag.ENCRYPTED in part.flags or (reading is not None and "encrypted" in reading.flags)


def _is_scan(part: Part, reading: FormReading | None) -> bool:
    return part.type in _NO_TEXT_TYPES and (reading is None or not reading.text.strip())


def _enclose(found: list[Assignment], item: str, part: Part) -> None:
    """A work travels with its form, a sealed scan with its summary."""
    mine = [at for at, each in enumerate(found) if each.item == item]
    named = [at for at in mine if _bare(found[at].title) and _bare(found[at].title) in _bare(part.name)]
    at = (named or mine)[0]
    found[at] = replace(found[at], parts=(*found[at].parts, part.sha256))


def _add_paper(found: list[Assignment], item: Item, part: Part, reading: FormReading | None) -> None:
    why = f"文件“{part.name}”"
    mine = [at for at, each in enumerate(found) if each.item == item.key]
    if mine and not item.is_many:
        found[mine[0]] = replace(found[mine[0]], parts=(*found[mine[0]].parts, part.sha256))
        return
    # Without its form nobody knows what a work is called; its form, when it comes, will say.
    title = "" if item.fields else _paper_title(part, reading, item)
    found.append(Assignment(item.key, Brought.FILES, (part.sha256,), title, why=why))


def _paper_title(part: Part, reading: FormReading | None, item: Item) -> str:
    """What tells one news item from the next: the file's name, or its title where the name says nothing."""
    if not item.is_many:
        return ""
    stem = part.name.rpartition(".")[0] or part.name
    is_plain = len(stem) <= PLAIN_NAME_CHARACTERS and only_item(stem, (item,)) is not None
    head = head_lines(reading.text) if reading else ()
    return head[0][:40] if is_plain and head else stem


# Words, links, pictures.


def _words(facts: LetterFacts, items: tuple[Item, ...], says: Spoken, meaning: Then) -> list[Assignment]:
    """What a letter without documents brings: its own body, a nil report, or a link."""
    plain = tuple(each for each in items if not each.fields)
    words = "".join(_LINK.sub("", facts.reply_text).split())
    item = told(facts.reply_text, plain) if len(words) >= BODY_CHARACTERS_AT_LEAST else None
    # A summary with its sections is one, whatever it also asks; that question is listed beside it.
    is_whole = item is not None and sectioned(facts.reply_text, (), plain) is item
    if item is not None and (meaning is Then.PERSON or (meaning is Then.ASK and is_whole)):
        title = next((line.strip() for line in facts.reply_text.splitlines() if line.strip()), "")[:40]
        return [
            Assignment(item.key, Brought.BODY, (), title if item.is_many else "", why="材料写在邮件正文里")
        ]
    if meaning is Then.NIL:
        if item is not None:
            return []  # nothing of one kind and something of another: a person looks
        # Who names an item speaks of that one; the others are still to come.
        named = {each.key for each in named_items(facts.reply_text, items)}
        nil = [each for each in items if each.may_be_nil and (not named or each.key in named)]
        return [Assignment(each.key, Brought.NIL, why="来信说明本期没有可报的") for each in nil]
    linked = only_item(" ".join(each.name for each in facts.links), items) or says.only
    if facts.links and linked is not None:
        return [Assignment(linked.key, Brought.LINK, why="只有超大附件链接")]
    return []


def _pictures(
    found: list[Assignment], pictures: tuple[Part, ...], says: Spoken, items: tuple[Item, ...]
) -> tuple[list[Assignment], tuple[Part, ...]]:
    """Pictures to what they illustrate; alone they can only complete what is in already."""
    found = list(found)
    loose: list[Part] = []
    for part in pictures:
        item = only_item(part.name, items)
        if item is not None and any(each.item == item.key for each in found):
            _enclose(found, item.key, part)
        elif item is not None and item.fields:
            # A photograph of the stamped form counts as received; staff type its fields.
            why = f"“{part.name}”是《{item.name}》的照片"
            found.append(Assignment(item.key, Brought.FILES, (part.sha256,), why=why))
        else:
            loose.append(part)
    if not loose:
        return found, ()
    takers = [each.item for each in found if each.brought is not Brought.LINK]
    if takers:
        key = next((each for each in takers if _item(each, items).pictures_at_least), takers[0])
        for part in loose:
            _enclose(found, key, part)
        return found, ()
    wanting = [each for each in items if each.pictures_at_least]
    item = says.only or (wanting[0] if len(wanting) == 1 else None)
    if item is None or found:
        return found, tuple(loose)
    shas = tuple(part.sha256 for part in loose)
    return [Assignment(item.key, Brought.PICTURES, shas, why="补充图片")], ()


def _item(key: str, items: tuple[Item, ...]) -> Item:
    return next(each for each in items if each.key == key)


def _bare(title: str) -> str:
    return "".join(title.split()).strip("《》“”\"'")
