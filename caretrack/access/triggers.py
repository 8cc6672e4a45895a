"""
The triggers behind caretrack.access.history, generated from the list of tracked models.

Installed after every migrate: on SQLite a migration that rebuilds a table silently drops its triggers.
"""

import re
from collections.abc import Callable, Collection, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections, models

from caretrack.access.history import tracked_models
from caretrack.access.models import AccessEntry, RowHistory, Told
from caretrack.access.telling import DELETED_BY, MARKED, telling, told


@dataclass(frozen=True)
class More:
    """Triggers of an app's own: on tables of tracked models, writing into `table`, which is there or they are not."""

    table: str
    statements: Callable[[str], dict[str, str]]
    """'sqlite' or 'postgresql' → trigger name → SQL that creates it. Names begin with ct_."""
    postgres_function: str
    mark: Callable[[int, Collection[int]], None]
    """Tells at once what the triggers about children would tell row by row: see `marked`."""


_more: list[More] = []


def also(more: More) -> None:
    """Install these as well, and miss them where they are not. Called when an app is ready."""
    if more not in _more:
        _more.append(more)


@contextmanager
def marked(school: int, children: Collection[int]) -> Iterator[None]:
    """
    Around thousands of rows about pupils of one school: who keeps track of writes is told once, and not by each row.

    `children` are those concerned who are not new and may have been at other schools. Inside a transaction.
    """
    for more in _more:
        more.mark(school, children)
    with telling(MARKED, "yes"):
        yield


# A password hash in the history would outlive the password.
NEVER_KEPT = frozenset({"password"})

_POSTGRES_FUNCTIONS = """
CREATE OR REPLACE FUNCTION caretrack_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'caretrack: version must follow' USING ERRCODE = '23000';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION caretrack_keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {history} ("table", row_id, version, op, new_change, old)
  VALUES (TG_TABLE_NAME, OLD.id::text, OLD.version, 'U', NEW.change_id, to_jsonb(OLD) - 'password');
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION caretrack_keep_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {history} ("table", row_id, version, op, new_change, old)
  SELECT TG_TABLE_NAME, o.id::text, o.version, 'D', {deleted_by}::uuid, to_jsonb(o) - 'password' FROM deleted_rows o;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION caretrack_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE owner bigint; clash boolean;
BEGIN
  EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO owner USING NEW;
  -- Not an advisory lock: a server has room for some thousands of them, and a roster brings more spans than that.
  EXECUTE format('SELECT 1 FROM %I WHERE id = $1 FOR NO KEY UPDATE', TG_ARGV[1]) USING owner;
  EXECUTE format(
    'SELECT EXISTS (SELECT 1 FROM %I WHERE %I = $1 AND id <> $2
       AND starts_on <= COALESCE($4, ''infinity''::date) AND COALESCE(ends_on, ''infinity''::date) >= $3)',
    TG_TABLE_NAME, TG_ARGV[0]) INTO clash USING owner, NEW.id, NEW.starts_on, NEW.ends_on;
  IF clash THEN
    RAISE EXCEPTION 'caretrack: overlap' USING ERRCODE = '23000';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION caretrack_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE owner bigint; shut boolean;
BEGIN
  EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO owner USING OLD;
  EXECUTE format('SELECT %I IS NOT NULL FROM %I WHERE id = $1', TG_ARGV[2], TG_ARGV[1]) INTO shut USING owner;
  IF shut THEN
    RAISE EXCEPTION 'caretrack: frozen' USING ERRCODE = '23000';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION caretrack_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'caretrack: append only' USING ERRCODE = '23000';
END $$;
"""


def statements(vendor: str) -> dict[str, str]:
    """Trigger name → SQL that creates it, for every tracked model and the access log, on 'sqlite' or 'postgresql'."""
    found: dict[str, str] = {}
    for model in tracked_models():
        found |= _sqlite_row(model) if vendor == "sqlite" else _postgres_row(model)
    log, history = AccessEntry._meta.db_table, RowHistory._meta.db_table
    for table in (log, history):
        for op in ("UPDATE", "DELETE"):
            name = f"ct_only_{op.lower()}_{table}"
            found[name] = (
                f"CREATE TRIGGER {name} BEFORE {op} ON {table} BEGIN SELECT RAISE(ABORT, 'caretrack: append only'); END"
                if vendor == "sqlite"
                else f"CREATE TRIGGER {name} BEFORE {op} ON {table} FOR EACH ROW"
                " EXECUTE FUNCTION caretrack_append_only()"
            )
    for more in _more:
        found |= more.statements(vendor)
    return found


