"""
Papers of the dossier as files: what is taken in, how it is kept, how it goes (security requirements §3.7).

Pictures are decoded and written anew, so that nothing hidden in them survives. A PDF is kept as it came, after a look
for anything that acts by itself, and it leaves only as a download.
"""

import re
import uuid
import zlib
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import CareArrangement, Child, ChildFile
from children.models.file import FILE_DATA, StoredFile
from children.photos import read_photo
from children.sight import Sight

MAX_BYTES = 20 * 1024 * 1024
#: Legible when printed on A4.
PICTURE_SIDE = 2000
JPEG, PDF = "image/jpeg", "application/pdf"
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)(?![A-Za-z])")
_STREAM = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
_UNPACK_AT_MOST = 8 * 1024 * 1024


def check_pdf(content: bytes) -> None:
    """Raises ValidationError for what is no PDF, is locked, or brings scripts or other files along."""
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise ValidationError("这个 PDF 不完整或已经损坏，请重新扫描或另存后再上传。")
    if b"/Encrypt" in content:
        raise ValidationError("这个 PDF 加了密码，请去掉密码后再上传。")
    if any(_ACTIVE.search(_plain(part)) for part in (content, *_object_streams(content))):
        raise ValidationError(
            "这个 PDF 里有脚本、表单或附带文件，为安全起见不能保存。请打印成新的 PDF 或拍照后再上传。"
        )


def _plain(content: bytes) -> bytes:
    """Names in a PDF may be written with #xx for a letter."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)


def _object_streams(content: bytes) -> list[bytes]:
    """What lies packed in object streams: a script can hide there."""
    found, left = [], _UNPACK_AT_MOST
    for start in _STREAM.finditer(content):
        try:
            part = zlib.decompressobj().decompress(content[start.end() :], min(left, 1024 * 1024))
        except zlib.error:
            continue
        found.append(part)
        left -= len(part)
        if left <= 0:
            raise ValidationError("这个 PDF 太复杂，请打印成新的 PDF 或拍照后再上传。")
    return found


def read_file(file: Any) -> tuple[bytes, str]:
    """
    What of an uploaded file (with `size`) is kept, and its type: a JPEG written anew, or a checked PDF.

    Raises ValidationError with what to do for everything else. The content decides, never the name.
    """
    if file.size > MAX_BYTES:
        raise ValidationError(f"文件有 {file.size / 1024 / 1024:.0f} MB，超过 20 MB。请分开扫描或降低清晰度后再选。")
    if file.size == 0:
        raise ValidationError("这个文件是空的，请重新选择。")
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"%PDF-"):
        content = file.read()
        check_pdf(content)
        return content, PDF
    if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise ValidationError("不能直接保存 Word 或 Excel 文件。请在 WPS 或 Word 里“另存为 PDF”，或打印后拍照上传。")
    return read_photo(file, size=file.size, longest=PICTURE_SIDE), JPEG


def store(row: StoredFile, file: Any) -> None:
    """Save `row` with the bytes of an uploaded file. Raises ValidationError as `read_file` does."""
    content, row.content_type = read_file(file)
    row.size = len(content)
    ending = "pdf" if row.content_type == PDF else "jpg"
    row.file.save(f"{uuid.uuid4().hex}.{ending}", ContentFile(content), save=False)
    row.save()


@transaction.atomic
def keep_file(
    *,
    child: Child,
    file: Any,
    kind: str,
    title: str,
    on: date,
    by: Staff | None,
    restricted: bool = False,
    care: CareArrangement | None = None,
) -> ChildFile:
    """Put a paper into the dossier. Raises ValidationError as `read_file` does."""
    row = ChildFile(
        child=child,
        kind=kind,
        title=title.strip() or ChildFile.Kind(kind).label,
        on=on,
        restricted=restricted,
        care=care,
        uploaded_by=by,
    )
    store(row, file)
    return row


@transaction.atomic
def remove_file(*, row: StoredFile, reason: str, on: date) -> None:
    """
    Take a paper out of where it is kept: the bytes go after the commit, the line stays with the reason.

    Raises ValidationError without a reason, or if it is out already.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明移除原因。"})
    current = type(row)._base_manager.select_for_update().get(pk=row.pk)
    if current.removed_on is not None:
        raise ValidationError("这份材料已经移除。")
    name, storage = current.file.name, current.file.storage
    current.file, current.removed_on, current.removed_reason = "", on, reason.strip()
    current.save(update_fields=["file", "removed_on", "removed_reason"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def opens(row: ChildFile, sight: Sight, staff: Staff) -> bool:
    """Whether `staff` may open a file, as ChildFileQuerySet.visible_to says, without asking the database."""
    if not sight.reads(FILE_DATA[row.kind]):
        return False
    return not row.restricted or row.uploaded_by_id == staff.pk or bool(sight.roles & {Role.CARE_LEAD, Role.PRINCIPAL})
