"""Compound files for tests: storages and streams by path, written plainly [MS-CFB 2]."""

from __future__ import annotations

import struct

_SECTOR = 512
_NONE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
# A smaller stream would lie in the short-stream area, which these files do without.
_STREAM_BYTES_MIN = 4_096


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file; every stream is filled up with NULs to 4,096 bytes."""
    paths: list[str] = [""]
    for path in streams:
        steps = path.split("/")
        for count in range(1, len(steps) + 1):
            if "/".join(steps[:count]) not in paths:
                paths.append("/".join(steps[:count]))
    directory_sectors = -(-len(paths) // 4)
    contents = {path: data.ljust(_STREAM_BYTES_MIN, b"\0") for path, data in streams.items()}
    counts = {path: -(-len(data) // _SECTOR) for path, data in contents.items()}
    table_sectors = 1
    while table_sectors * 128 < table_sectors + directory_sectors + sum(counts.values()):
        table_sectors += 1
    table = [_TABLE] * table_sectors
    table += [*range(table_sectors + 1, table_sectors + directory_sectors), _END]
    starts, body = {}, b""
    for path, data in contents.items():
        starts[path] = len(table)
        table += [*range(len(table) + 1, len(table) + counts[path]), _END]
        body += data.ljust(counts[path] * _SECTOR, b"\0")
    directory = b"".join(_entry(path, paths, starts, contents) for path in paths)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, table_sectors, table_sectors, 0, _STREAM_BYTES_MIN, _END, 0, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *range(table_sectors), *[_NONE] * (109 - table_sectors))
    fat = struct.pack(f"<{len(table)}I", *table).ljust(table_sectors * _SECTOR, b"\xff")
    return header + fat + directory.ljust(directory_sectors * _SECTOR, b"\0") + body


def _entry(path: str, paths: list[str], starts: dict[str, int], contents: dict[str, bytes]) -> bytes:
    inside = [each for each in paths if each and each.rpartition("/")[0] == path]
    beside = [each for each in paths if path and each and each.rpartition("/")[0] == path.rpartition("/")[0]]
    following = beside[beside.index(path) + 1 :] if path else []
    kind = 5 if not path else 2 if path in contents else 1
    spelled = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le") + b"\0\0"
    return spelled.ljust(64, b"\0") + struct.pack(
        "<HBBIII16sIQQIIHH",
        len(spelled), kind, 1, _NONE, paths.index(following[0]) if following else _NONE,
        paths.index(inside[0]) if inside and path not in contents else _NONE,
        b"", 0, 0, 0, starts.get(path, 0 if kind == 1 else _END), len(contents.get(path, b"")), 0, 0,
    )  # fmt: skip
