"""What is known of mail providers: servers, folder names and a gentle start; all of it may be overridden."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Profile(Enum):
    """A provider whose habits are known; `plain` is any other server, such as the office's own relay."""

    NETEASE = "163"
    QQ = "qq"
    EXMAIL = "exmail"
    COREMAIL = "coremail"
    PLAIN = "plain"


# Providers publish next to nothing; these are a careful start for boxes that people use as well.
_FREE_BOX: Mapping[str, object] = {"pace_seconds": 20, "per_connection": 10, "per_day": 150}

_KNOWN: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "163": {
        "smtp": {"host": "smtp.163.com", **_FREE_BOX},
        "imap": {"host": "imap.163.com", "folders": ("INBOX", "垃圾邮件"), "sent_folder": "已发送"},
    },
    "qq": {
        "smtp": {"host": "smtp.qq.com", **_FREE_BOX},
        "imap": {"host": "imap.qq.com", "sent_folder": "Sent Messages"},
    },
    "exmail": {
        # The daily cap is shared by the whole organisation: half of the smallest is left to people.
        "smtp": {"host": "smtp.exmail.qq.com", **_FREE_BOX, "per_day": 250},
        "imap": {"host": "imap.exmail.qq.com", "sent_folder": "Sent Messages"},
    },
    "coremail": {
        "smtp": {"pace_seconds": 5, "per_connection": 20, "per_day": 500},
        "imap": {"folders": ("INBOX", "垃圾邮件"), "sent_folder": "已发送"},
    },
    "plain": {"smtp": {}, "imap": {}},
}

_PORTS: Mapping[str, Mapping[str, int]] = {
    "smtp": {"ssl": 465, "starttls": 587, "none": 25},
    "imap": {"ssl": 993, "starttls": 143, "none": 143},
}


def lay_over(side: str, profile: str, username: str, written: Mapping[str, object]) -> dict[str, object]:
    """What staff wrote for one side (smtp, imap) of an account, laid over what is known of its provider."""
    ports = _PORTS[side]
    port = ports.get(str(written.get("security", "ssl")), ports["ssl"])
    known = _KNOWN.get(profile, {}).get(side, {})
    return {"port": port, "username": username, **known, **written}
