"""脉搏 — a small file by which the daemon shows that it lives, and a reader that loads nothing heavy."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# The clerk beats once a tick (seconds). Three minutes also cover a slow tick over a large mailbox, and are
# short enough that a container engine notices a hung daemon within the hour.
AGE_SECONDS_MAX = 180


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the heartbeat file says: alive or not, and one sentence for people."""

    is_alive: bool
    say: str


def heartbeat_path(office: Path) -> Path:
    """Where the daemon of this office folder leaves its heartbeat."""
    return office / "state" / "heartbeat"


def beat(office: Path, problems: tuple[str, ...] = ()) -> None:
    """Leave a heartbeat now, by machine time: a rehearsal's fast clock must not make a daemon look dead.

    Replaced in one step, so that a reader never sees half a file. Raises OSError when it cannot be written.
    """
    path = heartbeat_path(office)
    fresh = path.with_name("heartbeat.new")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    fresh.write_text(json.dumps({"at": at, "problems": list(problems)}, ensure_ascii=False), encoding="utf-8")
    os.replace(fresh, path)


def feel(office: Path, now: datetime) -> Pulse:
    """Read the heartbeat of an office folder. `now` is an aware instant."""
    path = heartbeat_path(office)
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        age = (now - datetime.fromisoformat(said["at"])).total_seconds()
        problems = [str(problem) for problem in said.get("problems", ())]
    except FileNotFoundError:
        return Pulse(False, f"没有找到 {path}：服务没有在运行，或办公文件夹不对（用 --office 指定）。")
    except OSError as error:
        return Pulse(False, f"无法读取 {path}：{error.strerror}。请检查该文件的权限。")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Pulse(False, f"{path} 的内容不是心跳记录：请重新启动服务。")
    if age > AGE_SECONDS_MAX:
        return Pulse(
            False, f"服务已有 {int(age)} 秒没有动静（上限 {AGE_SECONDS_MAX} 秒）：请查看日志并重新启动。"
        )
    if problems:
        return Pulse(False, "服务在运行，但有问题：" + "；".join(problems))
    return Pulse(True, f"服务正常，{max(0, int(age))} 秒前还在工作。")
