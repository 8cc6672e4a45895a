"""The database as one file and back again: SQLite through its online backup, PostgreSQL through pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from caretrack.jobs.folders import sqlite_file


class DumpError(Exception):
    """The database could not be copied, read or replaced. The text is a Chinese sentence."""


@dataclass(frozen=True)
class Contents:
    """What a copy of the database holds: rows of each table, applied migrations, the seals of log and key."""

    counts: dict[str, int]
    migrations: list[str]
    log_head: str
    key_fingerprint: str


def engine() -> str:
    """'sqlite' or 'postgresql', of this installation."""
    return connection.vendor


def dump(target: Path) -> Contents:
    """Copy the running database to `target`. Raises DumpError if the copy is not sound."""
    return _dump_sqlite(target) if engine() == "sqlite" else _dump_postgres(target)


def inspect(copy: Path) -> Contents | None:
    """Check a copy of the database and tell what it holds; None where only the outer form can be checked."""
    if engine() == "sqlite":
        return _inspect_sqlite(copy)
    _run("pg_restore", "--list", str(copy))
    return None


def replace(copy: Path, aside: Path) -> None:
    """Put `copy` in the place of the present database, which is kept in the folder `aside`."""
    connections.close_all()
    if engine() == "sqlite":
        _replace_sqlite(copy, aside)
    else:
        _replace_postgres(copy, aside)


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _dump_sqlite(target: Path) -> Contents:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, not three
    target.chmod(0o600)
    return _inspect_sqlite(target)


def _inspect_sqlite(copy: Path) -> Contents:
    try:
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as db:
            (answer,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if answer != "ok":
                raise DumpError(f"数据库副本已损坏：{answer}")
            if broken := db.execute("PRAGMA foreign_key_check").fetchone():
                raise DumpError(f"数据库副本中有断开的关联（表 {broken[0]}）。")
            return _contents(lambda sql: db.execute(sql).fetchall(), _SQLITE_TABLES)
    except sqlite3.DatabaseError as error:
        raise DumpError(f"数据库副本打不开：{error}") from error


_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
_POSTGRES_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def _contents(rows: Any, tables_sql: str) -> Contents:
    tables = [name for (name,) in rows(tables_sql)]
    counts = {name: rows(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables}  # noqa: S608  names of tables
    migrations = (
        sorted(f"{app}.{name}" for app, name in rows("SELECT app, name FROM django_migrations"))
        if "django_migrations" in counts
        else []
    )
    head = rows("SELECT chain FROM access_accessentry ORDER BY id DESC LIMIT 1") if _has(counts, "accessentry") else []
    seal = rows("SELECT fingerprint FROM access_keyseal ORDER BY id LIMIT 1") if _has(counts, "keyseal") else []
    return Contents(counts, migrations, head[0][0] if head else "", seal[0][0] if seal else "")


def _has(counts: dict[str, int], model: str) -> bool:
    return f"access_{model}" in counts


def _replace_sqlite(copy: Path, aside: Path) -> None:
    database = sqlite_file()
    assert database is not None  # noqa: S101  the engine was asked
    for suffix in ("-wal", "-shm", "-journal", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(aside / part.name)
    shutil.copyfile(copy, database)
    database.chmod(0o600)
    with database.open("rb") as file:
        os.fsync(file.fileno())


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _environment() -> dict[str, str]:
    """Where pg_dump and psql find the database; the password goes by environment, never on a command line."""
    database = settings.DATABASES["default"]
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    given = {variable: str(database[key]) for variable, key in names.items() if database.get(key)}
    return {**os.environ, **given}


def _run(program: str, *arguments: str, give: bytes | None = None) -> bytes:
    if not shutil.which(program):
        raise DumpError(f"找不到 {program}。请安装 PostgreSQL 客户端（Debian：apt-get install postgresql-client）。")
    done = subprocess.run([program, *arguments], env=_environment(), input=give, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["没有说明"]
        raise DumpError(f"{program} 没有成功：{lines[-1]}")
    return done.stdout


def _dump_postgres(target: Path) -> Contents:
    from psycopg import IsolationLevel, connect

    parameters = connection.get_connection_params()
    plain = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    with connect(**plain) as own:  # counts and dump see the same moment
        own.isolation_level = IsolationLevel.REPEATABLE_READ
        (snapshot,) = own.execute("SELECT pg_export_snapshot()").fetchone()  # type: ignore[misc]
        contents = _contents(lambda sql: own.execute(sql).fetchall(), _POSTGRES_TABLES)
        _run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}")
    target.chmod(0o600)
    return contents


def _replace_postgres(copy: Path, aside: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={aside / 'database.dump'}")
    script = _run("pg_restore", "--no-owner", "--no-privileges", "--file=-", str(copy))
    script = script.replace(b"\nCREATE SCHEMA public;\n", b"\n")
    # One transaction: the old state stays if anything of the new one is refused.
    begin = b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
    _run("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", give=begin + script)
