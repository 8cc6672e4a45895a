"""The steps of the import wizard, each as a browser takes it."""

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.schools.models import School
from children.models import ImportBatch

SHEETS = Path(__file__).parents[3] / "sheets"
DAY = dt.date(2026, 11, 20)


def sample(number: str) -> SimpleUploadedFile:
    path = next(SHEETS.glob(f"{number}_*.xlsx"))
    return SimpleUploadedFile(path.name, path.read_bytes())


def book(sheets: Mapping[str, Sequence[Sequence[object]]]) -> SimpleUploadedFile:
    """A workbook of these sheets, each with its header first."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    made.save(file)
    return SimpleUploadedFile("名册.xlsx", file.getvalue())


def upload(client: Client, school: School, file: SimpleUploadedFile):
    return client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})


def url(name: str, batch: ImportBatch) -> str:
    return reverse(f"children:import_{name}", args=[batch.pk])


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def columns_form(client: Client, batch: ImportBatch) -> dict[str, str]:
    """What a browser would send if nothing on the columns page were touched."""
    form = client.get(url("columns", batch)).context["form"]
    return {name: form[name].value() or "" for name in form.fields}
