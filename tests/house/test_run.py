"""The one door `./run`: help without set-up, one clear line where something is missing, no folder changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ("run", ".ci/run", ".ci/image", ".ci/compose")


def run(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "run"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, **env},
        check=False,
    )


def ready_environment(folder: Path) -> Path:
    """A virtual environment as `./run setup` leaves it, around the interpreter of this very test."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    with (ROOT / "requirements-dev.txt").open("rb") as lock:
        done = subprocess.run(["cksum"], stdin=lock, capture_output=True, check=True)
    (folder / "lock.cksum").write_bytes(done.stdout)
    return folder


def pretend_python(folder: Path, words: str) -> str:
    script = folder / "some-python"
    script.write_text(f"#!/bin/sh\n{words}\n", encoding="utf-8")
    script.chmod(0o755)
    return str(script)


def test_alone_it_prints_help_and_sets_nothing_up(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    done = run(cwd=tmp_path, HUIZHI_VENV=str(venv))
    assert done.returncode == 0
    assert not venv.exists()
    for word in ("setup", "demo", "test", "check", "bench", "corpora"):
        assert f"./run {word}" in done.stdout
    chinese, english = done.stdout.index("谁没报"), done.stdout.index("In short")
    assert chinese < english


def test_an_old_python_is_one_clear_line(tmp_path: Path) -> None:
    old = pretend_python(tmp_path, "exit 1")
    done = run("setup", cwd=tmp_path, HUIZHI_VENV=str(tmp_path / "venv"), HUIZHI_PYTHON=old)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "没有找到 Python 3.11 或更新的版本" in done.stderr.splitlines()[-1]


def test_a_missing_venv_module_is_one_clear_line_and_no_half_made_folder(tmp_path: Path) -> None:
    bare = pretend_python(tmp_path, f'case "$*" in *ensurepip*) exit 1;; esac; exec "{sys.executable}" "$@"')
    venv = tmp_path / "venv"
    # A PATH without uv, which would not need the module.
    done = run("setup", cwd=tmp_path, HUIZHI_VENV=str(venv), HUIZHI_PYTHON=bare, PATH="/usr/bin:/bin")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "sudo apt install python3-venv" in done.stderr.splitlines()[-1]
    assert not venv.exists()


def test_nothing_is_done_twice(tmp_path: Path) -> None:
    venv = ready_environment(tmp_path / "venv")
    broken = pretend_python(tmp_path, "exit 1")
    done = run("setup", cwd=tmp_path, HUIZHI_VENV=str(venv), HUIZHI_PYTHON=broken)
    assert done.returncode == 0
    assert "已就绪" in done.stderr


def test_a_changed_lock_is_noticed(tmp_path: Path) -> None:
    venv = ready_environment(tmp_path / "venv")
    (venv / "lock.cksum").write_text("1 2\n", encoding="utf-8")
    (venv / "bin" / "python").unlink()
    broken = pretend_python(tmp_path, "exit 1")
    done = run("health", cwd=tmp_path, HUIZHI_VENV=str(venv), HUIZHI_PYTHON=broken, PATH="/usr/bin:/bin")
    assert "正在准备运行环境" in done.stderr
    assert done.returncode == 2


def test_it_works_where_one_stands_and_takes_no_stray_file_for_the_program(tmp_path: Path) -> None:
    venv = ready_environment(tmp_path / "venv")
    office = tmp_path / "办公 文件夹"
    office.mkdir()
    (office / "service.py").write_text("print('not the program')\n", encoding="utf-8")
    done = run("health", cwd=office, HUIZHI_VENV=str(venv), HUIZHI_OFFICE="")
    assert done.returncode == 1
    assert "state/heartbeat" in done.stdout
    assert "not the program" not in done.stdout


def test_a_link_to_it_works_as_well(tmp_path: Path) -> None:
    venv = ready_environment(tmp_path / "venv")
    link = tmp_path / "huizhi"
    link.symlink_to(ROOT / "run")
    done = subprocess.run(
        [str(link), "health", "--json"],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "HUIZHI_VENV": str(venv), "HUIZHI_OFFICE": ""},
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b'{"check": "heartbeat"')


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS)
def test_shell_scripts_are_clean(script: str) -> None:
    done = subprocess.run(["shellcheck", "-x", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
