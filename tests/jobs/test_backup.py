"""Backups: made while the system is used, checked, restored beside what was there."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from caretrack.access import crypto
from caretrack.jobs import archive, folders
from caretrack.jobs.sealing import PIECE
from caretrack.schools.models import School, Staff
from tests.jobs.conftest import make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

WORD = "twelve letters and more"


@pytest.fixture
def installation(settings, tmp_path, monkeypatch) -> Path:
    """Folders of an installation with one person and two uploads; returns the place for backup files."""
    crypto.key_fingerprint()  # makes the key on first use
    shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    settings.KEY_DIR = tmp_path / "keys"
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    folders.prepare()
    monkeypatch.setenv("CARETRACK_BACKUP_PASSPHRASE", WORD)
    make_person("principal")
    for name, content in {"photos/1.jpg": b"\xff\xd8 photo", "notes/中文.txt": b"x" * (PIECE + 5)}.items():
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    (settings.MEDIA_ROOT / "jobs").mkdir()
    (settings.MEDIA_ROOT / "jobs" / "result.pdf").write_bytes(b"temporary")
    yield tmp_path
    crypto._keys.cache_clear()


def run(command: str, *arguments: object) -> str:
    said = StringIO()
    call_command(command, *map(str, arguments), stdout=said, no_color=True)
    return said.getvalue()


def test_a_backup_is_made_checked_and_says_what_it_holds(installation) -> None:
    target = installation / "a.backup"
    said = run("backup", target)
    assert "2 个照片和附件" in said
    assert "不含密钥" in said
    assert target.stat().st_mode & 0o077 == 0
    assert "备份完好" in run("verify_backup", target)
    manifest = archive.verify(target, WORD)
    assert manifest.counts["schools_staff"] == 1
    assert "schools.0001_initial" in manifest.migrations
    assert manifest.key_fingerprint == crypto.key_fingerprint()
    assert archive.last_backup()["size"] == target.stat().st_size


def test_nothing_readable_is_in_the_file_and_nothing_is_left_beside_it(installation, settings) -> None:
    before = set(settings.DATA_DIR.iterdir())
    target = installation / "a.backup"
    archive.create(target, WORD)
    data = target.read_bytes()
    for canary in (b"principal", b"photo", b"SQLite format", b"manifest", "青石".encode()):
        assert canary not in data
    assert {path.name for path in set(settings.DATA_DIR.iterdir()) - before} == {"last-backup.json"}


def test_restore_brings_back_the_moment_of_the_backup_and_keeps_what_was_there(installation, settings) -> None:
    target = installation / "a.backup"
    archive.create(target, WORD)
    make_person("came-later")
    (settings.MEDIA_ROOT / "photos" / "1.jpg").write_bytes(b"changed")
    (settings.MEDIA_ROOT / "photos" / "2.jpg").write_bytes(b"new")
    said = run("restore", target)
    assert "before-restore-" in said
    assert list(Staff.objects.values_list("username", flat=True)) == ["principal"]
    assert School.objects.get().name == "青石小学"
    assert (settings.MEDIA_ROOT / "photos" / "1.jpg").read_bytes() == b"\xff\xd8 photo"
    assert not (settings.MEDIA_ROOT / "photos" / "2.jpg").exists()
    (aside,) = settings.DATA_DIR.glob("before-restore-*")
    assert (aside / "media" / "photos" / "2.jpg").read_bytes() == b"new"
    assert any(path.name.startswith(("database", "test")) for path in aside.iterdir())
    make_person("works-afterwards")


def test_the_history_still_guards_after_a_restore(installation) -> None:
    from caretrack.access import triggers

    target = installation / "a.backup"
    archive.create(target, WORD)
    run("restore", target)
    assert triggers.missing("default") == []


@pytest.mark.parametrize(
    "damage,words",
    [
        (lambda data: data[:-1], "损坏"),
        (lambda data: data[: len(data) // 2], "损坏"),
        (lambda data: data[:3000] + bytes([data[3000] ^ 1]) + data[3001:], "损坏"),
        (lambda data: b"", "不是 CareTrack 的备份"),
        (lambda data: b"PK\x03\x04" + data, "不是 CareTrack 的备份"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_changes(installation, settings, damage, words) -> None:
    target = installation / "a.backup"
    archive.create(target, WORD)
    target.write_bytes(damage(target.read_bytes()))
    make_person("came-later")
    with pytest.raises(CommandError, match=words):
        run("verify_backup", target)
    with pytest.raises(CommandError, match=words):
        run("restore", target)
    assert Staff.objects.count() == 2
    assert not list(settings.DATA_DIR.glob("before-restore-*"))


def test_the_wrong_passphrase_is_refused(installation, monkeypatch) -> None:
    target = installation / "a.backup"
    archive.create(target, WORD)
    monkeypatch.setenv("CARETRACK_BACKUP_PASSPHRASE", "another long passphrase")
    with pytest.raises(CommandError, match="密码不对"):
        run("restore", target)


def test_an_older_backup_is_never_overwritten(installation) -> None:
    target = installation / "a.backup"
    target.write_text("older")
    with pytest.raises(CommandError, match="已经存在"):
        run("backup", target)
    assert target.read_text() == "older"


def test_a_short_or_missing_passphrase_is_refused(installation, monkeypatch) -> None:
    monkeypatch.setenv("CARETRACK_BACKUP_PASSPHRASE", "short")
    with pytest.raises(CommandError, match="至少 12 个字符"):
        run("backup", installation / "a.backup")
    monkeypatch.delenv("CARETRACK_BACKUP_PASSPHRASE")
    with pytest.raises(CommandError, match="没有备份密码"):
        run("backup", installation / "a.backup")


def test_a_passphrase_may_come_from_a_file(installation, monkeypatch) -> None:
    monkeypatch.delenv("CARETRACK_BACKUP_PASSPHRASE")
    (installation / "word").write_text(WORD + "\n")
    run("backup", installation / "a.backup", "--passphrase-file", installation / "word")
    assert archive.verify(installation / "a.backup", WORD).rows


def test_without_the_key_nothing_is_restored_and_with_keys_it_comes_along(installation, settings) -> None:
    bare, full = installation / "bare.backup", installation / "full.backup"
    archive.create(bare, WORD)
    assert "含有密钥" in run("backup", full, "--with-keys")
    kept = (settings.KEY_DIR / "fields.key").read_bytes()
    shutil.rmtree(settings.KEY_DIR)
    crypto._keys.cache_clear()
    with pytest.raises(CommandError, match=r"fields\.key"):
        run("restore", bare)
    run("restore", full)
    assert (settings.KEY_DIR / "fields.key").read_bytes() == kept


def test_a_served_data_folder_is_not_restored(installation) -> None:
    target = installation / "a.backup"
    archive.create(target, WORD)
    with folders.DataFolderLock(), pytest.raises(CommandError, match="正被另一个 CareTrack 使用"):
        run("restore", target)


def test_an_unfinished_restore_is_not_served(installation, settings) -> None:
    (settings.DATA_DIR / folders.RESTORE_MARK).touch()
    with pytest.raises(folders.FolderError, match="没有做完"):
        folders.refuse_bad_state()


def test_a_backup_holds_what_was_saved_before_it_and_is_sound(installation) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the file inside is SQLite's own")
    target = installation / "a.backup"
    archive.create(target, WORD)
    work = installation / "work"
    work.mkdir()
    manifest = archive._unpack(target, WORD, work)
    with closing(sqlite3.connect(work / "database")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT username FROM schools_staff").fetchall() == [("principal",)]
    assert json.dumps(manifest.files)


def test_a_folder_gets_a_dated_file_and_old_ones_go(installation) -> None:
    folder = installation / "usb"
    folder.mkdir()
    (folder / "caretrack-20200101-120000.backup").touch()
    (folder / "caretrack-20200102-120000.backup").touch()
    (folder / "notes.txt").touch()
    said = run("backup", folder, "--prune")
    assert "已清理" not in said  # so few files are all within 7 days that have one
    assert len(list(folder.glob("caretrack-*.backup"))) == 3


def test_of_two_years_of_daily_backups_a_few_stay() -> None:
    start = datetime(2025, 1, 1, 12, 0, tzinfo=UTC)
    names = [archive.dated_name(start + timedelta(days=day)) for day in range(730)]
    gone = archive.outdated([*names, "notes.txt", "开学前.backup"])
    kept = sorted(set(names) - set(gone))
    assert kept[-7:] == names[-7:]
    assert 7 + 4 + 10 <= len(kept) <= 7 + 5 + 12
    assert not {"notes.txt", "开学前.backup"} & set(gone)


def test_help_is_given(capsys) -> None:
    for command in ("backup", "verify_backup", "restore", "serve", "move_to_postgres"):
        with pytest.raises(SystemExit) as end:
            call_command(command, "--help")
        assert end.value.code == 0
        assert capsys.readouterr().out
