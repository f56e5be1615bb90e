"""The same letters under atheris, in a process of its own: `python -m tests.fuzz.guided SECONDS`.

What is imported before it is told so counts nothing, so that everything else is imported here and late.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

# One letter takes a millisecond; the seconds are atheris' own bound for one that never ends.
LETTER_BYTES_MAX, LETTER_SECONDS_MAX = 200_000, 10


def main(seconds: int) -> None:
    """Never returns, for libFuzzer ends the process: with 0 when nothing escaped."""
    # By name: there is no wheel of it for every Python, so that no lock can hold it.
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["service.doors.envelope", "service.incoming.sort"]):
        envelope = importlib.import_module("tests.fuzz.envelope")
    envelope.quieten()

    def one(raw: bytes) -> None:
        if wrong := envelope.try_one(raw):
            raise AssertionError(wrong)

    with tempfile.TemporaryDirectory() as folder:
        for index, raw in enumerate(envelope.letters()):
            (Path(folder) / f"{index}.eml").write_bytes(raw)
        bounds = (
            f"-max_total_time={seconds}",
            f"-max_len={LETTER_BYTES_MAX}",
            f"-timeout={LETTER_SECONDS_MAX}",
        )
        atheris.Setup([sys.argv[0], *bounds, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]))
