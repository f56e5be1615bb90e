"""Feed the envelope door mutated letters for a bounded time: `python -m tests.fuzz.envelope --seconds N`."""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.structures import mutate, seeds
from tests.letter_reading import LETTERS, judge_letter, read_letter

SECONDS_A_LETTER_MAX = 2.0
SEED = 20261128


def letters() -> list[bytes]:
    """Every letter of the collection, and the structures."""
    return [path.read_bytes() for path in sorted(LETTERS.glob("*.eml"))] + seeds()


def try_one(raw: bytes) -> str:
    """What is wrong with how this letter was read; empty when nothing is."""
    started = time.perf_counter()
    try:
        facts = read_letter(raw)
        if not facts.identity or facts.raw_sha256 != hashlib.sha256(raw).hexdigest():
            return "no identity"
        if gave_up := [each for each in facts.trouble if each.startswith("邮件无法读取")]:
            # The door's own net caught it: the letter is safe, but a malformation is not met where it arises.
            return gave_up[0]
        if not judge_letter(facts).why:
            return "no reason"
    except Exception as error:  # whatever escapes is what is looked for
        return f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - started
    return f"took {seconds:.1f} s" if seconds > SECONDS_A_LETTER_MAX else ""


def fuzz_plainly(seconds: float, seed: int = SEED) -> int:
    """Seeded mutations until the time is over; how many letters escaped."""
    chance, started = random.Random(seed), time.monotonic()
    known = letters()
    tried = escaped = 0
    while time.monotonic() - started < seconds:
        raw = mutate(chance.choice(known), chance, known)
        tried += 1
        if wrong := try_one(raw):
            escaped += 1
            name = f"escaped-{hashlib.sha256(raw).hexdigest()[:12]}.eml"
            Path(name).write_bytes(raw)
            print(f"{name}: {wrong}")
    print(f"{tried} letters in {time.monotonic() - started:.0f} s, {escaped} escaped")
    return escaped


def quieten() -> None:
    """The bounce library logs a traceback for every mail it stumbles over; the call is guarded."""
    logging.disable(logging.CRITICAL)


def main() -> int:
    """0 when nothing escaped."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--seconds", type=int, default=60)
    wanted = reader.parse_args()
    quieten()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: plain seeded mutations instead")
        return 1 if fuzz_plainly(wanted.seconds) else 0
    print(f"atheris {importlib.metadata.version('atheris')}")
    # Its own process, since libFuzzer ends it; the outer bound holds should it hang.
    command = [sys.executable, "-P", "-m", "tests.fuzz.guided", str(wanted.seconds)]
    return subprocess.run(command, timeout=wanted.seconds + 60, env=os.environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
