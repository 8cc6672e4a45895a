from typing import Any

from django.apps import AppConfig
from django.core.checks import Error, Tags, register
from django.db.models.signals import post_migrate, pre_migrate


def install_triggers(using: str, **kwargs: object) -> None:
    """After every migrate: a rebuilt SQLite table has lost its triggers."""
    from caretrack.access import crypto, triggers
    from caretrack.access.models import KeySeal

    triggers.install(using)
    if not KeySeal.objects.using(using).exists():
        KeySeal.objects.using(using).create(fingerprint=crypto.key_fingerprint())


def release_triggers(using: str, plan: Any = (), **kwargs: object) -> None:
    """Before a migrate that takes a column away or renames one, or may have SQLite build a table anew."""
    from django.db.migrations.operations import AddConstraint, AddField, RemoveConstraint, RemoveField, RenameField
    from django.db.migrations.operations.fields import FieldOperation

    from caretrack.access import triggers

    losing, rebuilt = set(), set()
    for migration, backwards in plan:
        for operation in migration.operations:
            if isinstance(operation, FieldOperation | AddConstraint | RemoveConstraint):
                table = f"{migration.app_label}_{operation.model_name.lower()}"
                rebuilt.add(table)
                if isinstance(operation, (AddField if backwards else RemoveField) | RenameField):
                    losing.add(table)
    triggers.release(using, losing, rebuilt)


class AccessConfig(AppConfig):
    name = "caretrack.access"
    verbose_name = "访问与历史"

    def ready(self) -> None:
        pre_migrate.connect(release_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        register(Tags.database)(check_database)


def check_database(databases: object = None, **kwargs: object) -> list[Error]:
    """Refuse to serve without the history triggers or with another installation's key file."""
    from django.db import connections

    from caretrack.access import crypto, triggers
    from caretrack.access.models import KeySeal

    errors: list[Error] = []
    for using in databases or []:  # type: ignore[attr-defined]
        if KeySeal._meta.db_table not in connections[using].introspection.table_names():
            continue
        if not _migrations_wait(using) and (lost := triggers.missing(using)):
            errors.append(
                Error(
                    f"History triggers are missing: {', '.join(lost[:3])} …",
                    hint="Run `manage.py migrate --skip-checks`; it puts them back.",
                    id="caretrack.E010",
                )
            )
        seal = KeySeal.objects.using(using).order_by("pk").first()
        if seal and seal.fingerprint != crypto.key_fingerprint():
            errors.append(
                Error(
                    "The key file does not belong to this data.",
                    hint="Put the right fields.key into CARETRACK_KEYS; with another key sealed fields cannot be read.",
                    id="caretrack.E011",
                )
            )
    return errors


def _migrations_wait(using: str) -> bool:
    """While an upgrade is half-way the triggers are those of the version before; `migrate` must not be refused then."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[using])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
