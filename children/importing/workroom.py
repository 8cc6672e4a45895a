"""
Reading a file in a process of its own that may die: memory and time are bounded, and the caller only gets plain values.

The process runs `main`: it reads from standard input a line with what is wanted, then the file, and answers on standard
output. It knows neither database nor keys: Django is not loaded, the environment is empty.
"""

import gc
import io
import os
import pickle
import resource
import signal
import sys
from collections.abc import Mapping

from children.importing.guard import MEGABYTE, Refused
from children.importing.sheets import Workbook

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MEMORY_BYTES = 1_000 * MEGABYTE
CPU_SECONDS = 60
WALL_SECONDS = 180
_START = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "from children.importing.workroom import main; main(int(sys.argv[1]), int(sys.argv[2]))"
)
TOO_HEAVY = (
    "这个文件读起来太费内存或时间，没有读完。请只把名单那几列复制到一个新表格里，或按班级分成几个文件，保存后再上传。"
)
_READ, _REFUSED = "read", "refused"
_ALL = b"null\n"
_PLAIN = {
    "children.importing.sheets": frozenset({"Workbook", "Sheet", "Merge"}),
    "datetime": frozenset({"datetime", "date", "time", "timedelta"}),
    "builtins": frozenset({"set"}),
}


class _PlainValues(pickle.Unpickler):
    """Takes workbooks and dates, nothing else: a parser that was taken over must not reach the caller."""

    def find_class(self, module: str, name: str) -> object:
        if name not in _PLAIN.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def read_apart(
    data: bytes,
    *,
    memory: int = MEMORY_BYTES,
    cpu: int = CPU_SECONDS,
    wall: float = WALL_SECONDS,
    pick: Mapping[str, object] | None = None,
) -> Workbook:
    """
    Read the bytes of an uploaded file in a short-lived process.

    Returns what `reader.read_workbook` returns; with `pick` only some of its cells, see `picking`. Raises Refused as that does, and for a file that exceeds the bounds.
    """
    import json  # the process that reads has no use for these two, or seldom
    import subprocess

    # Not with -m: that costs the time of finding modules in a general way. Where they lie is told, not looked for.
    command = [sys.executable, "-I", "-S", "-c", _START, str(memory), str(cpu), ROOT, *sys.path]
    try:
        done = subprocess.run(
            command, input=json.dumps(pick).encode() + b"\n" + data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=ROOT, env={}, timeout=wall, check=True,
        )  # fmt: skip
        what, content = _PlainValues(io.BytesIO(done.stdout)).load()
    except (subprocess.SubprocessError, pickle.UnpicklingError, EOFError, ValueError, TypeError) as error:
        raise Refused(TOO_HEAVY) from error
    if what == _REFUSED:
        raise Refused(str(content))
    if what != _READ or not isinstance(content, Workbook):
        raise Refused(TOO_HEAVY)
    return content


def main(memory: int, cpu: int) -> None:
    """Read standard input within the bounds and write the answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wanted = sys.stdin.buffer.readline()  # not an argument: a sheet may be called after a pupil
    data = sys.stdin.buffer.read()
    gc.disable()  # a file of rows makes no rings, and looking for some among its cells takes a tenth of the time
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    from children.importing.reader import read_workbook

    try:
        workbook = read_workbook(data)
        if wanted != _ALL:
            import json

            from children.importing.picking import picked_from

            workbook = picked_from(workbook, json.loads(wanted))
        answer: tuple[str, Workbook | str] = (_READ, workbook)
    except Refused as refused:
        answer = (_REFUSED, str(refused))
    except (MemoryError, RecursionError):
        answer = (_REFUSED, TOO_HEAVY)
    pickle.dump(answer, sys.stdout.buffer, protocol=5)
