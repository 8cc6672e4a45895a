"""Load the rows that bench.prepare wrote, and make an administrator."""

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import models

from roster.models import Child, Note, Parent, School, SchoolClass

MODELS: dict[str, type[models.Model]] = {
    "school": School, "class": SchoolClass, "child": Child, "parent": Parent, "note": Note,
}  # fmt: skip
RENAMED = {"school": "school_id", "school_class": "school_class_id", "child": "child_id", "note_kind": "kind"}


class Command(BaseCommand):
    """See the module's first line. The administrator's password is read from STOCK_PASSWORD."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting: dict[type[models.Model], list] = {model: [] for model in MODELS.values()}
        with open(options["file"], encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                model = MODELS[row.pop("kind")]
                waiting[model].append(model(**{RENAMED.get(name, name): value for name, value in row.items()}))
        for model, rows in waiting.items():
            model.objects.bulk_create(rows, batch_size=2000)  # type: ignore[attr-defined]
        get_user_model().objects.create_superuser("admin", password=os.environ["STOCK_PASSWORD"])
