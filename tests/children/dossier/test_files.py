"""Papers of a dossier: written anew, refused, opened by whom, removed with a reason."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.files import check_pdf, keep_file, opens, remove_file
from children.models import (
    Child,
    ChildFile,
)
from children.sight import sight_of
from tests.support.factories import (
    TODAY,
    make_class,
    make_staff,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture() -> SimpleUploadedFile:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "家门口拍的"
    Image.new("RGB", (3000, 1500), "white").save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("协议.jpg", made.getvalue(), "image/jpeg")


def upload(client: Client, child: Child, **kw):
    data = {"kind": "entrustment", "file": picture(), "title": "", "on": "2026-09-01"} | kw
    return client.post(f"/students/{child.pk}/files/new/", data)


def test_a_picture_is_written_anew_and_served_in_the_page(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    assert upload(client, child).status_code == 302
    row = ChildFile.objects.get(child=child)
    assert (row.title, row.uploaded_by, row.care) == ("委托照护协议", homeroom, child.care.get())
    answer = client.get(f"/students/{child.pk}/files/{row.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    kept = Image.open(io.BytesIO(answer.content))
    assert max(kept.size) == 2000
    assert not kept.getexif()
    assert AccessEntry.objects.filter(event=Event.EXPORT, child_id=child.pk, detail__startswith="file").exists()


def test_a_pdf_leaves_as_a_download(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    upload(client, child, file=SimpleUploadedFile("x.jpg", PDF), title="告知书", kind="notice")
    row = ChildFile.objects.get(child=child)
    answer = client.get(f"/students/{child.pk}/files/{row.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content == PDF


@pytest.mark.parametrize(
    "content,words",
    [
        (b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF", "脚本"),
        (b"%PDF-1.4\n1 0 obj<</S/J#61vaScript>>endobj\n%%EOF", "脚本"),
        (b"%PDF-1.4\n1 0 obj<</Encrypt 2 0 R>>endobj\n%%EOF", "密码"),
        (b"%PDF-1.4\n1 0 obj", "不完整"),
    ],
)
def test_a_pdf_that_acts_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        check_pdf(content)


def test_a_script_packed_in_a_pdf_is_found() -> None:
    import zlib

    packed = zlib.compress(b"<</S/JavaScript/JS(x)>>")
    with pytest.raises(ValidationError, match="脚本"):
        check_pdf(b"%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + packed + b"\nendstream\n%%EOF")


@pytest.mark.parametrize(
    "file,words",
    [
        (SimpleUploadedFile("a.docx", b"PK\x03\x04" + b"0" * 50), "另存为 PDF"),
        (SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>"), "不是照片"),
    ],
)
def test_other_files_are_refused_with_what_to_do(client: Client, child: Child, homeroom: Staff, file, words) -> None:
    client.force_login(homeroom)
    file.seek(0)
    answer = upload(client, child, file=file)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_opens_what(child: Child, homeroom: Staff) -> None:
    """The page's rule and the database's rule are one."""
    people = {
        "homeroom": homeroom,
        "lead": make_staff(Role.CARE_LEAD, child.school),
        "registrar": make_staff(Role.REGISTRAR, child.school),
        "counsellor": make_staff(Role.COUNSELLOR, child.school),
        "teacher": make_staff(Role.TEACHER, child.school_class),
        "stranger": make_staff(Role.PRINCIPAL, make_class()),
    }
    files = [
        ChildFile.objects.create(child=child, kind=kind, title=kind, on=TODAY, restricted=hidden, uploaded_by=homeroom)
        for kind in ("entrustment", "certificate", "health", "talks")
        for hidden in (False, True)
    ]
    found = {}
    for name, staff in people.items():
        sight = sight_of(staff, child)
        by_rule = {row.pk for row in files if opens(row, sight, staff)}
        assert by_rule == set(ChildFile.objects.visible_to(staff).values_list("pk", flat=True)), name
        found[name] = {(row.kind, row.restricted) for row in files if row.pk in by_rule}
    assert len(found["homeroom"]) == len(found["lead"]) == 8
    assert found["registrar"] == {("entrustment", False), ("certificate", False), ("health", False)}
    assert found["counsellor"] == {("entrustment", False), ("health", False), ("talks", False)}
    assert found["teacher"] == found["stranger"] == set()


def test_a_paper_goes_with_a_reason_and_its_bytes(
    client: Client, child: Child, homeroom: Staff, django_capture_on_commit_callbacks
) -> None:
    row = keep_file(child=child, file=picture(), kind="work", title="作文", on=TODAY, by=homeroom)
    name, storage = row.file.name, row.file.storage
    client.force_login(homeroom)
    assert client.post(f"/students/{child.pk}/files/{row.pk}/remove/", {"reason": ""}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(row=row, reason="放错了档案", on=TODAY)
    assert not storage.exists(name)
    assert client.get(f"/students/{child.pk}/files/{row.pk}/").status_code == 404
    assert "作文" not in client.get(f"/students/{child.pk}/files/").content.decode()
