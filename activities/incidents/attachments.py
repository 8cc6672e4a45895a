"""Photos and PDFs of an incident file, kept as the papers of a dossier are (domain §11.5, 附件)."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.incidents.services import locked_open
from activities.models import Incident, IncidentFile
from caretrack.schools.models import Staff
from children.files import remove_file, store

MOST = 30


@transaction.atomic
def attach(*, incident: Incident, file: Any, title: str, by: Staff) -> IncidentFile:
    """Put a paper into a file. Raises ValidationError when it is closed or full, and as `read_file` does."""
    current = locked_open(incident)
    if current.files.filter(removed_on__isnull=True).count() >= MOST:
        raise ValidationError(f"一份事件档案最多 {MOST} 个附件。可以把多页材料扫描成一个 PDF。")
    row = IncidentFile(incident=current, title=title.strip(), uploaded_by=by)
    store(row, file)
    return row


@transaction.atomic
def detach(*, row: IncidentFile, reason: str, on: date) -> None:
    """Take a paper out of a file. Raises ValidationError when the file is closed, and as `remove_file` does."""
    locked_open(row.incident)
    remove_file(row=row, reason=reason, on=on)
