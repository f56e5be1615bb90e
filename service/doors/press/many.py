"""One template filled for every line of a file, on several cores where that is faster."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import BinaryIO

from service.doors.press.door import PressDoor
from service.doors.safe_names import safe_name
from service.office.needs.press import PressError, Printed, Value
from service.office.outcome import DoorError

LINES_MAX = 1_000_000
LINE_BYTES_MAX = 4 * 2**20
BATCH_LINES = 32  # that a process is given at once
# Below this a single process is done before another has started and made its own plate (measured: some 300).
POOL_FROM_LINES = 512
WAITING_PER_CORE = 4  # batches under way, so that memory does not grow with the file
CORES_MAX = 16

_Line = tuple[int, bytes]


def print_many(template: bytes, name: str, data: Path, cores: int | None = None) -> Iterator[Printed]:
    """A document or a sentence for every line that is not blank, in their order; raises OSError, DoorError.

    `data` holds one JSON object a line, whose `_name` names the document. A line that cannot be filled, or
    whose name an earlier line has, is told by its number, and the others follow.
    """
    taken: dict[str, int] = {}
    for printed in _printed(template, name, data, cores):
        first = taken.setdefault(printed.name.lower(), printed.line) if printed.name else printed.line
        if first == printed.line:
            yield printed
        else:
            say = f"_name 与第 {first} 行相同（{printed.name}），没有写，请改成不同的名称"
            yield Printed(printed.line, printed.name, None, say)


def _printed(template: bytes, name: str, data: Path, cores: int | None) -> Iterator[Printed]:
    with data.open("rb") as file:
        batches = _batches(_lines(file))
        early = list(islice(batches, POOL_FROM_LINES // BATCH_LINES))
        workers = min(cores or _cores(), CORES_MAX)
        if workers < 2 or len(early) < POOL_FROM_LINES // BATCH_LINES:
            for batch in chain(early, batches):
                yield from _print_batch(template, name, batch)
            return
        # A copy of this process has everything imported already; it is made before any thread is started.
        way = "fork" if "fork" in get_all_start_methods() else "spawn"
        with ProcessPoolExecutor(workers, mp_context=get_context(way)) as pool:
            try:
                yield from _pooled(pool, template, name, chain(early, batches), workers)
            except BrokenProcessPool as error:
                raise DoorError("填写的进程中途被结束了（可能是内存不足），请重试", again=True) from error
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _pooled(
    pool: Executor, template: bytes, name: str, batches: Iterable[list[_Line]], workers: int
) -> Iterator[Printed]:
    """In order, with only so many batches under way."""
    waiting: deque[Future[list[Printed]]] = deque()
    for batch in batches:
        waiting.append(pool.submit(_print_batch, template, name, batch))
        if len(waiting) >= workers * WAITING_PER_CORE:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _lines(file: BinaryIO) -> Iterator[_Line]:
    """Every line with its number; of one that is too long only the beginning is kept, which tells."""
    number = 0
    while line := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        rest = line
        while len(line) > LINE_BYTES_MAX and rest and not rest.endswith(b"\n"):
            rest = file.readline(LINE_BYTES_MAX)
        if number > LINES_MAX:
            raise DoorError(f"数据超过 {LINES_MAX} 行，请分成几个文件", again=False)
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line


def _batches(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    while batch := list(islice(lines, BATCH_LINES)):
        yield batch


def _print_batch(template: bytes, name: str, batch: list[_Line]) -> list[Printed]:
    """Each process keeps its plate, so that a template is compiled once in each."""
    press = PressDoor()
    return [_print_line(press, template, name, number, line) for number, line in batch]


def _print_line(press: PressDoor, template: bytes, name: str, number: int, line: bytes) -> Printed:
    try:
        facts = dict(_object(line))
        called = facts.pop("_name", None)
        shown = _file_name(called, number)
    except _Unusable as error:
        return Printed(number, "", None, str(error))
    try:
        return Printed(number, shown, press.render(template, name, facts))
    except PressError as error:
        return Printed(number, shown, None, error.problem.sentence())


class _Unusable(Exception):
    """A line that is no object with facts; the words are for people."""


def _object(line: bytes) -> Mapping[str, Value]:
    if len(line) > LINE_BYTES_MAX:
        raise _Unusable(f"这一行超过 {LINE_BYTES_MAX // 2**20} MB")
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError:
        raise _Unusable("不是 UTF-8 编码：请另存为 UTF-8") from None
    except json.JSONDecodeError as error:
        raise _Unusable(f"不是 JSON：第 {error.colno} 列附近写法不对") from None
    except RecursionError:
        raise _Unusable("一层套一层过深") from None
    if not isinstance(value, dict):
        raise _Unusable("应当是一个 JSON 对象：{…}")
    return value


def _file_name(called: object, number: int) -> str:
    """The file's name: `_name` with what no disk takes replaced, or the line's number where there is none."""
    if called is not None and not isinstance(called, (str, int)):
        raise _Unusable("_name 应当是文字")
    stem = str(called if called is not None else f"{number:04d}").strip()
    if not stem:
        raise _Unusable("_name 是空的")
    suffix = ".docx"
    return safe_name((stem[: -len(suffix)] if stem.lower().endswith(suffix) else stem) + suffix)


def _cores() -> int:
    # What this process may use, not what the machine has: a container is often given less.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
