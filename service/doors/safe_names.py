"""文件名 — names that every system can hold, in Chinese as in any script, and readable sizes."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from service.office.outcome import DoorError

# A name may have 255 bytes on most disks; room is left for “ (2)” and for the suffix of an unfinished file.
NAME_BYTES_MAX = 200
PATH_PARTS_MAX = 12

# What Windows and shared folders refuse has a full-width twin that reads the same.
_TWINS = str.maketrans('<>:"\\|?*/', "＜＞：＂＼｜？＊／")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def safe_name(name: str) -> str:
    """One file name, harmless on every system; a name that is safe already stays as it is."""
    kept = "".join(ch for ch in name if unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    kept = kept.translate(_TWINS).strip().rstrip(". ")
    # A leading dot hides a file, and ~$ is how Excel marks one that is open.
    if not kept or kept.startswith((".", "~$")) or _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    return _shortened(kept)


def _shortened(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES_MAX:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = name, ""
    # Two long names may differ only at their ends, so what is cut leaves its mark.
    ending = f"~{hashlib.sha256(name.encode()).hexdigest()[:8]}" + (f".{suffix}" if suffix else "")
    room = NAME_BYTES_MAX - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + ending


def safe_parts(path: str) -> tuple[str, ...]:
    """The parts of a relative path, each a safe name; raises DoorError for one that leads elsewhere."""
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts) or len(parts) > PATH_PARTS_MAX:
        raise DoorError(f"“{path}”不是交换文件夹里的路径。", again=False)
    return tuple(safe_name(part) for part in parts)


def readable_size(size_bytes: int) -> str:
    """A size as people write it: 512 字节, 38 KB, 1.5 MB."""
    if size_bytes < 1000:
        return f"{size_bytes} 字节"
    size = float(size_bytes)
    for unit in ("KB", "MB", "GB"):
        size /= 1024
        if size < 1000:
            return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size / 1024:.1f} TB"
