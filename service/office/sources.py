"""来源 — everything a draft is made from, by name, so that a later edit is noticed and told in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from service.office.approval import digest_of
from service.office.campaign import Campaign
from service.office.needs.staff_files import CampaignReading
from service.office.policy import Policy
from service.office.roster import Roster
from service.office.rule import Rulebook

FILE_MISSING = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """A campaign as its files say it at one moment. `number` is a doc number reserved in the ledger."""

    campaign: Campaign | None
    roster: Roster
    files: tuple[tuple[str, str], ...]  # name for people → sha256
    rules: tuple[tuple[str, str], ...]  # what else shapes a draft and its reminders → in words

    @property
    def inputs_sha256(self) -> str:
        """One hash over all of it; any edit changes it."""
        whole = self.campaign.sha256 if self.campaign else ""
        parts = (("roster", self.roster.sha256), ("campaign", whole), *self.files, *self.rules)
        return digest_of(parts)


def sources_of(
    reading: CampaignReading,
    roster: Roster,
    texts: tuple[tuple[str, str], ...],
    book: Rulebook,
    policy: Policy,
    number: str = "",
) -> Sources:
    """Gather them. `texts` are the mail texts (name, sha256); a reserved `number` fills an empty one."""
    campaign = reading.campaign
    folder = f"templates/{campaign.key}/" if campaign else ""
    files = [(folder + name, hashlib.sha256(data).hexdigest()) for name, data in reading.files]
    files += [*texts, *_rule_files(book), ("config/workdays.yaml", _workdays(policy))]
    return Sources(campaign, roster, tuple(sorted(files)), (*_limits(policy), ("预留的发文字号", number)))


def _rule_files(book: Rulebook) -> list[tuple[str, str]]:
    """mailbox_rules/, file by file: how answers will be recognised belongs to what is signed."""
    by_file: dict[str, list[str]] = {}
    for rule in (*book.senders, *book.meanings):
        by_file.setdefault(rule.file or "mailbox_rules", []).append(repr(rule))
    return [(file, hashlib.sha256("\n".join(rows).encode()).hexdigest()) for file, rows in by_file.items()]


def _workdays(policy: Policy) -> str:
    days = sorted((day.isoformat(), works) for day, works in policy.calendar.overrides.items())
    return hashlib.sha256(repr(days).encode()).hexdigest() if days else FILE_MISSING


def _limits(policy: Policy) -> tuple[tuple[str, str], ...]:
    """What config/office.yaml says that changes what goes out, or when."""
    hours = policy.hours
    return (
        ("单位名称", policy.office_name),
        ("发件邮箱", f"{policy.sender_name} {policy.sender}"),
        ("时区", str(policy.zone)),
        ("办公时间", f"{hours.start:%H:%M}—{hours.end:%H:%M}"),
        ("通知发出后多少个工作日内不催办", str(policy.notice_rest_workdays)),
        ("多久读不到邮箱就暂停催办", f"{policy.blind_after.total_seconds() / 3600:g} 小时"),
        ("附件合计上限", f"{policy.enclosure_bytes_max} 字节"),
        ("请单位控制的回复大小", policy.reply_size_words),
    )
