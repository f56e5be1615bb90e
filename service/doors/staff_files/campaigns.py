"""campaign.yaml or its twin 活动.xlsx, and the files beside it, as a Campaign."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.doors.staff_files.finished import check_finished
from service.doors.staff_files.items import read_items
from service.doors.staff_files.page import Table, read_page
from service.doors.staff_files.section import Faults, Section, nearest, unknown
from service.doors.staff_files.twin.book_in import read_book
from service.doors.staff_files.twin.differ import Side, differences
from service.doors.staff_files.twin.faults import BookFaults
from service.doors.staff_files.twin.layout import BOOK_FILE, PAGE_FILE
from service.office.address import NotAnAddress, read_address
from service.office.campaign import (
    MINIMUM_DAYS,
    Activity,
    Attachment,
    AttachmentKind,
    Campaign,
    CampaignContact,
    CampaignLink,
    CopyTo,
    Item,
    Medium,
    Organiser,
    PostAddress,
    Role,
)
from service.office.finding import Problem
from service.office.needs.staff_files import CampaignReading
from service.office.roster import Roster, unit_key

CAMPAIGN_KEYS = (
    "issuer",
    "title",
    "title_lines",
    "theme",
    "theme_note",
    "doc_number",
    "signed_on",
    "public",
    "letter_format",
    "addressees",
    "groups",
    "unlisted_groups",
    "third_party_groups",
    "copies_to",
    "activities",
    "attachments",
    "notice_same_for_all",
    "contacts",
    "links",
    "post",
    "items",
    "clerk",
    "automatic",
    "minimum_days",
    "sample_note",
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one of the two files says."""

    campaign: Campaign | None
    problems: tuple[Problem, ...]
    enclosed: tuple[tuple[str, bytes], ...] = ()
    side: Side | None = None


def read_campaign(key: str, file: str, files: Mapping[str, bytes], roster: Roster | None) -> CampaignReading:
    """Read a folder's files, `file` being where campaign.yaml stands; with a `roster`, groups are checked.

    Where campaign.yaml and 活动.xlsx both lie there they must say the same; one alone is enough.
    """
    folder = file.rpartition("/")[0]
    readings = []
    if PAGE_FILE in files or BOOK_FILE not in files:
        readings.append(_read_page(key, file, files, roster))
    if BOOK_FILE in files:
        readings.append(_read_book(key, f"{folder}/{BOOK_FILE}", files, roster))
    first, last = readings[0], readings[-1]
    problems = [each for reading in readings for each in reading.problems]
    if len(readings) == 2:
        said = {(each.code, each.say) for each in first.problems if not each.place}
        # What is about a file of the folder, and no line of either, is said once.
        problems = [*first.problems, *(e for e in last.problems if e.place or (e.code, e.say) not in said)]
        if first.side and last.side and not any(each.is_error for each in problems):
            problems += differences(first.side, last.side, folder, key)
    return CampaignReading(first.campaign, tuple(dict.fromkeys(problems)), first.enclosed)


def read_table(
    key: str,
    table: Table,
    file: str,
    problems: Sequence[Problem],
    files: Mapping[str, bytes],
    roster: Roster | None,
) -> CampaignReading:
    """A page that somebody already parsed, read as if campaign.yaml said it."""
    reading = _read(key, table, Faults(file, list(problems)), files, roster)
    return CampaignReading(reading.campaign, reading.problems, reading.enclosed)


def _read_page(key: str, file: str, files: Mapping[str, bytes], roster: Roster | None) -> _Reading:
    table, problems = read_page(files[PAGE_FILE], file)
    if table is None:
        return _Reading(None, problems)
    reading = _read(key, table, Faults(file, list(problems)), files, roster)
    return reading


