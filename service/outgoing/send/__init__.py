"""核发 — drain the outbox, politely, each dispatch ready → sending → sent. [条例25]"""

from __future__ import annotations

from service.outgoing.send.stage import Send

__all__ = ["Send"]
