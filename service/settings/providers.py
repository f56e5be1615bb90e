"""What is known of mail providers: servers, folder names and a gentle start; all of it may be overridden."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Profile(Enum):
    """A provider whose habits are known; `plain` is any other server, `relay` the office's own."""

    NETEASE = "163"
    NETEASE_126 = "126"
    QQ = "qq"
    EXMAIL = "exmail"
    COREMAIL = "coremail"
    GMAIL = "gmail"
    MICROSOFT = "m365"
    RELAY = "relay"
    PLAIN = "plain"


# Chinese providers publish next to nothing; this is a careful start for boxes that people use as well: one
# connection, 10 letters on it, 20 s apart, 50 an hour, 150 a day. A day is theirs (当天), from midnight.
_FREE_BOX: Mapping[str, object] = {
    "pace_seconds": 20,
    "connections": 1,
    "per_connection": 10,
    "per_hour": 50,
    "per_day": 150,
    "day": "calendar",
}
# What 163 says of itself over IMAP (APPENDLIMIT); the others say it in SMTP itself, or nowhere.
_NETEASE_BYTES_MAX = "71680000"
_NETEASE_IMAP: Mapping[str, object] = {"folders": ("INBOX", "垃圾邮件"), "sent_folder": "已发送"}

_KNOWN: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "163": {
        "smtp": {"host": "smtp.163.com", **_FREE_BOX, "size_max": _NETEASE_BYTES_MAX},
        "imap": {"host": "imap.163.com", **_NETEASE_IMAP},
    },
    "126": {
        "smtp": {"host": "smtp.126.com", **_FREE_BOX, "size_max": _NETEASE_BYTES_MAX},
        "imap": {"host": "imap.126.com", **_NETEASE_IMAP},
    },
    "qq": {
        "smtp": {"host": "smtp.qq.com", **_FREE_BOX},
        "imap": {"host": "imap.qq.com", "sent_folder": "Sent Messages"},
    },
    "exmail": {
        # 500 a day for the smallest, shared by the whole organisation: half of it is left to people.
        "smtp": {"host": "smtp.exmail.qq.com", **_FREE_BOX, "per_day": 250},
        "imap": {"host": "imap.exmail.qq.com", "sent_folder": "Sent Messages"},
    },
    "coremail": {
        "smtp": {"pace_seconds": 5, "per_connection": 20, "per_hour": 200, "per_day": 500, "day": "calendar"},
        "imap": {"folders": ("INBOX", "垃圾邮件"), "sent_folder": "已发送"},
    },
    "gmail": {
        # 500 in any 24 hours; a fifth is left to people.
        "smtp": {"host": "smtp.gmail.com", "pace_seconds": 5, "per_connection": 20, "per_day": 400},
        "imap": {
            "host": "imap.gmail.com",
            "folders": ("INBOX", "[Gmail]/Spam"),
            "sent_folder": "[Gmail]/Sent Mail",
        },
    },
    "m365": {
        # 30 a minute and 10,000 recipients in any 24 hours; half is left to people.
        "smtp": {
            "host": "smtp.office365.com",
            "security": "starttls",
            "pace_seconds": 2.5,
            "per_connection": 20,
            "per_day": 5000,
        },
        "imap": {
            "host": "outlook.office365.com",
            "folders": ("INBOX", "Junk Email"),
            "sent_folder": "Sent Items",
        },
    },
    # The office's own relay keeps the providers' pace itself; two connections are what brings most.
    "relay": {
        "smtp": {"pace_seconds": 0, "connections": 2, "per_connection": 100, "per_day": 20_000},
        "imap": {},
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
    known = _KNOWN.get(profile, {}).get(side, {})
    port = ports.get(str(written.get("security", known.get("security", "ssl"))), ports["ssl"])
    return {"port": port, "username": username, **known, **written}
