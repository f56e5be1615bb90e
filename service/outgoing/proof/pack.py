"""校样包 — which units' files are laid out, and every file of the pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.office.content import Enclosure
from service.office.needs.archive import Archive
from service.office.needs.workbook import Workbook
from service.office.share import Share
from service.outgoing.proof.page import SHEET, Pack, folder_of, proof_page, text_page

# So few units are all laid out; of more, a sample and those that differ.
ALL_LAID_OUT_MAX = 50
# A folder a person opens: more units than this are listed, not copied out one by one.
LAID_OUT_MAX = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person who asks for a proof wants to see of it."""

    sample: int = 0  # so many units spread over the roster; 0: the first unit of each group
    units: tuple[str, ...] = ()  # keys of units to be shown in any case
    may_any_hour: bool = False  # the planned hour may lie outside office hours

    def laid_out(self, shares: Sequence[Share], sample: Sequence[Share]) -> frozenset[str]:
        """The units whose files lie in the pack."""
        if len(shares) <= ALL_LAID_OUT_MAX:
            return frozenset(each.unit for each in shares)
        copies = [each for each in shares if each.is_copy]
        differing = [each for each in shares if each.differs]
        wanted = dict.fromkeys(each.unit for each in (*sample, *copies, *differing))
        return frozenset(list(wanted)[:LAID_OUT_MAX])


def files_of(pack: Pack, archive: Archive, workbook: Workbook) -> dict[str, bytes]:
    """Every file of the pack, by its path within it."""
    files: dict[str, bytes] = {}
    for planned in pack.manifest.planned:
        if planned.unit not in pack.laid_out:
            continue
        content = pack.contents[planned.content_sha256]
        files |= _copied(planned.unit_name, content.enclosures, archive)
        files[f"{planned.unit_name}/信文.txt"] = text_page(planned, content).encode()
    by_unit = {each.unit: each for each in pack.shares}
    for unit, enclosures in pack.manifest.print_packs:
        if unit in pack.laid_out and unit in by_unit:
            files |= _copied(folder_of(by_unit[unit]), enclosures, archive)
    files |= _copied("公开版", pack.manifest.public, archive)
    files["index.html"] = proof_page(pack).encode()
    files[SHEET] = workbook.shares(pack.campaign.title, pack.shares, pack.policy.local(pack.now))
    return files


def page_alone(pack: Pack) -> bytes:
    """The index page without links to files that do not travel with it."""
    return proof_page(replace(pack, has_files=False)).encode()


def _copied(folder: str, enclosures: Sequence[Enclosure], archive: Archive) -> dict[str, bytes]:
    return {f"{folder}/{each.name}": archive.get(each.sha256) for each in enclosures}
