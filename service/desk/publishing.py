"""公开版 — the copies that carry only campaign and item, for a website or to be passed on."""

from __future__ import annotations

from service.journey import Office
from service.office.campaign import Campaign
from service.office.content import Manifest
from service.office.facts import campaign_facts
from service.office.record import from_bytes

README = "README.txt"
PUBLIC_UNIT = ""
DRAFT_MARK = "草稿　"


def published(office: Office, campaign: str, *, is_draft: bool) -> dict[str, bytes] | str:
    """File names and bytes as they were signed, finished files byte for byte; or why there are none."""
    sha256 = _draft_of(office, campaign) if is_draft else _signed(office, campaign)
    if not sha256:
        first = "draft" if is_draft else "release"
        return f"“{campaign}”还没有{'起草' if is_draft else '签发'}，请先运行 huizhi {first} {campaign}"
    archive = office.doors.archive
    manifest = from_bytes(Manifest, archive.get(sha256))
    if not manifest.public:
        return f"“{campaign}”没有附件可以公开"
    mark = DRAFT_MARK if is_draft else ""
    files = {f"{mark}{each.name}": archive.get(each.sha256) for each in manifest.public}
    facts = from_bytes(Campaign, archive.get(manifest.campaign_sha256))
    files[README] = _readme(office, facts, manifest, list(files), is_draft).encode("utf-8-sig")
    return files


def _draft_of(office: Office, campaign: str) -> str:
    row = office.doors.ledger.draft(campaign)
    return row.manifest_sha256 if row else ""


def _signed(office: Office, campaign: str) -> str:
    """Of the newest release that says what everybody is sent: corrected copies replace the first."""
    whole = [each.manifest_sha256 for each in office.doors.ledger.releases(campaign) if each.is_whole]
    return whole[-1] if whole else ""


def _readme(office: Office, facts: Campaign, manifest: Manifest, names: list[str], is_draft: bool) -> str:
    policy = office.policy
    said = campaign_facts(facts, policy.calendar, policy.zone)
    wording = office.doors.words.write(
        "public",
        facts.key,
        {
            "campaign": said,
            "contacts": said["contacts"],
            "office": policy.office_name,
            "address": policy.sender,
            "code": next((code for code, unit in manifest.codes if unit == PUBLIC_UNIT), ""),
            "names": names,
            "is_draft": is_draft,
        },
    )
    return f"{wording.subject}\n\n{wording.text}".replace("\n", "\r\n")
