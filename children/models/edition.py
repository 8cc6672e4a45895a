"""Which edition of the program checked a list: what it kept for the pages may lie elsewhere in another one."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_APP = Path(__file__).resolve().parents[1]
_CHECKING = ("importing", "tables")
MOST = 32_767
"""The largest number that the column of a batch holds."""


@lru_cache(maxsize=1)
def edition() -> int:
    """Names the program that reads and checks lists; another number as soon as a line of it is another."""
    return edition_of(_APP / name for name in _CHECKING)


def edition_of(folders: Iterable[Path]) -> int:
    """A number from 1 to 32,767 for the Python modules in these folders, made from their names and content."""
    content = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            content.update(f"{path.relative_to(folder.parent).as_posix()}\0".encode())
            content.update(hashlib.sha256(path.read_bytes()).digest())
    return int.from_bytes(content.digest()[:8]) % MOST + 1
