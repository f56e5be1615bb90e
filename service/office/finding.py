"""审核意见 — what is wrong or missing, in a sentence one may send back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """`must` keeps a return from counting; `advice` is for clerks' eyes only."""

    MUST = "must"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about one item of a letter (`explain --json`, key `findings`)."""

    code: str  # field-missing, field-wrong, length, section-missing, pictures-few, form-missing, unreadable …
    item: str | None  # item key
    place: str  # field label, section heading or file name
    say: str  # a Chinese sentence
    severity: Severity = Severity.MUST


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file that staff own; `place` is a line, a cell or a paragraph."""

    file: str
    place: str  # 第 12 行 · 工作表“通讯录”C7 · 第 7 段
    say: str  # what is wrong and what to write instead, in Chinese
    code: str = "wrong"
    is_error: bool = True  # False: normalised or merely worth knowing
    paragraph: int | None = None
    text: str = ""
    line: int | None = None
    key: str = ""

    def sentence(self) -> str:
        """The one line staff see: file, place, remedy."""
        where = f"{self.file} {self.place}".strip()
        return f"{where}：{self.say}"


# An empty reply of a person, and what was then prepared or not, as events of these kinds.
EMPTY_EVENT, COMPLETE_EVENT = "empty-reply", "asked-to-complete"
NOTHING_CAME = Finding(
    "empty-reply",
    None,
    "",
    "来信没有正文，也没有附件，可能是发送时漏掉了，请补上后直接回复本邮件；如已另行报送，请告知",
)
