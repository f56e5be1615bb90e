"""邮件标识 — one Message-ID per dispatch, the same on every try, which nobody else can make up."""

from __future__ import annotations

import hashlib
import hmac


def make_message_id(key: bytes, dedupe_key: str, domain: str) -> str:
    """With angle brackets; fixed when the outbox row is written."""
    digest = hmac.new(key, b"message-id\0" + dedupe_key.encode(), hashlib.sha256).hexdigest()
    return f"<hz.{digest[:32]}@{domain}>"
