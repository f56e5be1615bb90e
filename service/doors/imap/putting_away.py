"""After filing: move or label what is safely kept, and touch nothing that is anybody else's."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from service.doors.imap.account import AfterFiling, ImapAccount
from service.doors.imap.line import Examined, said
from service.office.needs.mailbox import Kept
from service.office.outcome import DoorError

# A keyword [RFC 3501 §2.3.2] that mail programs show as a tag; none of the system flags is ours to set.
LABEL = b"$HuizhiFiled"
# So much of a head is compared; long enough for the Message-ID and the Received lines of one arrival.
HEAD_BYTES = 4_096
_ASKED = f"BODY.PEEK[]<0.{HEAD_BYTES}>"


def put_away(box: Examined, account: ImapAccount, letters: Sequence[Kept]) -> Sequence[int]:
    """Returns the UIDs that are done with: moved, labelled, or gone already. Raises DoorError."""
    answer: Mapping[int, Mapping[bytes, Any]] = box.client.fetch([each.uid for each in letters], [_ASKED])
    heads = {uid: facts.get(b"BODY[]<0>") for uid, facts in answer.items()}
    gone = [each.uid for each in letters if heads.get(each.uid) is None]
    # A server that gives numbers a second time within one UIDVALIDITY must not cost anybody a letter.
    same = [each.uid for each in letters if heads.get(each.uid) == each.head[:HEAD_BYTES] != b""]
    if same:
        way = _moving(box, account) if account.after_filing is AfterFiling.MOVE else _labelling(box, account)
        way(same)
    return [*gone, *same]


def _moving(box: Examined, account: ImapAccount) -> Callable[[list[int]], None]:
    client, folder = box.client, account.filed_folder
    if not (client.has_capability("MOVE") or client.has_capability("UIDPLUS")):
        # Without UID EXPUNGE only EXPUNGE is left, and that takes away whatever others have marked deleted.
        raise DoorError(
            f"邮箱账户“{account.name}”的服务器不能只移走指定的邮件（没有 MOVE，也没有 UIDPLUS）："
            "请把 config/office.yaml 里的 after_filing 改成 label 或 leave。邮件没有动。",
            again=False,
        )
    try:
        if not client.folder_exists(folder):
            client.create_folder(folder)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise DoorError(
            f"邮箱账户“{account.name}”里建不了文件夹“{folder}”（服务器说：{said(error)}）："
            "请在网页邮箱里建好，或改 config/office.yaml 里的 filed_folder。邮件没有动。",
            again=False,
        ) from error
    return lambda uids: _move(client, uids, folder)


def _move(client: Any, uids: list[int], folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    client.copy(uids, folder)
    client.add_flags(uids, [b"\\Deleted"], silent=True)
    client.uid_expunge(uids)


def _labelling(box: Examined, account: ImapAccount) -> Callable[[list[int]], None]:
    client = box.client
    if client.has_capability("X-GM-EXT-1"):
        return lambda uids: client.add_gmail_labels(uids, [account.filed_folder], silent=True)
    offered = {each.lower() for each in box.permanent_flags}
    if b"\\*" not in offered and LABEL.lower() not in offered:
        raise DoorError(
            f"邮箱账户“{account.name}”的服务器不能给邮件加标签："
            "请把 config/office.yaml 里的 after_filing 改成 move 或 leave。邮件没有动。",
            again=False,
        )

    def label(uids: list[int]) -> None:
        client.add_flags(uids, [LABEL], silent=True)

    return label
