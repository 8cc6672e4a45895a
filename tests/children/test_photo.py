"""The photo: what is taken, what is kept of it, and only with consent."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from caretrack.access.policy import Role
from children.models import Child, Consent
from children.photos import LONGEST_SIDE, MAX_BYTES, read_photo
from tests.support.factories import TODAY, make_child, make_class, make_staff


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 900), **how: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **how)
    return out.getvalue()


def read(data: bytes) -> Image.Image:
    return Image.open(BytesIO(read_photo(BytesIO(data), size=len(data))))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_takes_the_usual_kinds_and_makes_a_small_jpeg(kind: str) -> None:
    made = read(picture(kind))
    assert made.format == "JPEG"
    assert max(made.size) == LONGEST_SIDE


def test_turns_upright_and_drops_place_and_comment() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    exif[0x9286] = "somewhere"
    exif.get_ifd(0x8825)[1] = "N"
    made = read(picture(exif=exif, comment=b"<script>"))
    assert made.size[0] < made.size[1]
    assert not made.getexif()
    assert b"<script>" not in read_photo(BytesIO(data := picture(exif=exif, comment=b"<script>")), size=len(data))


def huge_header() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))


@pytest.mark.parametrize(
    "data",
    [
        b"<html>hello</html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04zip",
        picture()[:400],
        picture("GIF"),
        huge_header(),
        b"",
    ],
    ids=["html", "svg", "zip", "truncated", "gif", "huge", "empty"],
)
def test_refuses_what_is_no_photo(data: bytes) -> None:
    with pytest.raises(ValidationError):
        read_photo(BytesIO(data), size=len(data))


def test_an_apple_photo_is_told_what_to_do() -> None:
    with pytest.raises(ValidationError, match="HEIC"):
        read_photo(BytesIO(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50), size=62)


def test_a_picture_with_too_many_pixels_is_refused() -> None:
    with pytest.raises(ValidationError, match="太大"):
        read(picture("PNG", (5200, 5200)))


def test_too_many_bytes_are_refused_before_reading() -> None:
    with pytest.raises(ValidationError, match="40 MB"):
        read_photo(BytesIO(b""), size=40 * 1024 * 1024)


pages = pytest.mark.django_db


@pytest.fixture
def child() -> Child:
    return make_child()


def agree(child: Child, **given: Any) -> Consent:
    values = {"purpose": "photo", "given_by": "王桂英", "relation": "62", "given_on": TODAY}
    return Consent.objects.create(child=child, **(values | given))


def upload(client: Client, child: Child, data: bytes | None = None):
    file = SimpleUploadedFile("IMG_0001.jpg", data if data is not None else picture(), "image/jpeg")
    return client.post(f"/students/{child.pk}/photo/edit/", {"photo": file})


@pages
def test_is_kept_under_a_made_name_and_served_with_a_fixed_type(client: Client, child: Child) -> None:
    agree(child)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    assert upload(client, child).status_code == 302
    child.refresh_from_db()
    assert "IMG_0001" not in child.photo.name
    response = client.get(f"/students/{child.pk}/photo/")
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content[:3] == b"\xff\xd8\xff"


@pages
def test_a_new_photo_removes_the_old_file(client: Client, child: Child, django_capture_on_commit_callbacks) -> None:
    agree(child)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    upload(client, child)
    child.refresh_from_db()
    old = Path(child.photo.path)
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, child)
    assert not old.exists()


@pages
@pytest.mark.parametrize("consent", [None, {"refused": True}, {"withdrawn_on": TODAY}])
def test_without_consent_nothing_is_kept(client: Client, child: Child, consent: dict[str, Any] | None) -> None:
    if consent is not None:
        agree(child, **consent)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    assert 'type="file"' not in client.get(f"/students/{child.pk}/photo/edit/").content.decode()
    assert upload(client, child).status_code == 422
    child.refresh_from_db()
    assert not child.photo


@pages
def test_the_last_word_of_the_family_counts(client: Client, child: Child) -> None:
    agree(child, given_on="2026-09-01")
    agree(child, given_on="2026-10-01", refused=True)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    assert upload(client, child).status_code == 422


@pages
def test_withdrawing_takes_the_photo_away(client: Client, child: Child, django_capture_on_commit_callbacks) -> None:
    consent = agree(child)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    upload(client, child)
    child.refresh_from_db()
    path = Path(child.photo.path)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/students/{child.pk}/consents/{consent.pk}/withdraw/")
    child.refresh_from_db()
    assert not child.photo
    assert not path.exists()
    assert client.get(f"/students/{child.pk}/photo/").status_code == 404


@pages
def test_forty_megabytes_get_a_sentence(client: Client, child: Child) -> None:
    agree(child)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    response = upload(client, child, b"\xff\xd8\xff" + bytes(40 * 1024 * 1024))
    assert response.status_code == 422
    assert "照片有 40 MB，超过 15 MB" in response.content.decode()


@pages
def test_more_than_the_server_takes_gets_a_page(client: Client, child: Child, settings) -> None:
    settings.MAX_REQUEST_BYTES = 1024 * 1024
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    response = upload(client, child, bytes(2 * 1024 * 1024))
    assert response.status_code == 413
    assert "不能超过 1 MB" in response.content.decode()


@pages
def test_no_photo_for_strangers_and_no_upload_for_teachers(client: Client, child: Child) -> None:
    agree(child)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    upload(client, child)
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(f"/students/{child.pk}/photo/").status_code == 404
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(f"/students/{child.pk}/photo/").status_code == 200
    assert upload(client, child).status_code == 403


@pages
def test_is_removed_by_post_only(client: Client, child: Child) -> None:
    agree(child)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    upload(client, child)
    url = f"/students/{child.pk}/photo/remove/"
    assert client.get(url).status_code == 405
    client.post(url)
    child.refresh_from_db()
    assert not child.photo


def test_the_limit_is_what_the_form_says() -> None:
    assert MAX_BYTES == 15 * 1024 * 1024
