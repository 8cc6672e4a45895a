"""Backups: one sealed file with the database, the media and a manifest; checked when made, restored with a way back."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from caretrack import __version__
from caretrack.access import crypto
from caretrack.jobs import dumps
from caretrack.jobs.folders import RESTORE_MARK
from caretrack.jobs.sealing import Opener, Sealer, SealError

FORMAT = 1
SHORTEST_PASSPHRASE = 12
DATABASE, MANIFEST = "database", "manifest.json"
_DATED = re.compile(r"caretrack-(\d{8})-\d{6}\.backup")
TEMPORARY = "jobs"  # results kept for a day are no records


class BackupError(Exception):
    """Nothing was made or changed; the text is a Chinese sentence that says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself; checked against what it holds."""

    format: int
    made_at: str
    version: str
    engine: str
    counts: dict[str, int]
    migrations: list[str]
    log_head: str
    key_fingerprint: str
    files: dict[str, str]

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @property
    def media(self) -> int:
        return sum(name.startswith("media/") for name in self.files)

    @property
    def has_keys(self) -> bool:
        return "keys/fields.key" in self.files


class _Hashing:
    """Reads through to a file and hashes what passed, so that what is recorded is what was archived."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def _working_folder(name: str) -> Iterator[Path]:
    """A private folder on the data disk: a database copy in clear must not lie in a shared temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=settings.DATA_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create(target: Path, passphrase: str, *, with_keys: bool = False) -> Manifest:
    """
    Make a backup file and read it back once.

    Raises BackupError when the file exists, the passphrase is short, the database copy is not sound, or the disk full.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupError(f"备份密码至少 {SHORTEST_PASSPHRASE} 个字符。")
    if target.exists():
        raise BackupError(f"{target} 已经存在。为免覆盖旧备份，请换一个文件名。")
    part = target.with_name(target.name + ".part")
    try:
        with _working_folder("backup") as work:
            contents = dumps.dump(work / DATABASE)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                _write(file, passphrase, work / DATABASE, contents, with_keys=with_keys)
                file.flush()
                os.fsync(file.fileno())
        manifest = verify(part, passphrase)
        part.rename(target)
        _sync_folder(target.parent)
    except dumps.DumpError as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"备份没有写成：{error.strerror}。请检查磁盘空间和权限。") from error
    finally:
        part.unlink(missing_ok=True)
    _remember(target)
    return manifest


