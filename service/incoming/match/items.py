"""Which item, and for many-items which entry, each file or paragraph of a letter answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from service.office.campaign import Campaign, Item, ItemKind, Medium
from service.office.form import FormReading
from service.office.letter import Flag, LetterFacts, Part
from service.office.matter import Assignment, Brought, Read
from service.office.rule import Then

PICTURE_TYPES = ("image/",)
# Fewer of one's own characters than this are a covering note, not a summary.
BODY_CHARACTERS_AT_LEAST = 120
# So many filled `标签：` lines make a reply a form.
LINES_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Brings:
    """What a letter brings, item by item; `unplaced` are files no item could be given to."""

    assignments: tuple[Assignment, ...]
    unplaced: tuple[Part, ...] = ()
    third_party: str = ""


def is_picture(part: Part) -> bool:
    """Whether a part is a picture by content."""
    return part.type.startswith(PICTURE_TYPES)


def place(
    facts: LetterFacts,
    reads: tuple[Read, ...],
    lines: dict[str, FormReading],
    campaign: Campaign,
    items: tuple[Item, ...],
    meaning: Then,
) -> Brings:
    """Give every returned thing to an item; `lines` holds the reply read as each form item's lines."""
    by_sha = {read.sha256: read for read in reads}
    parts = tuple(part for part in facts.parts if _counts(part))
    forms, rest = _forms(parts, by_sha, items)
    found = list(forms)
    if not forms:
        found += _lines(lines, items)
    documents = tuple(part for part in rest if not is_picture(part))
    pictures = tuple(part for part in rest if is_picture(part))
    subject = own_subject(facts.subject, campaign.title)
    placed, unplaced = _documents(documents, by_sha, subject, items, has_form=bool(found))
    found += placed
    if not found:
        found += _body(facts, items)
    if not found and meaning is Then.NIL:
        found += [
            Assignment(item.key, Brought.NIL, why="来信说明本期没有可报的")
            for item in items
            if item.may_be_nil
        ]
    if not found and facts.links:
        found += _links(facts, items)
    found = _with_pictures(found, pictures, facts, items)
    left = unplaced if found and not unplaced else (*unplaced, *(() if found else pictures))
    return Brings(tuple(found), left)


def _counts(part: Part) -> bool:
    return not {Flag.INLINE, Flag.BLANK_FORM, Flag.DUPLICATE} & set(part.flags)


def filled(reading: FormReading, item: Item) -> int:
    """How many of the item's fields a reading answers, the pre-filled unit name aside."""
    return sum(1 for each in item.fields if reading.value(each.key) and not each.is_unit_name)


def is_form_of(reading: FormReading, item: Item) -> bool:
    """Whether a file is this item's form: most of its labels are there, filled or not."""
    keys = {each.key for each in item.fields}
    seen = {each.key for each in reading.fields} & keys
    labels = sum(1 for each in item.fields if each.label in reading.text.replace(" ", ""))
    return bool(keys) and (len(seen) * 2 >= len(keys) or labels * 3 >= len(keys) * 2)


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
            found.append(_form_assignment(item, part, read.reading))
    return found, tuple(rest)


def _form_assignment(item: Item, part: Part, reading: FormReading) -> Assignment:
    title = reading.value(item.title_field.key) if item.title_field else ""
    fields = tuple((each.key, reading.value(each.key)) for each in item.fields if reading.value(each.key))
    return Assignment(
        item.key, Brought.FORM, (part.sha256,), title, fields, why=f"文件“{part.name}”是《{item.name}》的表"
    )


def _lines(lines: dict[str, FormReading], items: tuple[Item, ...]) -> list[Assignment]:
    found: list[Assignment] = []
    for item in items:
        reading = lines.get(item.key)
        if reading is None or filled(reading, item) < min(LINES_AT_LEAST, len(item.fields)):
            continue
        title = reading.value(item.title_field.key) if item.title_field else ""
        fields = tuple((each.key, reading.value(each.key)) for each in item.fields if reading.value(each.key))
        found.append(Assignment(item.key, Brought.LINES, (), title, fields, why="来信中逐行写了表中各栏"))
    return found


