"""办公文件夹 — made once with samples, and given new campaigns; nothing standing in it is overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from service.doors.safe_names import safe_parts
from service.office.outcome import DoorError

SAMPLES = ("config", "templates", "mailbox_rules")
EXCHANGE_FOLDERS = ("收件", "检查结果", "校样", "打印", "台账", "归档")
_SKIPPED = ("__pycache__", "secrets", ".DS_Store", "Thumbs.db")
SECRETS_NOTE = """\
每个邮箱帐号的密码（授权码）放在这里，一个文件一行：
    mail_password_帐号名      例如 mail_password_office
用 PostgreSQL 时，数据库地址写在文件 database_url 里。
这个文件夹不要放进版本库，也不要发给别人。
"""


def make_office(folder: Path, program: Path) -> list[str]:
    """Make what is missing of an office folder, with the samples that ship beside the program.

    Returns what was made, as paths relative to the folder. Raises DoorError.
    """
    made: list[str] = []
    for name in SAMPLES:
        source = program / name
        if not source.is_dir():
            if (folder / name).is_dir():
                continue
            say = f"没有找到样例文件夹 {source}：请从程序的源码包里把 {name}/ 复制到 {folder}"
            raise DoorError(say, again=False)
        made += [each for each in _copied(source, folder / name, folder)]
    made += _made(folder, folder / "state", mode=0o700)
    for name in EXCHANGE_FOLDERS:
        made += _made(folder, folder / "交换" / name)
    made += _made(folder, folder / "secrets", mode=0o700)
    note = folder / "secrets" / "说明.txt"
    if not note.exists():
        note.write_text(SECRETS_NOTE, encoding="utf-8-sig")
    return made


def add_campaign(folder: Path, key: str, files: Mapping[str, bytes]) -> Path:
    """A new folder in templates/ with these files; raises DoorError where one of that name stands already."""
    target = folder / "templates" / safe_parts(key)[0]
    try:
        target.mkdir(parents=True)
    except FileExistsError:
        raise DoorError(f"{target} 已经有了：请换一个活动名，或直接修改它", again=False) from None
    for name, data in files.items():
        target.joinpath(*safe_parts(name)).write_bytes(data)
    return target


def _made(office: Path, folder: Path, mode: int = 0o755) -> Iterator[str]:
    if not folder.exists():
        folder.mkdir(parents=True, mode=mode)
        yield f"{folder.relative_to(office).as_posix()}/"


def _copied(source: Path, target: Path, office: Path) -> Iterator[str]:
    """Every file that is not there yet; links are not followed."""
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_symlink() or not path.is_file() or set(_SKIPPED) & set(relative.parts):
            continue
        copy = target / relative
        if copy.exists() or copy == path:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        yield copy.relative_to(office).as_posix()
