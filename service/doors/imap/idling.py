"""Waiting for mail by IDLE [RFC 2177], without missing what comes while waiting begins or ends."""

from __future__ import annotations

import contextlib
import select
import ssl
import threading
from collections.abc import Callable
from typing import Any

# NAT boxes drop silent connections after ten minutes, Gmail ends IDLE at about that; RFC 2177 allows 29.
IDLE_SECONDS_MAX = 7 * 60.0
# A server that starts to listen for news only after it said "idling" misses what came just before; the first
# round is short, so that such a mail waits two seconds and not seven minutes.
SETTLE_SECONDS = 2.0
# The line is listened to in slices, so that closing the door is noticed.
SLICE_SECONDS = 1.0


def may_idle(client: Any) -> bool:
    return bool(client.has_capability("IDLE"))


def idle(
    client: Any,
    highest: int,
    seconds: float,
    closing: threading.Event,
    monotonic: Callable[[], float],
) -> bool:
    """IDLE for at most `seconds` and seven minutes: True when a mail above `highest` may have come."""
    end = monotonic() + min(seconds, IDLE_SECONDS_MAX)
    round_end = min(end, monotonic() + SETTLE_SECONDS)
    while not closing.is_set():
        if has_news(client, highest):
            return True
        if monotonic() >= end:
            return False
        client.idle()
        while not closing.is_set() and (left := round_end - monotonic()) > 0:
            if hears(client, min(left, SLICE_SECONDS)):
                break
        _, answers = client.idle_done()
        if any(b"EXISTS" in answer[1:2] for answer in answers):
            return True
        round_end = end
    return False


def has_news(client: Any, highest: int) -> bool:
    client.noop()
    take_exists(client)
    found = client.search(["UID", f"{highest + 1}:*"])
    # A mail that came during the SEARCH is not in its answer but told beside it; IDLE will not repeat it.
    return any(uid > highest for uid in found) or take_exists(client)


def take_exists(client: Any) -> bool:
    """Whether the server told of new mail beside an answer, since this was last asked."""
    inner: Any = getattr(client, "_imap", None)
    return inner is not None and inner.response("EXISTS")[1] != [None]


def hears(client: Any, seconds: float) -> bool:
    """Whether the server says anything within `seconds`; the words themselves stay to be read.

    The library's own idle_check reads without blocking and gives the line up when half a line has come.
    """
    if has_unread(client):
        return True
    # poll, since select cannot watch descriptors above 1023.
    listener = select.poll()
    listener.register(client.socket().fileno(), select.POLLIN)
    return bool(listener.poll(seconds * 1000))


def has_unread(client: Any) -> bool:
    """Whether words of the server have been received but not read, as they came with the last answer."""
    inner: Any = getattr(client, "_imap", None)
    if hasattr(inner, "_readbuf"):
        # Python 3.14 keeps its own buffer; its file object must not be touched any more.
        return bool(inner._readbuf)
    file: Any = getattr(inner, "file", None)
    sock = client.socket()
    seconds = sock.gettimeout()
    sock.settimeout(0)
    try:
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
            return file is not None and bool(file.peek(1))
        return False
    finally:
        sock.settimeout(seconds)