def _write(file: IO[bytes], passphrase: str, database: Path, contents: dumps.Contents, *, with_keys: bool) -> None:
    sealer = Sealer(file, passphrase)
    hashes: dict[str, str] = {}
    with (
        gzip.GzipFile(fileobj=sealer, mode="wb", compresslevel=3, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, path in _sources(database, with_keys=with_keys):
            try:
                with path.open("rb") as source:
                    hashes[name] = _add(tar, name, source, os.fstat(source.fileno()).st_size)
            except FileNotFoundError:
                continue  # removed while the backup ran: then no row points to it either
        manifest = Manifest(
            format=FORMAT,
            made_at=timezone.localtime().isoformat(sep=" ", timespec="seconds"),
            version=__version__,
            engine=dumps.engine(),
            files=hashes,
            **asdict(contents),
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    sealer.finish()


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], size: int) -> str:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    hashing = _Hashing(source)
    tar.addfile(info, hashing)
    return hashing.digest.hexdigest()


def _sources(database: Path, *, with_keys: bool) -> Iterator[tuple[str, Path]]:
    yield DATABASE, database
    media = Path(settings.MEDIA_ROOT)
    for path in sorted(media.rglob("*")):
        inside = path.relative_to(media)
        if path.is_file() and not path.is_symlink() and inside.parts[0] != TEMPORARY and path.suffix != ".part":
            yield f"media/{inside.as_posix()}", path
    if with_keys:
        for path in sorted(Path(settings.KEY_DIR).iterdir()):
            if path.is_file():
                yield f"keys/{path.name}", path


def verify(source: Path, passphrase: str) -> Manifest:
    """Read a whole backup, compare every file with the manifest, check the database inside. Raises BackupError."""
    with _working_folder("verify") as work:
        return _unpack(source, passphrase, work)


def _unpack(source: Path, passphrase: str, folder: Path) -> Manifest:
    hashes: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        with (
            source.open("rb") as file,
            gzip.GzipFile(fileobj=Opener(file, passphrase), mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not _is_ours(member.name):
                    raise BackupError(f"备份里有不认识的内容：{member.name}")
                if member.name == MANIFEST:
                    manifest = _manifest(content.read())
                else:
                    hashes[member.name] = _store(content, folder / member.name)
            while packed.read(1024 * 1024):  # to the end, where a cut or changed tail shows
                pass
    except SealError as error:
        raise BackupError(str(error)) from error
    except FileNotFoundError as error:
        raise BackupError(f"找不到文件 {source}。") from error
    except (tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
        raise BackupError("备份文件的内容不完整，不能使用。") from error
    if manifest is None or manifest.files != hashes:
        raise BackupError("备份内容与清单不符，不能使用。")
    _check_database(manifest, folder / DATABASE)
    return manifest


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    return name in {DATABASE, MANIFEST} or (len(path.parts) > 1 and path.parts[0] in {"media", "keys"})


def _store(content: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    hashing = _Hashing(content)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(hashing, file, 1024 * 1024)
    return hashing.digest.hexdigest()


def _manifest(text: bytes) -> Manifest:
    try:
        manifest = Manifest(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise BackupError("备份的清单读不出来。") from error
    if manifest.format != FORMAT:
        raise BackupError("这个备份由更新版本的 CareTrack 制作，请先更新程序。")
    if manifest.engine != dumps.engine():
        raise BackupError(
            f"备份来自 {manifest.engine}，本机使用 {dumps.engine()}，不能直接恢复。请先用同类数据库恢复再迁移。"
        )
    return manifest


def _check_database(manifest: Manifest, copy: Path) -> None:
    try:
        found = dumps.inspect(copy)
    except dumps.DumpError as error:
        raise BackupError(str(error)) from error
    if found is not None and (found.counts != manifest.counts or found.migrations != manifest.migrations):
        raise BackupError("数据库里的记录数与清单不符，不能使用。")


def fits_key(manifest: Manifest) -> bool:
    """Whether the key on this machine opens the sealed fields of the backup."""
    return manifest.key_fingerprint in ("", crypto.key_fingerprint())


def restore(source: Path, passphrase: str) -> tuple[Manifest, Path]:
    """
    Put a backup in the place of the present data, which is kept in a folder beside it.

    The caller holds the data folder's lock, so nothing is served meanwhile. Returns the manifest and the folder with
    the old data. Raises BackupError before anything is changed when the backup is not sound or its key is missing.
    """
    data = Path(settings.DATA_DIR)
    with _working_folder("restore") as work:
        manifest = _unpack(source, passphrase, work)
        keys = Path(settings.KEY_DIR)
        if manifest.has_keys and not (keys / "fields.key").exists():
            keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in (work / "keys").iterdir():
                shutil.copyfile(path, keys / path.name)
                (keys / path.name).chmod(0o600)
        if manifest.key_fingerprint and not ((keys / "fields.key").exists() and fits_key(manifest)):
            raise BackupError(
                "本机没有制作备份时的密钥文件 fields.key，加密的内容将无法读取。请先放回原来的密钥，再恢复。"
            )
        aside = data / f"before-restore-{datetime.now(timezone.get_current_timezone()):%Y%m%d-%H%M%S}"
        aside.mkdir(mode=0o700)
        mark = data / RESTORE_MARK
        mark.write_text(str(aside))
        try:
            dumps.replace(work / DATABASE, aside)
        except dumps.DumpError as error:
            mark.unlink()
            raise BackupError(str(error)) from error
        media = Path(settings.MEDIA_ROOT)
        if media.exists():
            media.rename(aside / "media")
        if (work / "media").exists():
            (work / "media").rename(media)
        mark.unlink()
    return manifest, aside


def dated_name(at: datetime) -> str:
    """The file name of an automatic backup."""
    return f"caretrack-{at:%Y%m%d-%H%M%S}.backup"


def outdated(names: list[str]) -> list[str]:
    """
    Automatic backups that may go: all but the newest of each of the last 7 days, 5 weeks and 12 months that have one.

    Files with other names are never among them (security requirements §5.5).
    """
    times = {name: datetime.strptime(found[1], "%Y%m%d") for name in names if (found := _DATED.fullmatch(name))}  # noqa: DTZ007
    newest_first = sorted(times, reverse=True)
    kept: set[str] = set()
    for form, most in (("%Y-%m-%d", 7), ("%G-%V", 5), ("%Y-%m", 12)):
        spans: dict[str, str] = {}
        for name in newest_first:
            spans.setdefault(times[name].strftime(form), name)
        kept |= set(list(spans.values())[:most])
    return [name for name in sorted(times) if name not in kept]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remember(target: Path) -> None:
    state = {"at": timezone.now().isoformat(), "size": target.stat().st_size}
    (Path(settings.DATA_DIR) / "last-backup.json").write_text(json.dumps(state))


def last_backup() -> dict[str, Any] | None:
    """When the last backup was made ("at", ISO time) and how large it is ("size"); None before the first."""
    try:
        return json.loads((Path(settings.DATA_DIR) / "last-backup.json").read_text())
    except (OSError, ValueError):
        return None
