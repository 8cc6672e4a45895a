from pathlib import Path

import pytest

from caretrack import checks


@pytest.mark.parametrize(
    "version,safe",
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_only_versions_without_the_wal_reset_bug_are_safe(version, safe) -> None:
    assert checks.sqlite_is_safe(version) is safe


def test_an_unsafe_sqlite_is_an_error_on_sqlite_and_nothing_on_postgresql(monkeypatch, settings) -> None:
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert [message.id for message in checks.sqlite_version(databases=["default"])] == ["caretrack.E001"]
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    assert checks.sqlite_version(databases=["default"]) == []


def test_keys_inside_the_data_folder_are_an_error(settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.KEY_DIR = tmp_path, tmp_path / "keys"
    assert [message.id for message in checks.keys_apart_from_data()] == ["caretrack.E002"]
    settings.KEY_DIR = tmp_path.parent / "keys"
    assert checks.keys_apart_from_data() == []


def test_missing_fonts_are_named(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "noto").mkdir()
    (tmp_path / "noto" / "NotoSerifCJK-Regular.ttc").touch()
    monkeypatch.setattr(checks, "FONT_FOLDERS", (tmp_path,))
    (message,) = checks.report_fonts()
    assert "Noto Sans CJK SC" in message.msg
    assert "Noto Serif" not in message.msg