def _read_book(key: str, file: str, files: Mapping[str, bytes], roster: Roster | None) -> _Reading:
    book = read_book(files[BOOK_FILE], file)
    if book.table is None:
        return _Reading(None, tuple(book.problems))
    faults = BookFaults(file, list(book.problems), book.spots)
    reading = _read(key, book.table, faults, files, roster)
    # Numbers of cells are no lines; places say where.
    problems = tuple(replace(each, line=None) for each in reading.problems)
    side = replace(reading.side, place=lambda line: book.spots[line].place) if reading.side else None
    return replace(reading, problems=problems, side=side)


def _read(
    key: str, table: Table, faults: Faults, files: Mapping[str, bytes], roster: Roster | None
) -> _Reading:
    section = Section(table, CAMPAIGN_KEYS, faults)
    campaign = _campaign(key, section, _digest(files))
    enclosed = _check_files(section, campaign, files)
    _check_whole(section, campaign)
    if roster is not None:
        _check_roster(section, campaign, roster)
    ordered = sorted(faults.problems, key=lambda problem: problem.line or 0)
    side = Side(campaign, table, lambda line: f"第 {line} 行")
    return _Reading(campaign, tuple(dict.fromkeys(ordered)), enclosed, side)


def _campaign(key: str, section: Section, digest: str) -> Campaign:
    groups = section.texts("groups", is_required=True)
    automatic = section.section("automatic", ("receipts", "corrections", "reminders"))
    is_same = section.flag("notice_same_for_all", default=True)
    return Campaign(
        key=key,
        issuer=section.text("issuer", is_required=True),
        title=section.text("title", is_required=True),
        title_lines=_title_lines(section),
        theme=section.text("theme"),
        theme_note=section.text("theme_note"),
        signed_on=section.day("signed_on"),
        doc_number=_doc_number(section),
        groups=groups,
        unlisted_groups=section.texts("unlisted_groups"),
        third_party_groups=section.texts("third_party_groups"),
        copies_to=_copies(section),
        activities=_activities(section),
        attachments=_attachments(section, is_same),
        contacts=_contacts(section),
        links=_links(section),
        post=_post(section),
        items=read_items(section, groups),
        addressees_as_written=section.text("addressees"),
        is_public=section.flag("public"),
        is_letter_format=section.flag("letter_format"),
        notice_is_same_for_all=is_same,
        clerk=section.text("clerk"),
        sends_corrections=_may_say(automatic, "corrections"),
        sends_reminders=_may_say(automatic, "reminders"),
        sends_receipts=automatic.flag("receipts", default=True) if automatic else True,
        sample_note=section.text("sample_note"),
        sha256=digest,
        minimum_days=section.whole("minimum_days", at_least=0, at_most=365, default=MINIMUM_DAYS),
    )


def _may_say(section: Section | None, key: str) -> bool | None:
    return section.flag(key) if section is not None and section.has(key) else None


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{len(files[name])}\0".encode())
        whole.update(files[name])
    return whole.hexdigest()


def _title_lines(section: Section) -> tuple[str, ...]:
    # Not `texts`: a line may well occur twice.
    lines = tuple(word.text.strip() for word in section.words("title_lines"))
    title = section.text("title")
    if lines and "".join(lines) != title:
        section.wrong("title_lines", f"各行连起来要与标题“{title}”一字不差；标题改了，这里也要改")
    return lines


def _doc_number(section: Section) -> str:
    number = section.text("doc_number")
    if re.search(r"[\[(（【［]\d{4}[\])）】］]", number):
        right = re.sub(r"[\[(（【［](\d{4})[\])）】］]", r"〔\1〕", number)
        section.wrong(
            "doc_number", f"发文字号的年份用六角括号，请写成“{right}”（GB/T 9704—2012 第 7.2.5 条）"
        )
        return right
    return number


def _copies(section: Section) -> tuple[CopyTo, ...]:
    copies = []
    for each in section.sections("copies_to", ("name", "addresses")):
        addresses = []
        for word in each.words("addresses"):
            try:
                addresses.append(str(read_address(word.text)))
            except NotAnAddress as error:
                each.wrong("addresses", str(error), code="address", line=word.line)
        copies.append(CopyTo(each.text("name", is_required=True), tuple(addresses)))
    return tuple(copies)


