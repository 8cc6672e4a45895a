"""System checks: what must be right on a machine before children's data is put on it."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

FIXED_SQLITE = (3, 51, 3)
FIXED_BACKPORTS = {(3, 50): 7, (3, 44): 6}
# What the print styles name first; without them Chinese comes out in whatever is there, or as boxes.
REPORT_FONTS = {"Noto Serif CJK SC": "NotoSerifCJK", "Noto Sans CJK SC": "NotoSansCJK", "LXGW WenKai": "LXGWWenKai"}
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
    Path.home() / "Library/Fonts",
    Path.home() / ".fonts",
    Path.home() / ".local/share/fonts",
)


def sqlite_is_safe(version: tuple[int, ...]) -> bool:
    """
    Whether a SQLite version is free of the WAL-reset bug (3.7.0 to 3.51.2; security requirements §4.1).

    Fixed in 3.51.3 and in the back-ports 3.50.7 and 3.44.6.
    """
    if version >= FIXED_SQLITE:
        return True
    patch = FIXED_BACKPORTS.get((version[0], version[1]))
    return patch is not None and version[2] >= patch


@register(Tags.database)
def sqlite_version(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a SQLite that can corrupt the database when two processes write."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not on_sqlite or sqlite_is_safe(sqlite3.sqlite_version_info):
        return []
    return [
        Error(
            f"SQLite {sqlite3.sqlite_version} 有可能损坏数据库的缺陷（WAL-reset）。",
            hint="请用 script/server 启动：它会安装自带新版 SQLite 的 pysqlite3。或改用 PostgreSQL（DATABASE_URL）。",
            id="caretrack.E001",
        )
    ]


@register(Tags.security)
def keys_apart_from_data(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse keys that lie in the data folder: whoever copies one would have both."""
    keys, data = Path(settings.KEY_DIR), Path(settings.DATA_DIR)
    if keys != data and data not in keys.parents:
        return []
    return [
        Error(
            f"密钥文件夹 {keys} 在数据文件夹 {data} 里面。",
            hint="请用 CARETRACK_KEYS 指定数据文件夹以外的位置，例如 /etc/caretrack。",
            id="caretrack.E002",
        )
    ]


def font_files() -> set[str]:
    """Names of all font files in the usual folders, in lower case."""
    return {
        file.name.lower()
        for folder in FONT_FOLDERS
        if folder.is_dir()
        for file in folder.rglob("*")
        if file.suffix.lower() in {".ttf", ".ttc", ".otf", ".otc"}
    }


@register()
def report_fonts(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn when a font of the printed papers is not installed."""
    files = font_files()
    lost = [name for name, part in REPORT_FONTS.items() if not any(file.startswith(part.lower()) for file in files)]
    if not lost:
        return []
    return [
        Warning(
            f"没有安装打印字体：{'、'.join(lost)}。打印的表格会换用别的字体，生僻字可能缺失。",
            hint="Debian：apt-get install fonts-noto-cjk fonts-lxgw-wenkai",
            id="caretrack.W003",
        )
    ]
