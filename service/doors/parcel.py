"""A parcel on the disk: a .zip or an empty folder, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from service.doors.safe_names import safe_parts
from service.office.outcome import DoorError

_STORED = (".docx", ".xlsx", ".pptx", ".jpg", ".jpeg", ".png", ".zip", ".rar", ".7z", ".mp4", ".pdf")


def write_parcel(target: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write every (path, bytes), one at a time; a target ending in .zip is one. Raises DoorError.

    A folder must be new or empty: what lay there before would be taken for part of the parcel.
    """
    is_zip = target.suffix.lower() == ".zip"
    if not is_zip and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DoorError(f"{target} 不是空文件夹：请指定新文件夹，或写成 .zip", again=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        if is_zip:
            _zip(aside, files)
            os.replace(aside, target)
        else:
            _folder(aside, files)
            if target.exists():
                target.rmdir()
            aside.rename(target)
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)


def _zip(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files:
            # What is packed already only gets larger by packing it again.
            kind = zipfile.ZIP_STORED if name.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
            package.writestr("/".join(safe_parts(name)), data, kind)


def _folder(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    path.mkdir()
    for name, data in files:
        file = path.joinpath(*safe_parts(name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
