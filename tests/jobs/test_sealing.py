from io import BytesIO

import pytest

from caretrack.jobs.sealing import PIECE, TAG, Opener, Sealer, SealError

WORD = "correct horse battery"


def sealed(plain: bytes) -> bytes:
    file = BytesIO()
    sealer = Sealer(file, WORD)
    sealer.write(plain)
    sealer.finish()
    return file.getvalue()


def opened(data: bytes, word: str = WORD) -> bytes:
    return Opener(BytesIO(data), word).read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_what_was_sealed_comes_back(size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    data = sealed(plain)
    assert opened(data) == plain
    assert plain[:64] not in data or size < 64


def test_another_passphrase_does_not_open() -> None:
    with pytest.raises(SealError, match="密码不对"):
        opened(sealed(b"text"), "wrong horse battery")


def test_another_file_is_named_as_such() -> None:
    with pytest.raises(SealError, match="不是 CareTrack 的备份"):
        opened(b"PK\x03\x04 something else")


@pytest.mark.parametrize("where", [30, 200, 300, -1])
def test_one_flipped_bit_is_noticed(where: int) -> None:
    data = bytearray(sealed(b"x" * 500))
    data[where] ^= 1
    with pytest.raises(SealError):
        opened(bytes(data))


def test_a_cut_tail_is_noticed_even_between_two_pieces() -> None:
    data = sealed(b"x" * (3 * PIECE))
    for cut in (1, TAG, PIECE + TAG, len(data) - 400):
        with pytest.raises(SealError):
            opened(data[:-cut])


def test_two_pieces_cannot_change_places() -> None:
    data = sealed(b"a" * PIECE + b"b" * PIECE + b"c")
    start = len(data) - (1 + TAG) - 2 * (PIECE + TAG)
    first, second = data[start : start + PIECE + TAG], data[start + PIECE + TAG : start + 2 * (PIECE + TAG)]
    with pytest.raises(SealError):
        opened(data[:start] + second + first + data[-(1 + TAG) :])
