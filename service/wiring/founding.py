"""A new campaign's folder: facts read and filled in, Word files laid out, all of it put down at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service.desk.tools import Founded, NewCampaign, Refused, Settled
from service.doors.office_folder import add_campaign, rewrite_in_campaign
from service.doors.press.blank import DEFAULT_BODY, Line, blank_notice, blank_prose
from service.doors.press.blank_form import blank_form
from service.doors.press.prose import lines_of, requirements_of
from service.doors.staff_files import StaffFilesDoor
from service.doors.staff_files.founding import Facts, found_campaign
from service.doors.staff_files.syncing import written_from
from service.office.campaign import Attachment, AttachmentKind, Campaign, Item

# Larger than any body or attachment somebody lays beside the facts.
BESIDE_BYTES_MAX = 50_000_000
BESIDE_FILES_MAX = 200
LETTERS = ".txt.j2"


def found(folder: Path, key: str, new: NewCampaign) -> Founded:
    """Everything of a campaign into templates/; nothing where the facts have faults. Raises DoorError."""
    roster = StaffFilesDoor(folder).roster()
    beside = _beside(new.beside) if new.beside else {}
    facts = Facts(new.page, new.file, beside, new.issuer, new.is_letter, new.is_asked)
    founded = found_campaign(key, facts, roster if roster.units else None)
    campaign = founded.reading.campaign
    if campaign is None or not founded.files:
        return Founded(None, (), founded.reading.problems)
    files = {**founded.files, **_enclosures(campaign, beside, new)}
    files |= {name: data for name, data in beside.items() if name.endswith(LETTERS)}
    made = add_campaign(folder, key, files)
    return Founded(made, tuple(sorted(files)), StaffFilesDoor(folder).campaign(key).problems)


def settle_twins(folder: Path, key: str, keep: str) -> Settled:
    """Write campaign.yaml or 活动.xlsx from the other, which is `keep`. Raises DoorError."""
    name, data, problems = written_from(key, keep, _beside(folder / "templates" / key))
    if data is None:
        return Settled(None, problems)
    return Settled(rewrite_in_campaign(folder, key, name, data), problems)


def _beside(folder: Path) -> dict[str, bytes]:
    """The files of one folder, by name; what is hidden or lies deeper is left."""
    found: dict[str, bytes] = {}
    visible = (path for path in folder.iterdir() if not path.name.startswith((".", "~")))
    paths = sorted(path for path in visible if path.is_file())
    total = sum(path.stat().st_size for path in paths)
    if len(paths) > BESIDE_FILES_MAX or total > BESIDE_BYTES_MAX:
        say = f"{folder} 里的文件太多或太大（最多 {BESIDE_FILES_MAX} 个、{BESIDE_BYTES_MAX // 1_000_000} MB）"
        raise Refused(f"{say}：请把写好的活动内容和附件单独放一个文件夹")
    for path in paths:
        found[path.name] = path.read_bytes()
    return found


def _enclosures(campaign: Campaign, beside: Mapping[str, bytes], new: NewCampaign) -> dict[str, bytes]:
    """Every file the campaign names: what lies beside the facts as it is, the rest laid out.

    A text of the same name beside a Word file is its body, and then the Word file is laid out anew.
    """
    files: dict[str, bytes] = {}
    number = 0
    for each in campaign.attachments:
        number += not each.is_notice
        text = beside.get(each.file.rpartition(".")[0] + ".txt")
        if each.is_notice and new.body is not None:
            text = new.body
        is_given = each.file in beside and text is None
        if each.kind is AttachmentKind.FILE or (is_given and not new.is_fresh):
            if each.file in beside:
                files[each.file] = beside[each.file]
            continue
        files[each.file] = _laid_out(campaign, each, number, text)
    return files


def _laid_out(campaign: Campaign, attachment: Attachment, number: int, text: bytes | None) -> bytes:
    lines = lines_of(_decoded(text)) if text is not None else ()
    if attachment.is_notice:
        return blank_notice(campaign, lines or DEFAULT_BODY)
    item = campaign.item(attachment.item)
    if item is not None and item.fields:
        return blank_form(item, number)
    asked = _asked_in(campaign, attachment)
    if not lines and asked is not None:
        lines = requirements_of(campaign, asked)
    return blank_prose(attachment.title, lines or (Line("（请在这里写明内容。）"),), number)


def _asked_in(campaign: Campaign, attachment: Attachment) -> Item | None:
    """The item whose requirements an attachment states: that of the name we give such a file."""
    key = attachment.file.removesuffix("-requirements.docx")
    return campaign.item(key) if key != attachment.file else None


def _decoded(data: bytes) -> str:
    # Older editors of Windows save as “ANSI”, which here is GBK.
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