def _sqlite_row(model: type[models.Model]) -> dict[str, str]:
    table, history = model._meta.db_table, RowHistory._meta.db_table
    columns = [f.column for f in model._meta.concrete_fields if f.column not in NEVER_KEPT]
    # A function call takes at most 127 arguments on older builds: wide rows are patched together.
    parts = [columns[i : i + 50] for i in range(0, len(columns), 50)]
    row = "json_object(" + ", ".join(f"'{c}', OLD.\"{c}\"" for c in parts[0]) + ")"
    for part in parts[1:]:
        row = f"json_patch({row}, json_object(" + ", ".join(f"'{c}', OLD.\"{c}\"" for c in part) + "))"
    keep = (
        f'INSERT INTO {history} ("table", row_id, version, op, new_change, old) VALUES'
        f" ('{table}', CAST(OLD.id AS TEXT), OLD.version, '%s', %s, {row});"
    )
    owner = getattr(model, "no_overlap_by", None)
    overlap = {
        name: f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN EXISTS (SELECT 1 FROM {table} o"
        f" WHERE o.{owner} = NEW.{owner} AND o.id IS NOT NEW.id"
        " AND o.starts_on <= COALESCE(NEW.ends_on, '9999-12-31')"
        " AND COALESCE(o.ends_on, '9999-12-31') >= NEW.starts_on)"
        " BEGIN SELECT RAISE(ABORT, 'caretrack: overlap'); END"
        for op, event in (("INSERT", "INSERT"), ("UPDATE", _moving(owner)))
        if owner
        for name in [f"ct_overlap_{op.lower()}_{table}"]
    }
    frozen = {
        name: f"CREATE TRIGGER {name} BEFORE {op} ON {table} WHEN EXISTS (SELECT 1 FROM {holder} h"
        f" WHERE h.id = OLD.{key} AND h.{closed} IS NOT NULL)"
        " BEGIN SELECT RAISE(ABORT, 'caretrack: frozen'); END"
        for key, holder, closed in _frozen_by(model)
        for op in ("UPDATE", "DELETE")
        for name in [f"ct_frozen_{op.lower()}_{table}"]
    }
    next_version, update, delete = f"ct_version_{table}", f"ct_keep_u_{table}", f"ct_keep_d_{table}"
    return (
        overlap
        | frozen
        | {
            next_version: f"CREATE TRIGGER {next_version} BEFORE UPDATE ON {table} WHEN NEW.version <> OLD.version + 1"
            " BEGIN SELECT RAISE(ABORT, 'caretrack: version must follow'); END",
            update: f"CREATE TRIGGER {update} AFTER UPDATE ON {table} BEGIN {keep % ('U', 'NEW.change_id')} END",
            delete: f"CREATE TRIGGER {delete} AFTER DELETE ON {table} BEGIN {keep % ('D', told(DELETED_BY, 'sqlite'))} END",
        }
    )


def _moving(owner: str | None) -> str:
    """The updates that can make spans overlap: an undo of an import only names its change in thousands of them."""
    return f"UPDATE OF {owner}, starts_on, ends_on"


def _frozen_by(model: type[models.Model]) -> list[tuple[str, str, str]]:
    """`frozen_by` of a model: its key column, the table that holds it, the column there that closes it for good."""
    found = getattr(model, "frozen_by", None)
    return [found] if found else []


def _relations(model: type[models.Model]) -> list[Any]:
    return [found for found in model._meta.concrete_fields if found.is_relation]


def _postgres_row(model: type[models.Model]) -> dict[str, str]:
    table = model._meta.db_table
    version, keep, deleted = f"ct_version_{table}", f"ct_keep_{table}", f"ct_deleted_{table}"
    owner = getattr(model, "no_overlap_by", None)
    spans = {
        name: f"CREATE TRIGGER {name} BEFORE INSERT OR {_moving(owner)} ON {table} FOR EACH ROW"
        f" EXECUTE FUNCTION caretrack_no_overlap('{owner}', '{found.related_model._meta.db_table}')"
        for found in _relations(model)
        if found.column == owner
        for name in [f"ct_overlap_{table}"]
    }
    frozen = {
        name: f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
        f" EXECUTE FUNCTION caretrack_frozen('{key}', '{holder}', '{closed}')"
        for key, holder, closed in _frozen_by(model)
        for name in [f"ct_frozen_{table}"]
    }
    return (
        spans
        | frozen
        | {
            version: f"CREATE TRIGGER {version} BEFORE UPDATE ON {table} FOR EACH ROW"
            " EXECUTE FUNCTION caretrack_next_version()",
            keep: f"CREATE TRIGGER {keep} AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION caretrack_keep_row()",
            # Once a statement, for an undone import deletes thousands of rows.
            deleted: f"CREATE TRIGGER {deleted} AFTER DELETE ON {table} REFERENCING OLD TABLE AS deleted_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION caretrack_keep_deleted()",
        }
    )


def install(using: str = "default") -> None:
    """Create or renew every trigger in the database `using`."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    if Told._meta.db_table not in present:
        return  # migrated to a state before these triggers
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            deleted_by = told(DELETED_BY, "postgresql")
            cursor.execute(_POSTGRES_FUNCTIONS.format(history=RowHistory._meta.db_table, deleted_by=deleted_by))
            for more in _more:
                cursor.execute(more.postgres_function)
        ahead = {name for more in _more if more.table not in present for name in more.statements(connection.vendor)}
        for name, sql in statements(connection.vendor).items():
            table = sql.split(" ON ")[1].split()[0]
            if table not in present or name in ahead:
                continue
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor != "sqlite" else ""))
            cursor.execute(sql)


def remove(using: str = "default") -> None:
    """Drop every trigger; for tests that empty the whole database between runs, and for restoring a backup."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, sql in statements(connection.vendor).items():
            table = sql.split(" ON ")[1].split()[0]
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor != "sqlite" else ""))


def release(using: str, losing: Set[str], rebuilt: Set[str] = frozenset()) -> None:
    """
    On SQLite, drop the triggers on or about the tables `losing` that are about to lose or rename a column or to be
    renamed: they name every column, and SQLite refuses the change. A table that is `rebuilt` is gone for a moment, which
    SQLite refuses while a trigger on another table reads it: those go too. `install` puts them back in their new form.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ct!_%' ESCAPE '!'"
        )
        for name, table, sql in cursor.fetchall():
            named = set(re.findall(r"\w+", sql))
            if named & losing or (named - {table}) & rebuilt:
                cursor.execute(f"DROP TRIGGER {name}")


def missing(using: str = "default") -> list[str]:
    """Names of triggers that the database `using` lacks or holds in another form; empty when all is well."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            held: dict[str, Any] = dict(cursor.fetchall())
            return [name for name, sql in statements("sqlite").items() if held.get(name) != sql]
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        names = {row[0] for row in cursor.fetchall()}
        return [name for name in statements("postgresql") if name[:63] not in names]
