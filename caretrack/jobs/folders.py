"""The data and key folders of an installation: made private, locked by the one server that uses them, looked over."""

import fcntl
import os
import shutil
from pathlib import Path
from types import TracebackType

from django.conf import settings

RESTORE_MARK = "restore-unfinished"
LOW_SPACE = 200 * 1024 * 1024
# SQLite's locks cannot be trusted on these: two machines would write into one file.
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "fuse.rclone"}


class FolderError(Exception):
    """A state in which nothing may be served; the text is a sentence for the person who starts the server."""


def prepare() -> None:
    """
    Make the data and key folders, readable by their owner alone.

    Raises FolderError when one cannot be made, written, or belongs to somebody else.
    """
    for name, folder in (("数据文件夹", settings.DATA_DIR), ("密钥文件夹", settings.KEY_DIR)):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (FileExistsError, NotADirectoryError) as error:
            raise FolderError(f"{name} {folder} 不是文件夹。请检查路径，或换一个位置。") from error
        except OSError as error:
            raise FolderError(f"{name} {folder} 无法建立（{error.strerror}）。请检查路径和权限。") from error
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise FolderError(f"{name} {folder} 不能读写。请用拥有该文件夹的账户启动，或修改其权限。")
        if folder.stat().st_mode & 0o077:
            try:
                folder.chmod(0o700)
            except OSError as error:
                raise FolderError(f"{name} {folder} 其他账户也能读，而且无法收紧权限。请用它的所有者启动。") from error


def is_inside(folder: Path, other: Path) -> bool:
    """Whether `folder` is `other` or lies below it."""
    return folder == other or other in folder.parents


def file_system_of(folder: Path) -> str:
    """The type of file system a folder lies on, "" where the system does not tell."""
    try:
        lines = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    mounts = [line.split()[1:3] for line in lines]
    above = [(len(point), kind) for point, kind in mounts if is_inside(folder, Path(point))]
    return max(above)[1] if above else ""


def sqlite_file() -> Path | None:
    """The database file of an installation on SQLite, else None."""
    database = settings.DATABASES["default"]
    return Path(database["NAME"]) if database["ENGINE"].endswith("sqlite3") else None


def refuse_bad_state() -> None:
    """
    Look for what must not be served: keys beside the data, data without keys, a network drive, a foreign file.

    Raises FolderError with the first finding. Whether the key is the right one, the system checks tell.
    """
    if is_inside(settings.KEY_DIR, settings.DATA_DIR):
        raise FolderError(
            f"密钥文件夹 {settings.KEY_DIR} 在数据文件夹里面。数据一旦被拷走，密钥也跟着走。"
            "请用 CARETRACK_KEYS 指定另一个位置。"
        )
    if (settings.DATA_DIR / RESTORE_MARK).exists():
        raise FolderError("上一次恢复备份没有做完，数据不完整。请重新执行 manage.py restore，完成后再启动。")
    database = sqlite_file()
    if database is None:
        return
    if (kind := file_system_of(database.parent)) in NETWORK_FILE_SYSTEMS:
        raise FolderError(f"数据库 {database} 在网络盘（{kind}）上，容易损坏。请放到本机硬盘，或改用 PostgreSQL。")
    if not database.exists() or database.stat().st_size == 0:
        return
    with database.open("rb") as head:
        if head.read(16) != b"SQLite format 3\x00":
            raise FolderError(f"{database} 不是 CareTrack 的数据库文件。请换一个数据文件夹，或用备份恢复。")
    if not (settings.KEY_DIR / "fields.key").exists():
        raise FolderError(
            f"数据库 {database} 已有内容，但密钥文件夹 {settings.KEY_DIR} 里没有密钥文件 fields.key，"
            "加密的身份证号和辅导内容将无法读取。请先把原来的密钥文件放回去。"
        )


def low_space() -> str:
    """A warning when the disk is nearly full, else ""."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    return f"磁盘只剩 {free // 1024 // 1024} MB，请尽快清理，否则将无法保存。" if free < LOW_SPACE else ""


class DataFolderLock:
    """
    Held by the one server, or the one restore, that works on a data folder. The system frees it when the process dies.

    `left_unclean` tells after entering whether the last holder was killed instead of ending.
    """

    def __init__(self) -> None:
        self.path: Path = settings.DATA_DIR / "server.lock"
        self.left_unclean = False

    def __enter__(self) -> "DataFolderLock":
        """Raises FolderError when another process holds the folder."""
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self.file)
            raise FolderError(f"数据文件夹 {settings.DATA_DIR} 正被另一个 CareTrack 使用。请先停止它。") from error
        self.left_unclean = os.pread(self.file, 20, 0).strip() != b""
        os.ftruncate(self.file, 0)
        os.pwrite(self.file, str(os.getpid()).encode(), 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.ftruncate(self.file, 0)
        os.close(self.file)
