"""S/MIME in one piece: a signed letter is unwrapped, an enciphered one is named [RFC 5652, RFC 8551]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_SIGNED = bytes.fromhex("2a864886f70d010702")
_ENCIPHERED = (
    bytes.fromhex("2a864886f70d010703"),  # enveloped
    bytes.fromhex("2a864886f70d010706"),  # encrypted
    bytes.fromhex("2a864886f70d0109100117"),  # authenticated and enveloped
)
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _CONTEXT_0 = 0x30, 0x06, 0x04, 0x24, 0xA0
# Pieces of one constructed string; a 60 MB letter in the usual pieces of 1 KB stays below it.
_PIECES_MAX = 200_000

SEALED_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


class Seal(Enum):
    """What an S/MIME part is."""

    SIGNED = "signed"
    ENCIPHERED = "enciphered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The kind of seal and, of a signed letter, the letter inside. The signature is not verified."""

    seal: Seal
    content: bytes = b""


class _Torn(Exception):
    """The bytes end early or are no DER or BER."""


def open_sealed(data: bytes) -> Sealed:
    """What a p7m holds; never raises."""
    try:
        return _content_info(data)
    except (_Torn, IndexError):
        return Sealed(Seal.UNKNOWN)


def _content_info(data: bytes) -> Sealed:
    tag, start, end = _header(data, 0, len(data))
    if tag != _SEQUENCE:
        raise _Torn
    tag, oid_start, oid_end = _header(data, start, end)
    if tag != _OID:
        raise _Torn
    kind = data[oid_start:oid_end]
    if kind in _ENCIPHERED:
        return Sealed(Seal.ENCIPHERED)
    if kind != _SIGNED:
        return Sealed(Seal.UNKNOWN)
    _, start, end = _header(data, oid_end, end)  # [0] EXPLICIT
    _, start, end = _header(data, start, end)  # SignedData
    for _ in range(2):  # version, digest algorithms
        start = _after(data, start, end)
    _, start, end = _header(data, start, end)  # EncapsulatedContentInfo
    start = _after(data, start, end)  # its type
    tag, start, end = _header(data, start, end)
    if tag != _CONTEXT_0:
        raise _Torn
    return Sealed(Seal.SIGNED, _octets(data, start, end))


def _header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag of the value at `at` and its contents' bounds; without a length they reach to its holder's end."""
    if at + 2 > end:
        raise _Torn
    tag, length = data[at], data[at + 1]
    if length < 0x80:
        start, stop = at + 2, at + 2 + length
    elif length == 0x80:
        return tag, at + 2, end
    else:
        count = length & 0x7F
        start = at + 2 + count
        if count > 4 or start > end:
            raise _Torn
        stop = start + int.from_bytes(data[at + 2 : start], "big")
    # A letter cut short gives what it still holds.
    return tag, start, min(stop, end)


def _after(data: bytes, at: int, end: int) -> int:
    """Where the value at `at` ends, counted through values without a length of their own."""
    open_ends, position, steps = 0, at, 0
    while steps < _PIECES_MAX:
        steps += 1
        if open_ends and data[position : position + 2] == b"\0\0":
            open_ends -= 1
            position += 2
        else:
            _, start, stop = _header(data, position, end)
            is_open = data[position + 1] == 0x80
            open_ends += is_open
            position = start if is_open else stop
        if not open_ends:
            return position
    raise _Torn


def _octets(data: bytes, start: int, end: int) -> bytes:
    """An octet string in one piece, or in pieces that are joined."""
    pieces: list[bytes] = []
    position, count = start, 0
    while position + 2 <= end and count < _PIECES_MAX:
        count += 1
        tag, inner, stop = _header(data, position, end)
        if tag == _OCTETS:
            pieces.append(data[inner:stop])
            position = stop
        elif tag == _OCTETS_IN_PIECES:
            position = inner
        else:
            break
    return b"".join(pieces)
