"""A person's word: who may give it, what it needs, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from service.journey import Office


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a person's word: done, or why not, in one sentence."""

    is_done: bool
    say: str


def refuse(say: str) -> Decided:
    """Not done, and why."""
    return Decided(False, say)


def missing_word(office: Office, by: str, reason: str) -> str:
    """What is missing for a decision to stand in the ledger, or an empty string."""
    if office.policy.person(by) is None:
        return f"“{by}”不在 config/office.yaml 的 staff 名单中，请用 --by 写明经办人"
    if not reason.strip():
        return "请用 --reason 写明理由，台账要留痕"
    return ""
