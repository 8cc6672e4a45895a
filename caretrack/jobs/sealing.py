"""
A file sealed with a passphrase: scrypt makes the key, AES-256-GCM seals pieces of 1 MiB.

Each piece carries its number and whether it is the last one, so a changed, swapped, missing or cut-off piece is
noticed before anything of it is used (the STREAM construction; security requirements §3.8, §5.5).
"""

import base64
import io
import json
import os
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"CARETRACK-BACKUP-1\n"
PIECE = 1024 * 1024
TAG = 16
LONGEST_HEADER = 1000
COST = {"n": 2**16, "r": 8, "p": 1}
MOST_COST = {"n": 2**20, "r": 16, "p": 4}


class SealError(Exception):
    """The file does not open: no backup, another passphrase, or damaged. The text is a Chinese sentence."""


def _key(passphrase: str, salt: bytes, cost: dict[str, int]) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class Sealer(io.RawIOBase):
    """Writes what it is given, sealed, to `file`. Only `finish` makes the result whole."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        super().__init__()
        salt, self._prefix = os.urandom(16), os.urandom(7)
        header = {"kdf": "scrypt", **COST, "salt": _text(salt), "prefix": _text(self._prefix)}
        self._header = MAGIC + json.dumps(header).encode() + b"\n"
        self._cipher = _key(passphrase, salt, COST)
        self._file, self._waiting, self._number = file, bytearray(), 0
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._waiting += piece
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(piece)

    def finish(self) -> None:
        """Write the last piece. Without it the file does not open."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, plain: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, plain, self._header))
        self._number += 1


class Opener(io.RawIOBase):
    """Reads the plain bytes of a sealed file. Raises SealError for a wrong passphrase and for any damage."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        super().__init__()
        if file.read(len(MAGIC)) != MAGIC:
            raise SealError("这不是 CareTrack 的备份文件。")
        line = file.readline(LONGEST_HEADER)
        try:
            header = json.loads(line)
            cost = {name: int(header[name]) for name in COST}
            salt, self._prefix = base64.b64decode(header["salt"]), base64.b64decode(header["prefix"])
            if any(not 0 < cost[name] <= MOST_COST[name] for name in COST) or len(self._prefix) != 7:
                raise ValueError
            self._cipher = _key(passphrase, salt, cost)
        except (ValueError, KeyError, TypeError) as error:
            raise SealError("备份文件的开头已损坏。") from error
        self._header = MAGIC + line
        self._file, self._number = file, 0
        self._ahead = file.read(PIECE + TAG)
        self._plain = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._plain and not self._ended:
            self._next()
        size = min(len(target), len(self._plain))
        target[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _next(self) -> None:
        sealed, self._ahead = self._ahead, self._file.read(PIECE + TAG)
        self._ended = not self._ahead
        try:
            nonce = _nonce(self._prefix, self._number, last=self._ended)
            self._plain = memoryview(self._cipher.decrypt(nonce, sealed, self._header))
        except (InvalidTag, ValueError) as error:
            if self._number == 0:
                raise SealError("打不开备份：密码不对，或文件已损坏。") from error
            raise SealError(f"备份文件在第 {self._number + 1} MB 处损坏或被截断，不能使用。") from error
        self._number += 1


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
