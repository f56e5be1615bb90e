"""The laws of the repository: locks that name no place, no machine in a file, invented people only."""

from __future__ import annotations

import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def tracked_files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("this is not a git checkout, so nobody knows which files are committed")
    names = done.stdout.decode("utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def pins_of(lock: str) -> dict[str, str]:
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {canonicalize_name(name): version for name, version in pins}


def wanted() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = [Requirement(words) for words in project["project"]["dependencies"]]
    dev = [Requirement(words) for words in project["dependency-groups"]["dev"]]
    return {"requirements.txt": runtime, "requirements-dev.txt": runtime + dev}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_host_or_path(lock: str) -> None:
    for number, line in enumerate((ROOT / lock).read_text(encoding="utf-8").splitlines(), start=1):
        assert "://" not in line, f"{lock}:{number} names a host: {line}"
        assert not re.match(r"\s*-(?!-hash=)", line), f"{lock}:{number} holds an option: {line}"
        if number <= 2:
            assert not re.search(r"index|links|\s/|\.\./", line), f"{lock}:{number} {line}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    text = re.sub(r"\\\n", " ", (ROOT / lock).read_text(encoding="utf-8"))
    pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert len(pins) > 30
    for pin in pins:
        assert "--hash=sha256:" in pin, f"{lock}: no hash for {pin[:60]}"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_answers_the_project(lock: str) -> None:
    pins = pins_of(lock)
    for requirement in wanted()[lock]:
        version = pins.get(canonicalize_name(requirement.name))
        assert version, f"{lock} does not lock {requirement.name}; make the locks again"
        assert requirement.specifier.contains(version), (
            f"{lock}: {requirement.name} {version} is not {requirement}"
        )


def test_both_locks_agree() -> None:
    runtime, dev = (pins_of(lock) for lock in LOCKS)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_no_file_names_a_registry_or_a_machines_folder() -> None:
    # Put together here, so that this file does not find itself.
    hosts = "|".join(
        (r"files\.python" + "hosted", r"//py" + r"pi\.", "registry" + r"\.npm", r"//de" + r"b\.")
    )
    homes = r"(?<![\w.])/(?:ro" + r"ot|home/\w+|Users/\w+)/[.\w]"
    options = r"--(?:extra-)?index" + "-url|--find" + "-links"
    forbidden = re.compile(f"{hosts}|{homes}|{options}")
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" in data or path.suffix == ".eml":
            continue  # letters and documents are other people's bytes
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
            found = forbidden.search(line)
            assert not found, f"{path.relative_to(ROOT)}:{number} names {found.group() if found else ''}"


ADDRESS = re.compile(r"[A-Za-z0-9._+-]+[@＠]([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")


def words_in(path: Path) -> str:
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as package:
            parts = [name for name in package.namelist() if name.endswith(".xml")]
            return "\n".join(package.read(name).decode("utf-8", "replace") for name in parts)
    return path.read_bytes().decode("utf-8", "replace")


def test_sample_people_are_invented() -> None:
    ours = ("templates/", "config/", "mailbox_rules/", "service/rehearsal/")
    seen = 0
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(ours):
            continue
        for found in ADDRESS.finditer(words_in(path)):
            seen += 1
            assert found.group(1).endswith(".example"), f"{name}: {found.group()} may belong to somebody"
    assert seen > 50, "the samples hold no addresses at all"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_a_newcomer_is_shown_the_commands(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for command in ("./run demo", "./run test", "./run check", "docker compose"):
        assert command in text, f"{readme} does not show {command}"
