"""Python's search for reference cycles, put off while an import makes a million small objects that have none."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_resting = 0


@contextmanager
def resting_collector() -> Iterator[None]:
    """
    No search for cycles inside; what is not used any more is still freed at once by its count of references.

    Each search looks at every object alive: planning a large roster takes more than twice as long with it. Several
    threads may be inside; the last one to leave lets the searches go on.
    """
    global _resting
    with _lock:
        _resting += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _resting -= 1
            if not _resting:
                gc.enable()
