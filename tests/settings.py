"""Settings of the test run: the real ones, with a fast hasher, plain static files and folders of its own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import tests.clock  # noqa: F401 - before any model is read

PREFIX = "caretrack-test-"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_leftovers() -> None:
    """Folders of runs that were killed, or of processes that leave without a word, as mypy and xdist's workers do."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = old.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(old, ignore_errors=True)


_remove_leftovers()
_folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


@atexit.register
def _remove_folder(owner: int = os.getpid()) -> None:
    if os.getpid() == owner:  # a forked child leaves the folder to its parent
        shutil.rmtree(_folder, ignore_errors=True)


# Set before the real settings are read: nothing of a run may reach an installation's data or keys.
os.environ["CARETRACK_DATA"] = str(_folder / "data")
os.environ["CARETRACK_KEYS"] = str(_folder / "keys")
os.environ["CARETRACK_SECRET_KEY"] = "only-for-tests-" + "x" * 50
(_folder / "data").mkdir(mode=0o700)

from caretrack.settings import *  # noqa: E402, F403
from caretrack.settings import DATABASES  # noqa: E402

DEBUG = False
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
for _database in DATABASES.values():
    if _database["ENGINE"].endswith("sqlite3"):
        # Durable writes only cost time here.
        _database["OPTIONS"]["init_command"] = _database["OPTIONS"]["init_command"].replace(
            "synchronous=FULL", "synchronous=OFF"
        )
        _database["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
