"""归档目录的名称 — how folders and files of the readable tree are called, so that others can find them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from service.office.filing import Filing

FILED = "归档"
_NOTICE = re.compile(
    r".{0,40}?关于(?:组织|做好|积极|认真)*(?:开展|举办|报送)?(.{4,}?)(?:有关工作|工作)?的(?:通知|函)"
)
# Windows refuses these in a name, and a path of more than 260 characters.
_RESERVED = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)\d", re.IGNORECASE)
NAME_LENGTH_MAX = 60


def short_title(title: str) -> str:
    """某局关于开展甲活动的通知 is called 甲活动, as people say it; any other title stays whole."""
    found = _NOTICE.fullmatch(title.strip())
    return found[1] if found else title


def folder_name(text: str) -> str:
    """A name every file system takes: no reserved signs, no blank or dot at either end, not too long."""
    plain = "".join(ch for ch in text if unicodedata.category(ch) not in {"Cf", "Cc"})
    name = _RESERVED.sub("_", plain).strip(" .")[:NAME_LENGTH_MAX].strip(" .")
    if _DEVICES.fullmatch(name.partition(".")[0]):
        return f"_{name}"
    return name or "未命名"


def file_name(text: str) -> str:
    """The same for a file, which keeps its ending."""
    stem, dot, ending = text.rpartition(".")
    if not dot or not stem or not re.fullmatch(r"\w{1,8}", ending):
        return folder_name(text)
    return f"{folder_name(stem)}.{ending}"


def numbered(name: str, number: int) -> str:
    """甲.docx, and for a second file of that name 甲（2）.docx."""
    if number == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}（{number}）.{ending}" if dot else f"{name}（{number}）"


def campaign_folder(key: str, title: str, others: Iterable[str]) -> str:
    """What people call the campaign; two of one title stand apart by their keys. `others`: their titles."""
    name = folder_name(short_title(title))
    is_shared = any(folder_name(short_title(each)) == name for each in others)
    return folder_name(f"{name[:40]} {key}") if is_shared else name


def filing_folder(campaign: str, item: str, unit: str, filing: Filing) -> str:
    """归档/<活动名>/<材料>/<单位>/第N件-第V版; `campaign` is its folder, item and unit their names."""
    where = f"{FILED}/{campaign}/{folder_name(item)}/{folder_name(unit)}"
    return f"{where}/第{filing.entry}件-第{filing.version}版"


def named_docs(filing: Filing) -> dict[str, str]:
    """Each file's sha256 under its own name; a second file of one name is numbered, the same stands once."""
    named: dict[str, str] = {}
    for doc in filing.docs:
        plain = file_name(doc.name)
        number = 1
        while named.get(numbered(plain, number), doc.sha256) != doc.sha256:
            number += 1
        named[numbered(plain, number)] = doc.sha256
    return named