def _activities(section: Section) -> tuple[Activity, ...]:
    keys = ("name", "time", "theme", "about", "organisers", "may_choose_time")
    return tuple(
        Activity(
            name=each.text("name", is_required=True),
            time_as_written=each.text("time"),
            theme=each.text("theme"),
            about=each.text("about"),
            organisers=tuple(
                Organiser(
                    name=organiser.text("name", is_required=True),
                    role=organiser.choice("role", Role, default=Role.UNDERTAKER, is_required=True),
                    units=tuple(unit_key(unit) for unit in organiser.texts("units")),
                    group=organiser.text("group"),
                )
                for organiser in each.sections("organisers", ("name", "role", "units", "group"))
            ),
            may_choose_time=each.flag("may_choose_time"),
        )
        for each in section.sections("activities", keys)
    )


def _attachments(section: Section, notice_is_same: bool) -> tuple[Attachment, ...]:
    attachments = []
    for each in section.sections("attachments", ("file", "title", "kind", "notice", "item", "same_for_all")):
        file, is_notice, item = each.text("file", is_required=True), each.flag("notice"), each.text("item")
        is_word = file.lower().endswith(".docx")
        default = AttachmentKind.TEMPLATE if is_word else AttachmentKind.FILE
        kind = each.choice("kind", AttachmentKind, default=default)
        if kind is AttachmentKind.TEMPLATE and file and not is_word:
            each.wrong(
                "file", f"模板“{file}”必须是 .docx，请用 Word 或 WPS 另存为 .docx；成品文件请写 kind: file"
            )
        # A form carries its unit's code, so it differs from unit to unit unless said otherwise.
        is_same = notice_is_same if is_notice else kind is AttachmentKind.FILE or not item
        attachments.append(
            Attachment(
                file=file,
                title=each.text("title", is_required=not is_notice),
                kind=kind,
                is_notice=is_notice,
                item=item,
                is_same_for_all=each.flag("same_for_all", default=is_same),
            )
        )
    return tuple(attachments)


def _contacts(section: Section) -> tuple[CampaignContact, ...]:
    return tuple(
        CampaignContact(
            name=each.text("name", is_required=True),
            phone=each.text("phone"),
            address_as_printed=each.text("address_as_printed"),
            office=each.text("office"),
        )
        for each in section.sections("contacts", ("name", "phone", "address_as_printed", "office"))
    )


def _links(section: Section) -> tuple[CampaignLink, ...]:
    links = []
    for each in section.sections("links", ("title", "url")):
        url = each.text("url", is_required=True)
        if url and not re.fullmatch(r"https?://[^\s<>\"]+", url):
            each.wrong("url", f"网址要以 http:// 或 https:// 开头，现在写的是“{url}”")
        links.append(CampaignLink(each.text("title", is_required=True), url))
    return tuple(links)


def _post(section: Section) -> PostAddress:
    below = section.section("post", ("to", "street", "postcode"))
    if below is None:
        return PostAddress()
    postcode = below.text("postcode")
    if postcode and not re.fullmatch(r"\d{6}", postcode):
        below.wrong("postcode", f"邮政编码是 6 位数字，现在写的是“{postcode}”")
    return PostAddress(below.text("to", is_required=True), below.text("street"), postcode)


# --- checks that look at more than one key --------------------------------------------------------


