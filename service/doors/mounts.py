"""Which file system a folder lies on, and whether it tells of changes that another machine makes."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
# Shares and the folders of a host inside a virtual machine or container: changes made on the other side are
# not told to this one.
_SHARES = ("cifs", "smb2", "smb3", "smbfs", "nfs", "nfs4", "afs", "afpfs", "ncpfs", "davfs", "webdav")
_CLUSTERS = ("ceph", "lustre", "glusterfs", "gfs2", "ocfs2")
_HOSTS = ("9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "prl_vzfs", "drvfs", "fakeowner")
_SILENT = frozenset((*_SHARES, *_CLUSTERS, *_HOSTS))


def file_system_of(folder: Path, mounts: str | None = None) -> str:
    """`ext4`, `cifs` …; empty where the system does not say. `mounts` stands for /proc/self/mountinfo."""
    if mounts is None:
        try:
            mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
    place = folder.resolve()
    best, found = -1, ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        parts = fields.split(" ")
        if len(parts) < 5 or not rest:
            continue
        point = Path(_plain(parts[4]))
        # The last one mounted on a point is the one that is seen.
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), rest.split(" ")[0]
    return found


def gives_events(file_system: str) -> bool:
    """Whether changes on this file system reach us as events, whoever makes them."""
    return file_system not in _SILENT and not file_system.startswith("fuse")


def _plain(written: str) -> str:
    """Blanks in a mount point are written as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), written)