def _documents(
    documents: tuple[Part, ...],
    by_sha: dict[str, Read],
    subject: str,
    items: tuple[Item, ...],
    *,
    has_form: bool,
) -> tuple[list[Assignment], tuple[Part, ...]]:
    found: dict[str, Assignment] = {}
    unplaced: list[Part] = []
    for part in documents:
        read = by_sha.get(part.sha256)
        text = read.reading.text[:400] if read else ""
        item = _item_by_words(part.name, items) or _item_by_words(text, items)
        item = item or _item_by_words(subject, items) or _only_plain_item(items)
        if item is None:
            unplaced.append(part)
        elif item.is_many:
            key = f"{item.key}\0{part.sha256}"
            title = part.name.rpartition(".")[0] or part.name
            found[key] = Assignment(item.key, Brought.FILES, (part.sha256,), title, why=f"文件“{part.name}”")
        elif item.key in found:
            found[item.key] = replace(found[item.key], parts=(*found[item.key].parts, part.sha256))
        else:
            found[item.key] = Assignment(item.key, Brought.FILES, (part.sha256,), why=f"文件“{part.name}”")
    if has_form and unplaced:
        return list(found.values()), ()  # enclosures of the form travel with it
    return list(found.values()), tuple(unplaced)


def _item_by_words(text: str, items: tuple[Item, ...]) -> Item | None:
    """The item whose keyword stands earliest in a text; the longer word wins a tie."""
    best: tuple[int, int, Item] | None = None
    folded = re.sub(r"\s+", "", text)
    for item in items:
        for word in (item.name, *item.keywords):
            at = folded.find(word)
            if at >= 0 and (best is None or (at, -len(word)) < (best[0], best[1])):
                best = (at, -len(word), item)
    return best[2] if best else None


def own_subject(subject: str, title: str) -> str:
    """A subject without what stood in ours: the campaign's title may hold an item's word by itself."""
    return re.sub(r"\s+", "", subject).replace(re.sub(r"\s+", "", title), "")


def _only_plain_item(items: tuple[Item, ...]) -> Item | None:
    """Where one item alone takes documents without a form, a document can only be that."""
    plain = [each for each in items if not each.fields and Medium.ELECTRONIC in each.media]
    single = [each for each in plain if not each.is_many]
    return plain[0] if len(plain) == 1 else (single[0] if len(single) == 1 else None)


def _body(facts: LetterFacts, items: tuple[Item, ...]) -> list[Assignment]:
    words = "".join(facts.reply_text.split())
    if len(words) < BODY_CHARACTERS_AT_LEAST:
        return []
    summaries = [each for each in items if each.kind is ItemKind.SUMMARY]
    item = _item_by_words(facts.reply_text[:200], items) or (summaries[0] if len(summaries) == 1 else None)
    if item is None or item.fields:
        return []
    title = next((line.strip() for line in facts.reply_text.splitlines() if line.strip()), "")[:40]
    return [Assignment(item.key, Brought.BODY, (), title if item.is_many else "", why="材料写在邮件正文里")]


def _links(facts: LetterFacts, items: tuple[Item, ...]) -> list[Assignment]:
    item = _item_by_words(" ".join(each.name for each in facts.links), items)
    item = item or _item_by_words(facts.reply_text, items) or _only_plain_item(items)
    return [Assignment(item.key, Brought.LINK, why="只有超大附件链接")] if item else []


def _with_pictures(
    found: list[Assignment], pictures: tuple[Part, ...], facts: LetterFacts, items: tuple[Item, ...]
) -> list[Assignment]:
    if not pictures:
        return found
    shas = tuple(part.sha256 for part in pictures)
    takers = [at for at, each in enumerate(found) if each.brought is not Brought.LINK]
    if takers:
        at = next((n for n in takers if _wants_pictures(found[n].item, items)), takers[0])
        found[at] = replace(found[at], parts=(*found[at].parts, *shas))
        return found
    item = _item_by_words(facts.reply_text, items) or next(
        (each for each in items if each.pictures_at_least), None
    )
    if item is not None:
        found.append(Assignment(item.key, Brought.PICTURES, shas, why="补充图片"))
    return found


def _wants_pictures(key: str, items: tuple[Item, ...]) -> bool:
    return any(each.key == key and each.pictures_at_least for each in items)
