"""Which folders a nightly sweep reads: all but the watched ones, drafts, what was sent, and mere views."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

# [RFC 6154], and Gmail's own: \\All, \\Flagged and \\Important show mail that lies elsewhere.
_LEFT_OUT_FLAGS = frozenset(
    {b"\\drafts", b"\\sent", b"\\all", b"\\flagged", b"\\important", b"\\noselect", b"\\nonexistent"}
)
# 163, QQ and most Coremail installations name no special use; these are their names, and Outlook's and
# Foxmail's. Compared without blanks, in lower case.
_LEFT_OUT_NAMES = frozenset(
    {
        *("draft", "drafts", "草稿", "草稿箱", "草稿夹", "草稿文件夹", "未完成邮件"),
        *("sent", "sentmessages", "sentitems", "sentmail", "sent-mail", "outbox"),
        *("已发送", "已发送邮件", "已发送的邮件", "已发邮件", "已发送邮件夹", "发件箱", "发送箱", "寄件备份"),
        *("定时邮件", "待发送"),
    }
)
FOLDERS_MAX = 500


def to_sweep(
    listed: Iterable[tuple[tuple[bytes, ...], str]], watched: Collection[str], sent_folder: str | None
) -> Sequence[str]:
    """Names of the folders a reply may have been moved to, in the server's order."""
    known = {plain(each) for each in (*watched, sent_folder or "") if each}
    found = []
    for flags, name in listed:
        if {flag.lower() for flag in flags} & _LEFT_OUT_FLAGS or plain(name) in known:
            continue
        # A folder of years beneath the sent ones (Sent/2023, 已发送.2023) holds what was sent as well.
        if any(plain(part) in _LEFT_OUT_NAMES for part in re.split(r"[/.\\]", name)):
            continue
        found.append(name)
    return found[:FOLDERS_MAX]


def plain(name: str) -> str:
    """A name as two spellings of it agree; INBOX alone is the same in any case, the others nearly always."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).casefold()
