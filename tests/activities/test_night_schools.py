"""Who counts the rooms of two schools counts those of the page that was open, and sees of each school its own."""

from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import NightAbsence, NightDuty, NightRoll
from activities.night import evening
from caretrack.access.policy import Role
from children.models import Child
from tests.support.factories import appoint, make_class, make_left_behind, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
DAY = timedelta(days=1)
HOME = "activities:night_home"


def boarder(name, at) -> Child:
    child = make_left_behind(name, at)
    Child.objects.filter(pk=child.pk).update(boarding="2", dorm_bed="200-1")
    return Child.objects.get(pk=child.pk)


@pytest.fixture
def here(school_class) -> Child:
    return boarder("甲校住校生", school_class)


@pytest.fixture
def there() -> Child:
    return boarder("乙校住校生", make_class(make_school("乙校")))


@pytest.fixture
def keeper(client, here, there):
    """Principal of both schools."""
    staff = make_staff(Role.PRINCIPAL, here.school)
    appoint(staff, Role.PRINCIPAL, there.school)
    client.force_login(staff)
    return staff


def missed(child, school, **kw) -> NightAbsence:
    on = evening() - DAY
    roll = NightRoll.objects.create(school=school, on=on, room="200", expected=1, present=0, taken_at=timezone.now())
    return NightAbsence.objects.create(roll=roll, child=child, on=on, reason="sick", **kw)


def acts(client, url) -> list[str]:
    page = client.get(url).content.decode()
    return [unescape(part.split('"')[0]) for part in page.split('action="')[1:] if "/nights/r" in part.split('"')[0]]


def test_a_press_counts_the_school_of_the_page_though_a_duty_was_given_meanwhile(client, here, there, keeper) -> None:
    first = client.get(reverse(HOME)).context["night"].school
    second = there.school if first == here.school else here.school
    pressed = acts(client, reverse(HOME))
    NightDuty.objects.create(school=second, staff=keeper, on=evening())
    for url in pressed:
        client.post(url)
    assert pressed
    assert {roll.school for roll in NightRoll.objects.all()} == {first}


def test_a_press_after_noon_counts_the_evening_of_the_page(client, here, keeper, monkeypatch) -> None:
    def at(hour: int) -> None:
        now = datetime(2026, 11, 20, hour, 30, tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    at(11)
    pressed = acts(client, reverse(HOME) + f"?school={here.school_id}")
    at(12)
    client.post(pressed[0])
    assert [str(roll.on) for roll in NightRoll.objects.all()] == ["2026-11-19"]
    assert "没有还没查的宿舍" in client.post(pressed[0], follow=True).content.decode()


def test_whoever_is_on_duty_again_is_told_at_noon_that_the_evening_before_is_closed(client, here, monkeypatch) -> None:
    staff = make_staff(Role.LEADER, here.school)
    for day in (19, 20):
        NightDuty.objects.create(school=here.school, staff=staff, on=date(2026, 11, day))
    now = datetime(2026, 11, 20, 12, 30, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client.force_login(staff)
    late = f"{reverse('activities:night_rest')}?school={here.school_id}&on=2026-11-19"
    told = client.post(late, follow=True).content.decode()
    assert "这一晚没有您能登记的宿舍，漏查的请德育主任补登" in told
    assert not NightRoll.objects.exists()


def test_on_duty_at_two_schools_the_start_page_has_a_line_for_each(client, here, there) -> None:
    staff = make_staff(Role.LEADER, here.school)
    appoint(staff, Role.LEADER, there.school)
    for school in (here.school, there.school):
        NightDuty.objects.create(school=school, staff=staff, on=evening())
    client.force_login(staff)
    client.post(reverse("activities:night_rest") + f"?school={here.school_id}&on={evening()}")
    page = client.get("/").content.decode()
    for child, badge in ((here, "已查完"), (there, "还有 1 个没查")):
        _, _, line = page.partition(f'href="{reverse(HOME)}?school={child.school_id}"')
        assert f"您在{child.school.label}值班查夜" in line[:400]
        assert badge in line[:800]


def test_what_is_to_be_looked_into_is_of_the_school_that_is_shown(client, here, there, keeper) -> None:
    for child in (here, there):
        missed(child, child.school)
    for child, other in ((here, there), (there, here)):
        page = client.get(reverse(HOME), {"school": child.school_id})
        assert [row.child for row in page.context["unverified"]] == [child]
        assert other.name not in page.content.decode()


def test_a_boarder_who_changed_school_is_looked_into_at_the_new_one(client, here, there) -> None:
    """The roll is of a school at which the person has no post."""
    row = missed(here, there.school)
    staff = make_staff(Role.PRINCIPAL, here.school)
    client.force_login(staff)
    verify = reverse("activities:night_verify", args=[row.pk])
    assert verify in client.get(reverse(HOME)).content.decode()
    saved = client.post(verify, {"result": "家里接走了"}, follow=True)
    assert saved.status_code == 200
    assert "核实结果已登记" in saved.content.decode()


def test_who_arranges_the_duty_of_a_school_comes_back_to_its_nights(client, here, there, keeper) -> None:
    for school in (here.school, there.school):
        page = client.get(reverse("activities:night_duty"), {"school": school.pk}).content.decode()
        assert page.count(f'href="{reverse(HOME)}?school={school.pk}"') == 2
