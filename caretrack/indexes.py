"""`AlterOwnIndex`: for a migration that takes a field's own index away, or brings it."""

from typing import Any

from django.db.migrations.operations import AlterField


class AlterOwnIndex(AlterField):
    """
    `AlterField` for a field of which nothing but `db_index` changes: only the index goes or comes.

    Django would copy the whole table on SQLite, and on PostgreSQL compare every row of a foreign key with its target.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        found = model._meta.get_field(self.name)
        if found.db_index:
            schema_editor.execute(schema_editor._create_index_sql(model, fields=[found]))
            return
        declared = {index.name for index in model._meta.indexes}
        own = schema_editor._constraint_names(model, [found.column], index=True, unique=False, exclude=declared)
        for name in own:
            schema_editor.execute(schema_editor._delete_index_sql(model, name))
