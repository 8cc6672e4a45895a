"""Pictures of activities and meetings: never needed, only with consent of everybody there, gone with the consent."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from activities.gathering_photos import photos_for
from activities.models import Activity, ActivityParticipant, GatheringPhoto, Meeting
from caretrack.access.policy import Role
from children.photos import withdraw_consent
from tests.activities.test_record_photos import agree, picture
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def mate(child):
    return make_left_behind("龙小川", child.school_class)


@pytest.fixture
def show(child, mate, homeroom):
    """An activity at which one came and one was absent."""
    made = Activity.objects.create(
        school=child.school, school_class=child.school_class, kind="show", name="中秋联欢", on=timezone.localdate(),
        leader=homeroom,
    )  # fmt: skip
    ActivityParticipant.objects.create(activity=made, child=child, came=True, called=True)
    ActivityParticipant.objects.create(activity=made, child=mate, came=False, called=True)
    return made


@pytest.fixture
def page(client, homeroom):
    client.force_login(homeroom)
    return client


def add(page, gathering, *, shows="1"):
    kind = "meeting" if isinstance(gathering, Meeting) else "event"
    given = {"photo": picture(), "words": "合影", "shows_pupils": shows}
    return page.post(reverse(f"activities:{kind}_photo_add", args=[gathering.pk]), given)


def shown(page, photo):
    return page.get(reverse("activities:gathering_photo", args=[photo.pk]))


def test_whose_family_did_not_agree_is_named_before_and_nothing_is_kept(page, child, show):
    before = page.get(reverse("activities:event_photo_add", args=[show.pk])).content.decode()
    assert "李小兰" in before
    assert "没有同意" in before
    refused = add(page, show)
    assert refused.status_code == 422
    assert 'value="合影"' in refused.content.decode()
    assert not GatheringPhoto.objects.exists()


def test_with_the_consent_of_who_came_it_is_kept_without_the_senders_data(page, child, show):
    agree(child)
    assert add(page, show).status_code == 302
    photo = GatheringPhoto.objects.get()
    assert "合影" in page.get(reverse("activities:event_show", args=[show.pk])).content.decode()
    answer = shown(page, photo)
    assert answer["Content-Type"] == "image/jpeg"
    assert b"CANARY" not in answer.content
    with Image.open(BytesIO(answer.content)) as kept:
        assert not kept.getexif()


def test_a_roll_not_called_yet_asks_for_everybody_on_the_list(page, child, mate, show):
    show.participants.update(came=False, called=False)
    agree(child)
    assert "龙小川" in page.get(reverse("activities:event_photo_add", args=[show.pk])).content.decode()
    assert add(page, show).status_code == 422


def test_a_picture_on_which_nobody_is_recognised_needs_no_consent(page, show):
    assert add(page, show, shows="").status_code == 302
    assert shown(page, GatheringPhoto.objects.get()).status_code == 200


def test_without_a_list_nobody_can_have_agreed(page, show):
    show.participants.all().delete()
    refused = add(page, show)
    assert refused.status_code == 422
    assert "还没有登记参加的学生" in refused.content.decode()


def test_publicity_asks_for_the_consent_to_publicity_too(page, child, show):
    Activity.objects.update(kind="publicity")
    agree(child)
    assert add(page, show).status_code == 422
    consent = agree(child)
    consent.purpose = "publicity"
    consent.save()
    agree(child)
    assert add(page, show).status_code == 302


@pytest.mark.parametrize("purpose, kind, stays", [
    ("photo", "show", False), ("photo", "publicity", False), ("publicity", "publicity", False),
    ("publicity", "show", True),
])  # fmt: skip
def test_pictures_go_with_the_consent_they_rest_on(
    page, child, homeroom, show, purpose, kind, stays, django_capture_on_commit_callbacks
):
    Activity.objects.update(kind=kind)
    consents = {}
    for one in ("photo", "publicity"):
        consents[one] = agree(child)
        consents[one].purpose = one
        consents[one].save()
    assert add(page, show).status_code == 302
    photo = GatheringPhoto.objects.get()
    name, storage = photo.file.name, photo.file.storage
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_consent(consent=consents[purpose], on=timezone.localdate(), by=homeroom)
    assert storage.exists(name) is stays
    assert (shown(page, photo).status_code == 200) is stays


def test_who_sees_only_some_of_the_pupils_sees_no_pupils_on_pictures(client, child, mate, show, page):
    agree(child)
    add(page, show)
    add(page, show, shows="")
    mentor = make_mentor(make_staff(Role.TEACHER, make_class(child.school, grade=6)), child.school)
    make_pairing(child, mentor)
    show.school_class = None
    show.save()
    with_pupils, without = GatheringPhoto.objects.order_by("pk")
    assert photos_for(show, mentor.staff) == [without]
    client.force_login(mentor.staff)
    assert shown(client, with_pupils).status_code == 404
    assert client.post(reverse("activities:gathering_photo_remove", args=[without.pk])).status_code == 403


def test_a_meeting_of_carers_shows_grown_ups_and_only_to_who_reads_its_minutes(client, child, page, homeroom):
    meeting = Meeting.objects.create(
        school=child.school, school_class=child.school_class, kind="carers", on=timezone.localdate(), keeper=homeroom
    )
    ActivityParticipant.objects.create(meeting=meeting, child=child, came=False, carer_came=True)
    assert add(page, meeting).status_code == 302
    photo = GatheringPhoto.objects.get()
    assert shown(page, photo).status_code == 200
    client.force_login(make_staff(Role.TEACHER, child.school_class, "苏老师"))
    assert shown(client, photo).status_code == 404


def test_taking_out_and_deleting_leave_no_file(page, child, show, django_capture_on_commit_callbacks):
    add(page, show, shows="")
    add(page, show, shows="")
    first, second = GatheringPhoto.objects.order_by("pk")
    files = [(photo.file.name, photo.file.storage) for photo in (first, second)]
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("activities:gathering_photo_remove", args=[first.pk]))
    assert [storage.exists(name) for name, storage in files] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("activities:event_delete", args=[show.pk]))
    assert [storage.exists(name) for name, storage in files] == [False, False]
    assert not Activity.objects.exists()


def test_the_paper_carries_the_pictures(page, show):
    bare = page.get(reverse("activities:event_print", args=[show.pk])).content
    add(page, show, shows="")
    assert b"/Subtype /Image" not in bare
    assert b"/Subtype /Image" in page.get(reverse("activities:event_print", args=[show.pk])).content
