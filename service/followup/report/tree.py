"""归档目录 — the readable tree of what came and what was sent, named in Chinese; all of it can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.followup.report.sources import SENT_WORDS, Sources
from service.office.filing import Filing
from service.office.keeping import GONE, LET_GO
from service.office.letter import Letter, Stage
from service.office.policy import moment_words
from service.office.tree_names import FILED as ROOT
from service.office.tree_names import file_name, filing_folder, folder_name, named_docs

PRINT = "打印"
UNASSIGNED = f"{ROOT}/未归属来信"
OTHER = f"{ROOT}/其他来信"

_SETTLED = {Stage.FILED, Stage.ACKNOWLEDGED, Stage.NOTED, Stage.IGNORED}
_WAITING = {Stage.REVIEW, Stage.ASKED}
# Only what 初审 has passed is copied: before that nobody knows whether a letter is marked 密级.
_JUDGED = _SETTLED | _WAITING | {Stage.CHECKED}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the tree: file names and the hashes of what lies in them, or words of our own."""

    path: str
    files: Mapping[str, str]  # name → sha256
    note: str = ""  # a text laid beside them, where there is anything to say


@dataclass(frozen=True, slots=True)
class Leaf:
    """One mail of the tree."""

    path: str
    sha256: str


def filing_folders(sources: Sources, campaign: str) -> Iterator[Folder]:
    """归档/<活动名>/<材料>/<单位>/第N件-第V版, one folder for each filing."""
    for filing in sources.filings:
        unit, item = sources.unit_name(filing.unit), sources.item_name(filing.item)
        if filing.taken_back_at is not None:
            # What was another unit's must not be handed on in this one's folder; the archive keeps it.
            yield Folder(filing_folder(campaign, item, unit, filing), {}, _taken_back(filing, sources))
            continue
        note = "" if filing.docs else _nothing_to_keep(filing, sources)
        yield Folder(filing_folder(campaign, item, unit, filing), named_docs(filing), note)


def _unit_path(filing: Filing, sources: Sources, campaign: str) -> str:
    unit = folder_name(sources.unit_name(filing.unit))
    return f"{ROOT}/{campaign}/{folder_name(sources.item_name(filing.item))}/{unit}"


def document_of(sources: Sources, current: Sequence[Filing]) -> str:
    """Where somebody finds what is in force: the one file, else the folder around all of it."""
    if not current or not sources.folder:
        return ""
    if len(current) > 1:
        return _unit_path(current[0], sources, sources.folder)
    first = current[0]
    unit, item = sources.unit_name(first.unit), sources.item_name(first.item)
    path = filing_folder(sources.folder, item, unit, first)
    names = named_docs(first)
    return f"{path}/{next(iter(names))}" if len(names) == 1 else path


def pack_folder(campaign: str, unit: str) -> str:
    """打印/<活动>/<单位>: what a unit without mail is to be handed."""
    return f"{PRINT}/{folder_name(campaign)}/{folder_name(unit)}"


def pack_folders(sources: Sources) -> Iterator[Folder]:
    """What is to be printed, as it was signed, one folder for each unit without mail."""
    for unit, pack in sources.packs.items():
        files = {file_name(each.name): each.sha256 for each in pack.enclosures}
        yield Folder(pack_folder(sources.row.key, sources.unit_name(unit)), files)


def mails(sources: Sources, campaign: str) -> Iterator[Leaf]:
    """Every mail of the campaign as it came and as it went, in order of time."""
    for letter in _open_letters(sources):
        # The mail of several units lies here once, under the letter that came.
        if letter.campaign and letter.stage in _JUDGED and letter.split_from is None:
            yield Leaf(f"{ROOT}/{campaign}/来信/{_letter_name(letter, sources)}", letter.raw_sha256)
    for each in sources.dispatches:
        if each.mime_sha256 and each.sent_at:
            unit = sources.unit_name(each.unit)
            name = f"{_stamp(each.sent_at, sources)} 发件{each.id} {SENT_WORDS[each.kind]} {unit}"
            yield Leaf(f"{ROOT}/{campaign}/发件/{folder_name(name)}.eml", each.mime_sha256)


def waiting_letters(sources: Sources) -> Folder:
    """Letters of no campaign that wait for a person; the folder is replaced, for they leave it again."""
    waiting = [each for each in _open_letters(sources) if each.campaign is None and each.stage in _WAITING]
    return Folder(UNASSIGNED, {_letter_name(each, sources): each.raw_sha256 for each in waiting})


def other_mails(sources: Sources) -> Iterator[Leaf]:
    """Letters that belong to no campaign and never will: advertisements, other business, machines."""
    for letter in _open_letters(sources):
        if letter.campaign is None and letter.stage in _SETTLED:
            month = f"{letter.received_at.astimezone(sources.zone):%Y-%m}"
            yield Leaf(f"{OTHER}/{month}/{_letter_name(letter, sources)}", letter.raw_sha256)


def _open_letters(sources: Sources) -> Iterator[Letter]:
    """Every letter but those marked 密级, which stay sealed and are copied nowhere [law 10]."""
    return (
        each
        for each in sources.letters
        if each.stage is not Stage.REFUSED and each.id not in sources.sealed and each.keeping not in GONE
    )


def gone_mails(sources: Sources) -> Iterator[str]:
    """Where letters lay that were let go since: what is not kept is not kept here either."""
    for letter in sources.letters:
        if letter.keeping == LET_GO:
            month = f"{letter.received_at.astimezone(sources.zone):%Y-%m}"
            yield f"{OTHER}/{month}/{_letter_name(letter, sources)}"


def _taken_back(filing: Filing, sources: Sources) -> str:
    at = moment_words(filing.taken_back_at, sources.zone) if filing.taken_back_at else ""
    where = f"，用 show {filing.letter} --files 文件夹 取出" if filing.letter is not None else ""
    return f"这一版的登记已于{at}撤回，不再计入。文件仍在档案里{where}。\r\n"


def _nothing_to_keep(filing: Filing, sources: Sources) -> str:
    came = "零报告：没有需要报送的内容" if filing.is_nil else "没有文件：报送情况由工作人员登记"
    medium = {"paper": "纸质", "electronic": "电子"}.get(filing.medium, filing.medium)
    lines = [
        came,
        f"方式：{medium}",
        f"收到：{moment_words(filing.received_at, sources.zone)}",
        f"登记：{moment_words(filing.filed_at, sources.zone)}",
    ]
    if filing.letter is not None:
        lines.append(f"来信：{filing.letter}")
    return "\r\n".join([*lines, *(f"{label}：{value}" for label, value in filing.fields)]) + "\r\n"


def _letter_name(letter: Letter, sources: Sources) -> str:
    name = f"{_stamp(letter.received_at, sources)} 来信{letter.id} {letter.sender} {letter.subject}"
    return f"{folder_name(name)}.eml"


def _stamp(at: datetime, sources: Sources) -> str:
    return f"{at.astimezone(sources.zone):%Y-%m-%d %H%M}"
