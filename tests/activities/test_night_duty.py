"""On duty in the dormitories: every room and every boarder's emergency calls, for one evening, and nothing else."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.models import Incident, NightAbsence, NightDuty, NightRoll
from activities.night import evening
from activities.night_duty import assign, callable_by, countable
from caretrack.access.policy import Act, DataClass, Role
from caretrack.schools.models import School, Staff
from children.models import Child
from children.sight import sights
from tests.support.factories import appoint, make_class, make_left_behind, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
DAY = timedelta(days=1)


@pytest.fixture
def boarders(school_class):
    found = []
    for number, at in enumerate((school_class, make_class(school_class.school, grade=5))):
        child = make_left_behind(f"住校生{number}", at)
        Child.objects.filter(pk=child.pk).update(boarding="2", dorm_bed=f"20{number}-1")
        found.append(child)
    return found


@pytest.fixture
def day_pupil(school_class):
    return make_left_behind("走读生", school_class)


def on_duty(staff, school, on=None):
    NightDuty.objects.create(school=school, staff=staff, on=on or evening())
    return Staff.objects.get(pk=staff.pk)


@pytest.mark.parametrize("role", [Role.LEADER, Role.TEACHER, Role.COUNSELLOR, Role.HOMEROOM])
def test_whoever_is_on_duty_counts_every_room(client, school_class, boarders, role) -> None:
    at = school_class if role in (Role.TEACHER, Role.HOMEROOM) else school_class.school
    staff = make_staff(role, at, "值班老师")
    client.force_login(staff)
    home = reverse("activities:night_home")
    before = client.get(home)
    assert before.status_code == (200 if role is Role.HOMEROOM else 403)
    on_duty(staff, school_class.school)
    page = client.get(home).content.decode()
    assert "住校生0" in page
    assert "住校生1" in page
    client.post(reverse("activities:night_rest"))
    assert [(roll.taken_by, roll.present) for roll in NightRoll.objects.all()] == [(staff, 1), (staff, 1)]


def test_it_opens_the_calls_of_boarders_and_no_dossier(client, school_class, boarders, day_pupil) -> None:
    staff = make_staff(Role.LEADER, school_class.school, "韦副校长")
    client.force_login(staff)
    call = reverse("activities:call_tree", args=[boarders[0].pk])
    assert client.get(call).status_code == 403
    staff = on_duty(staff, school_class.school)
    page = client.post(call)
    assert page.status_code == 200
    phone = boarders[0].phones.first()
    assert phone.number in page.content.decode()
    assert reverse("children:child_show", args=[boarders[0].pk]) not in page.content.decode()
    assert client.get(reverse("activities:call_tree", args=[day_pupil.pk])).status_code == 404
    assert client.get(reverse("children:child_show", args=[boarders[0].pk])).status_code == 404
    assert not any(Child.objects.visible_to(staff, data).exists() for data in DataClass)


def test_a_teacher_on_duty_calls_no_day_pupil_of_the_own_class(client, school_class, boarders, day_pupil) -> None:
    staff = make_staff(Role.TEACHER, school_class)
    on_duty(staff, school_class.school)
    client.force_login(staff)
    assert client.get(reverse("activities:call_tree", args=[boarders[0].pk])).status_code == 200
    assert client.get(reverse("activities:call_tree", args=[day_pupil.pk])).status_code == 403


def test_whoever_is_on_duty_reports_who_cannot_be_found(client, school_class, boarders, lead) -> None:
    staff = make_staff(Role.LEADER, school_class.school, "韦副校长")
    on_duty(staff, school_class.school)
    client.force_login(staff)
    key = f"reason_{boarders[1].pk}"
    room = reverse("activities:night_room", args=["2-201"])
    sent = {key: "missing", f"called_{boarders[1].pk}": "no_answer", f"note_{boarders[1].pk}": "床是空的"}
    assert client.post(room, sent).status_code == 302
    row = NightAbsence.objects.get()
    answer = client.post(reverse("activities:night_raise", args=[row.pk]), follow=True)
    assert "请立即打110" in answer.content.decode()
    assert Incident.objects.get().reported_by == staff
    assert set(Incident.objects.visible_to(lead)) == set(Incident.objects.all())


@pytest.mark.parametrize(
    "day, hour, there", [(19, 11, False), (19, 12, True), (20, 2, True), (20, 11, True), (20, 12, False)]
)
def test_it_lasts_from_noon_to_noon(school_class, boarders, monkeypatch, day, hour, there) -> None:
    now = datetime(2026, 11, day, hour, 30, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    staff = on_duty(make_staff(Role.LEADER, school_class.school), school_class.school, date(2026, 11, 19))
    assert staff.may(Act.NIGHT_CHECK) == there


@pytest.mark.parametrize("times", [(19, 20), (20, 19)])
def test_with_posts_at_two_schools_each_evening_opens_its_own_only(school_class, boarders, monkeypatch, times) -> None:
    """Last night at one school, tonight at the other: until noon the one is open, then the other."""
    there = make_left_behind("乙校住校生", make_class(make_school("乙校")))
    Child.objects.filter(pk=there.pk).update(boarding="2", dorm_bed="301-1")
    staff = make_staff(Role.LEADER, school_class.school)
    appoint(staff, Role.LEADER, there.school)
    for school, day in zip((school_class.school, there.school), times, strict=True):
        NightDuty.objects.create(school=school, staff=staff, on=date(2026, 11, day))
    first, second = (boarders, [there]) if times == (19, 20) else ([there], boarders)
    for hour, opened in ((11, first), (12, second)):
        now = datetime(2026, 11, 20, hour, 30, tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        asking = Staff.objects.get(pk=staff.pk)
        assert set(countable(asking, evening())) == set(opened)
        assert set(callable_by(asking)) == set(opened)
        calls = sights(asking, [child.pk for child in (*boarders, there)])
        assert {pk for pk, sight in calls.items() if sight.may(Act.EMERGENCY_CALL)} == {child.pk for child in opened}


def test_earlier_evenings_and_other_schools_stay_closed(client, school_class, boarders, lead) -> None:
    other = make_school("乙校")
    staff = make_staff(Role.LEADER, school_class.school, "韦副校长")
    on_duty(staff, school_class.school)
    client.force_login(lead)
    client.post(reverse("activities:night_rest"))
    client.force_login(staff)
    month = client.get(reverse("activities:night_month")).content.decode()
    assert "住校生0" not in month
    earlier = NightRoll.objects.create(
        school=school_class.school, on=evening() - 3 * DAY, room="200", expected=1, present=0, taken_at=timezone.now()
    )
    row = NightAbsence.objects.create(roll=earlier, child=boarders[0], on=earlier.on, reason="missing")
    past = client.get(reverse("activities:night_home"), {"on": str(earlier.on)})
    assert past.status_code == 200
    assert "住校生0" not in past.content.decode()
    for act in ("raise", "verify"):
        assert client.post(reverse(f"activities:night_{act}", args=[row.pk])).status_code == 404
    stranger = make_staff(Role.LEADER, other)
    assert not on_duty(stranger, school_class.school).may(Act.NIGHT_CHECK), "no post at that school"


def test_the_lead_puts_somebody_on_duty_who_finds_it_on_the_start_page(client, school_class, boarders, lead) -> None:
    staff = make_staff(Role.LEADER, school_class.school, "韦副校长")
    url = reverse("activities:night_duty")
    client.force_login(staff)
    assert client.get(url).status_code == 403
    client.force_login(lead)
    assert client.post(url, {"staff": staff.pk, "on": str(evening() - DAY)}).status_code == 422
    assert client.post(url, {"staff": staff.pk, "on": str(evening())}).status_code == 302
    assert "韦副校长" in client.get(url).content.decode()
    assert "值班：韦副校长" in client.get(reverse("activities:night_home")).content.decode()
    client.force_login(staff)
    assert "您值班查夜" in client.get("/").content.decode()
    client.force_login(lead)
    client.post(reverse("activities:night_duty_end", args=[NightDuty.objects.get().pk]))
    client.force_login(staff)
    assert "您值班查夜" not in client.get("/").content.decode()
    assert client.get(reverse("activities:night_home")).status_code == 403


def test_a_week_of_duty_is_its_evenings_on_which_boarders_sleep_there(school_class, boarders, monkeypatch) -> None:
    monday = datetime(2026, 11, 16, 13, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("django.utils.timezone.now", lambda: monday)
    staff, school = make_staff(Role.LEADER, school_class.school), school_class.school
    first = monday.date()
    made, _ = assign(school=school, staff=staff, first=first, last=first + 6 * DAY)
    assert [duty.on.isoweekday() for duty in made] == [1, 2, 3, 4]
    assert assign(school=school, staff=staff, first=first, last=first + 6 * DAY) == ([], [])
    made, _ = assign(school=school, staff=staff, first=first + 4 * DAY, last=None)
    assert [duty.on for duty in made] == [first + 4 * DAY]
    for wrong in ({"last": first - DAY}, {"last": first + 90 * DAY}, {"first": first - DAY, "last": None}):
        with pytest.raises(ValidationError):
            assign(**{"school": school, "staff": staff, "first": first} | wrong)


def test_two_posts_are_told_apart(client, school_class, boarders) -> None:
    """The mentor's or teacher's own rights stay what they are while on duty."""
    staff = make_staff(Role.TEACHER, school_class)
    appoint(staff, Role.LEADER, school_class.school)
    staff = on_duty(staff, school_class.school)
    seen = Child.objects.visible_to(staff)
    assert set(seen) == {boarders[0]}


@pytest.fixture
def monday(monkeypatch) -> date:
    """The Monday of a week without a holiday; it is the Friday before."""
    friday = datetime(2026, 11, 13, 13, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("django.utils.timezone.now", lambda: friday)
    return date(2026, 11, 16)


def test_an_evening_has_one_person_unless_a_second_is_wanted(client, school_class, boarders, monday) -> None:
    school = school_class.school
    first, second = (make_staff(Role.TEACHER, school_class, name) for name in ("罗老师", "石老师"))
    assign(school=school, staff=first, first=monday, last=None)
    client.force_login(make_staff(Role.CARE_LEAD, school))
    url = reverse("activities:night_duty")
    sent = {"staff": second.pk, "on": str(monday)}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "已由罗老师值班" in refused.content.decode()
    assert f'value="{second.pk}" selected' in refused.content.decode()
    assert client.post(url, sent | {"beside": "on"}).status_code == 302
    assert {duty.staff for duty in NightDuty.objects.filter(on=monday)} == {first, second}


def test_of_a_span_the_evenings_of_others_are_left_to_them(client, school_class, boarders, monday) -> None:
    school = school_class.school
    first, second = (make_staff(Role.TEACHER, school_class, name) for name in ("罗老师", "石老师"))
    assign(school=school, staff=first, first=monday + DAY, last=None)
    made, left = assign(school=school, staff=second, first=monday, last=monday + 6 * DAY)
    assert left == [monday + DAY]
    assert monday + DAY not in [duty.on for duty in made]
    assert len(made) == 3
    with pytest.raises(ValidationError, match="这几晚都已有人值班"):
        assign(school=school, staff=make_staff(Role.TEACHER, school_class), first=monday, last=monday + 3 * DAY)


def test_the_first_evening_that_is_due_and_free_is_offered(client, school_class, boarders, monday) -> None:
    school = school_class.school
    client.force_login(make_staff(Role.CARE_LEAD, school))
    url = reverse("activities:night_duty")
    offered = client.get(url).context["form"].initial["on"]
    assert offered == monday
    assign(school=school, staff=make_staff(Role.TEACHER, school_class), first=offered, last=None)
    assert client.get(url).context["form"].initial["on"] == monday + DAY


@pytest.fixture
def second(school_class, boarders) -> School:
    """Another school with a boarder of its own in a room of the same number."""
    school = make_school("乙校")
    child = make_left_behind("乙校住校生", make_class(school))
    Child.objects.filter(pk=child.pk).update(boarding="2", dorm_bed="200-1")
    return school


def test_on_duty_at_the_second_of_two_schools_its_rooms_are_counted(client, school_class, boarders, second) -> None:
    staff = make_staff(Role.HOMEROOM, school_class)
    appoint(staff, Role.LEADER, second)
    on_duty(staff, second)
    client.force_login(staff)
    assert "1 个宿舍" in client.get("/").content.decode()
    home = reverse("activities:night_home")
    page = client.get(home).content.decode()
    assert "乙校住校生" in page
    assert "住校生0" not in page
    own = f"?school={school_class.school_id}"
    assert f'href="{own}"' in page
    at_own = client.get(home + own).content.decode()
    assert "住校生0" in at_own
    assert "乙校住校生" not in at_own
    full = reverse("activities:night_full", args=["2-200"])
    assert f'action="{full}{own}&amp;on={evening()}"' in at_own
    assert client.post(full + own).url == home + own
    assert client.post(full).url == f"{home}?school={second.pk}"
    rolls = NightRoll.objects.values_list("school", "room", "present")
    assert set(rolls) == {(school_class.school_id, "200", 1), (second.pk, "200", 1)}
    assert client.get(home, {"school": make_school("丙校").pk}).status_code == 404


def test_a_lead_of_two_schools_arranges_the_duties_of_either(client, school_class, boarders, second, lead) -> None:
    appoint(lead, Role.PRINCIPAL, second)
    staff = make_staff(Role.LEADER, second, "覃副校长")
    client.force_login(lead)
    url = reverse("activities:night_duty")
    at_second = f"{url}?school={second.pk}"
    home = client.get(reverse("activities:night_home"), {"school": second.pk}).content.decode()
    assert f'href="{at_second}"' in home
    assert "覃副校长" not in client.get(url).content.decode()
    assert client.post(at_second, {"staff": staff.pk, "on": str(evening())}).url == at_second
    duty = NightDuty.objects.get()
    assert (duty.school, duty.staff) == (second, staff)
    assert "覃副校长" in client.get(at_second).content.decode()
    assert client.post(reverse("activities:night_duty_end", args=[duty.pk])).url == at_second
    assert not NightDuty.objects.exists()
    month = client.get(reverse("activities:night_month"), {"school": second.pk})
    assert second.name in month.content.decode()
    assert f"school={second.pk}" in month.content.decode()
