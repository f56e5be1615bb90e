"""Values of office.yaml that must be written in a certain way, with the sentence for those that are not."""

from __future__ import annotations

import re

from service.office.doc_number import is_series


def read_series(value: object) -> str:
    """机关代字 alone; raises ValueError."""
    text = str(value or "").strip()
    if not text or is_series(text):
        return text
    raise ValueError(f"应当只写机关代字，例如 晋市监函（年份和序号由程序填写），现在写的是“{value}”")


def read_scanner(value: object) -> str:
    """Where clamd listens; raises ValueError."""
    text = str(value or "").strip()
    if not text or re.fullmatch(r"unix:/\S{1,200}|[A-Za-z0-9.\[\]:-]{1,200}:\d{1,5}", text):
        return text
    raise ValueError(
        f"应当写 unix:/run/clamav/clamd.ctl 或 主机:端口（例如 127.0.0.1:3310），现在写的是“{value}”"
    )
