"""Pictures with a record: with consent, without the sender's data, gone with the consent."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from activities.models import RecordPhoto
from activities.record_photos import pictures_on_paper
from activities.services import Contact, record_contact
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from children.models import Consent
from children.photos import withdraw_consent
from tests.support.factories import TODAY, make_left_behind, make_record, make_staff
from tests.support.paper import pictures_in, silent_layout, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(child):
    return make_staff(Role.HOMEROOM, child.school_class, "罗老师")


@pytest.fixture
def record(child, teacher):
    return make_record(child, teacher, kind="home_visit")


@pytest.fixture
def page(client, teacher):
    client.force_login(teacher)
    return client


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "CANARY place of the picture"
    Image.new("RGB", (40, 30), "green").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("visit.jpg", out.getvalue(), "image/jpeg")


def agree(child, **kw) -> Consent:
    return Consent.objects.create(child=child, purpose="photo", given_by="王桂英", relation="62", given_on=TODAY, **kw)


def add(page, record):
    return page.post(reverse("activities:record_photo_add", args=[record.pk]), {"photo": picture(), "words": "书桌"})


@pytest.mark.parametrize("said", [None, {"refused": True}, {"withdrawn_on": TODAY}])
def test_without_consent_there_is_no_picture_and_the_record_stands(page, child, record, said) -> None:
    if said is not None:
        agree(child, **said)
    assert "没有同意" in page.get(reverse("activities:record_photo_add", args=[record.pk])).content.decode()
    assert add(page, record).status_code == 422
    assert not RecordPhoto.objects.exists()


def test_with_consent_it_is_written_anew_without_the_senders_data(page, child, record) -> None:
    agree(child)
    assert add(page, record).status_code == 302
    photo = RecordPhoto.objects.get()
    assert "书桌" in page.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    shown = page.get(reverse("activities:record_photo", args=[photo.pk]))
    assert shown["Content-Type"] == "image/jpeg"
    assert b"CANARY" not in shown.content
    assert not Image.open(BytesIO(shown.content)).getexif()


def test_of_a_group_everybodys_family_must_have_agreed(page, child, teacher) -> None:
    other = make_left_behind("龙小川", child.school_class)
    agree(child)
    contact = Contact("meal", TODAY, "一起包饺子")
    records, _ = record_contact(children=[child, other], contact=contact, by=teacher, today=TODAY)
    refused = add(page, records[0])
    assert refused.status_code == 422
    assert "龙小川" in refused.content.decode()
    agree(other)
    assert add(page, records[0]).status_code == 302


def test_the_card_on_paper_carries_the_pictures_with_words_and_day(page, child, record) -> None:
    agree(child)
    add(page, record)
    page.post(reverse("activities:record_photo_add", args=[record.pk]), {"photo": picture(), "words": ""})
    with silent_layout():
        paper = page.get(reverse("activities:record_card", args=[record.pk])).content
    assert pictures_in(paper) == 2
    assert f"书桌（{chinese_date(record.on)}）" in text_of(paper)
    RecordPhoto.objects.first().file.delete(save=False)
    with silent_layout():
        assert pictures_in(page.get(reverse("activities:record_card", args=[record.pk])).content) == 1


def test_without_everybodys_consent_of_today_paper_shows_no_picture(page, child, teacher, record) -> None:
    other = make_left_behind("龙小川", child.school_class)
    contact = Contact("meal", TODAY, "一起包饺子")
    records, _ = record_contact(children=[child, other], contact=contact, by=teacher, today=TODAY)
    for one in (child, other):
        agree(one)
    for one in (records[0], record):
        add(page, one)

    def printed() -> list[int]:
        cards = (page.get(reverse("activities:record_card", args=[one.pk])).content for one in (records[0], record))
        return [pictures_in(card) for card in cards]

    assert printed() == [1, 1]
    agree(other, refused=True)
    assert printed() == [0, 1], "a classmate's family refuses now"
    assert list(pictures_on_paper([records[0].pk, record.pk], teacher)) == [record.pk]


def test_pictures_for_paper_ask_the_same_for_one_and_twelve(page, child, teacher, record) -> None:
    agree(child)
    others = [make_record(child, teacher, kind="home_visit") for _ in range(11)]
    for one in (record, *others):
        add(page, one)
    pictures_on_paper([record.pk], teacher)  # what the person holds is kept in mind
    counts = []
    for some in ([record], [record, *others]):
        with CaptureQueriesContext(connection) as queries:
            assert len(pictures_on_paper([one.pk for one in some], teacher)) == len(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_picture_goes_with_the_consent(page, child, teacher, record, django_capture_on_commit_callbacks) -> None:
    consent = agree(child)
    add(page, record)
    photo = RecordPhoto.objects.get()
    name, storage = photo.file.name, photo.file.storage
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_consent(consent=consent, on=TODAY, by=teacher)
    assert page.get(reverse("activities:record_photo", args=[photo.pk])).status_code == 404
    assert not storage.exists(name)


def test_only_the_author_adds_and_takes_out(client, child, teacher, record, page) -> None:
    agree(child)
    add(page, record)
    photo = RecordPhoto.objects.get()
    client.force_login(make_staff(Role.CARE_LEAD, child.school))
    assert add(client, record).status_code == 403
    assert client.post(reverse("activities:record_photo_remove", args=[photo.pk])).status_code == 403
    client.force_login(teacher)
    assert client.post(reverse("activities:record_photo_remove", args=[photo.pk])).status_code == 302
    assert not RecordPhoto.objects.visible_to(teacher).exists()