def _check_whole(section: Section, campaign: Campaign) -> None:
    notices = [each for each in campaign.attachments if each.is_notice]
    if len(notices) != 1:
        many = "只能有一个" if notices else "要有一个"
        section.wrong("attachments", f"“attachments”里{many}文件写“notice: true”（通知正文）", code="missing")
    for index, attachment in enumerate(campaign.attachments):
        line = section.line_of_row("attachments", index)
        item = campaign.item(attachment.item)
        if attachment.item and item is None:
            keys = [each.key for each in campaign.items]
            section.wrong("item", unknown("报送材料", attachment.item, keys), line=line)
        elif item is not None and item.form_template != attachment.file:
            say = f"材料“{item.key}”的“form”写的是“{item.form_template}”，与这里的“{attachment.file}”不一致"
            section.wrong("item", say, line=line)
    for index, each in enumerate(campaign.items):
        line = section.line_of_row("items", index)
        if each.form_template and each.form_template not in {one.file for one in campaign.attachments}:
            say = f"登记表“{each.form_template}”没有列入“attachments”，单位收不到它"
            section.wrong("form", say, line=line, code="missing")
        if Medium.PAPER in each.media and not campaign.post.to:
            section.wrong(
                "media", f"“{each.name}”要交纸质件，请在“post”写明寄到哪里", line=line, code="missing"
            )
        _check_dates(section, campaign, each, line)


def _check_dates(section: Section, campaign: Campaign, item: Item, line: int) -> None:
    if campaign.signed_on and item.due and item.due.on < campaign.signed_on:
        say = f"“{item.name}”的期限 {item.due.on} 早于成文日期 {campaign.signed_on}，请检查年份"
        section.wrong("due", say, line=line, code="date")


def _check_files(
    section: Section, campaign: Campaign, files: Mapping[str, bytes]
) -> tuple[tuple[str, bytes], ...]:
    named: set[str] = set()
    enclosed: list[tuple[str, bytes]] = []
    for index, attachment in enumerate(campaign.attachments):
        line, name = section.line_of_row("attachments", index), attachment.file
        if name in named:
            section.wrong("file", f"“{name}”在前面已经列过，请删去一处", line=line, code="duplicate")
        elif name and name not in files:
            others = [each for each in files if each not in (PAGE_FILE, BOOK_FILE)]
            like = nearest(name, others)
            hint = f"，是不是“{like}”？" if like else "，请把它放进来"
            section.wrong("file", f"文件夹里没有“{name}”{hint}", line=line, code="file-missing")
        elif name and attachment.kind is AttachmentKind.TEMPLATE and not files[name].startswith(b"PK"):
            say = f"“{name}”不是 .docx 文件（或者加了密码），请用 Word 或 WPS 另存为 .docx，不设密码"
            section.wrong("file", say, line=line, code="not-docx")
        elif name:
            check_finished(section, attachment, files[name], line)
            enclosed.append((name, files[name]))
        named.add(name)
    for name in sorted(files):
        if name.lower().endswith((".docx", ".doc", ".wps", ".pdf", ".ofd")) and name not in named:
            say = f"“{name}”没有写进“attachments”，不会发给任何单位"
            section.faults.problems.append(
                Problem(section.faults.file, "", say, code="file-unused", is_error=False)
            )
    return tuple(enclosed)


def _check_roster(section: Section, campaign: Campaign, roster: Roster) -> None:
    groups = list(dict.fromkeys(group for unit in roster.units for group in unit.groups))
    for word in section.words("groups"):
        if word.text.strip() not in groups:
            say = f"通讯录里没有组别为“{word.text}”的单位" + _like(word.text, groups)
            section.wrong("groups", say, code="unknown-group", line=word.line)
    names = [unit.key for unit in roster.units]
    for index, activity in enumerate(campaign.activities):
        line = section.line_of_row("activities", index)
        for organiser in activity.organisers:
            for unit in organiser.units:
                if roster.unit(unit) is None:
                    say = f"活动“{activity.name}”：通讯录里没有单位“{unit}”" + _like(unit, names)
                    section.wrong("units", say, code="unknown-unit", line=line)
            if organiser.group and organiser.group not in groups:
                say = f"活动“{activity.name}”：通讯录里没有组别“{organiser.group}”"
                section.wrong("group", say + _like(organiser.group, groups), code="unknown-group", line=line)


def _like(word: str, known: Sequence[str]) -> str:
    like = nearest(word, known)
    return f"，是不是“{like}”？" if like else ""
