"""Nothing a letter holds escapes the envelope door: structures drawn by hypothesis, mutations by seed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.envelope import letters, try_one
from tests.fuzz.structures import HEAD, PIECES, carrying, containers, mutate

PIECE = st.one_of(st.sampled_from(PIECES), st.binary(max_size=40))
CHANGES = st.lists(st.tuples(st.integers(0, 2_000), PIECE), max_size=6)
KINDS = (b"application/zip", b"application/ms-tnef", b"application/pkcs7-mime")


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECE, max_size=40))
def test_any_heap_of_pieces_is_read(pieces: list[bytes]) -> None:
    assert try_one(HEAD + b"".join(pieces)) == ""
    assert try_one(b"".join(pieces)) == ""


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2), st.lists(st.tuples(st.integers(0, 2_000), PIECE), max_size=6), st.integers(1, 3_000)
)
def test_any_spoilt_container_is_read(which: int, changes: list[tuple[int, bytes]], length: int) -> None:
    data = bytearray(containers()[which])
    for at, piece in changes:
        data[at : at + len(piece)] = piece
    assert try_one(carrying(b"a.bin", KINDS[which], bytes(data[:length]))) == ""


@pytest.mark.parametrize("seed", range(3))
def test_mutated_letters_are_read(seed: int) -> None:
    chance, known = random.Random(seed), letters()
    for _ in range(120):
        raw = mutate(chance.choice(known), chance, known)
        assert try_one(raw) == "", raw[:2_000]
