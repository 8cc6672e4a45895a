"""The evening roll: rooms, one press, the missing called for, verified next day, raised to an incident, the month."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.models import Incident, NightAbsence, NightRoll
from activities.night import Missing, count_room, evening, night_month, raise_missing, rooms_of, verify
from caretrack.access.history import change_by
from caretrack.access.models import ChangeSet
from caretrack.access.policy import Role
from children.models import BoardingTerm, Child
from children.services import leave_school
from tests.support.factories import make_child, make_class, make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def boarder(name, at, bed, **kw) -> Child:
    child = make_left_behind(name, at)
    Child.objects.filter(pk=child.pk).update(boarding="2", dorm_bed=bed, **kw)
    child.refresh_from_db()
    return child


def rooms(school, on=None, children=None):
    return rooms_of(children or Child.objects.all(), school, on or evening())


def counted(school, room, by, missing=None, on=None):
    return count_room(school=school, room=room, on=on or evening(), missing=missing or {}, by=by, now=timezone.now())


def test_rooms_follow_the_beds_and_boys_and_girls_live_apart(school_class) -> None:
    school = school_class.school
    boarder("李小兰", school_class, "201-1")
    boarder("龙小川", school_class, "201-2", sex="1")
    boarder("石小禾", school_class, "")
    make_child("走读生", school_class)
    assert [(r.house, r.name, len(r.boarders)) for r in rooms(school)] == [
        ("男生", "201", 1),
        ("女生", "201", 1),
        ("女生", "未安排床位", 1),
    ]


def test_one_press_for_a_room_and_for_all_the_rest(client, school_class, lead) -> None:
    for number, room in enumerate(("201", "202", "203")):
        boarder(f"学生{number}", school_class, f"{room}-1")
    client.force_login(lead)
    page = client.get(reverse("activities:night_home")).content.decode()
    assert "还有 3 个没查" in page
    client.post(reverse("activities:night_full", args=["2-201"]))
    assert NightRoll.objects.get().present == 1
    client.post(reverse("activities:night_rest"))
    assert NightRoll.objects.count() == 3
    assert "已查完，实到 3 人" in client.get(reverse("activities:night_home")).content.decode()


def test_who_cannot_be_found_is_called_for_first(client, school_class, lead) -> None:
    child = boarder("李小兰", school_class, "201-1")
    client.force_login(lead)
    url = reverse("activities:night_room", args=["2-201"])
    refused = client.post(url, {f"reason_{child.pk}": "missing"})
    assert refused.status_code == 422
    assert "请先打电话给家人" in refused.content.decode()
    client.post(
        url, {f"reason_{child.pk}": "missing", f"called_{child.pk}": "unaware", f"note_{child.pk}": "晚自习后不见"}
    )
    row = NightAbsence.objects.get()
    assert (row.reason, row.called, row.roll.present) == ("missing", "unaware", 0)
    page = client.get(reverse("activities:night_home")).content.decode()
    assert "去向不明" in page
    assert "晚自习后不见" in page
    assert "晚自习后不见" in client.get("/").content.decode(), "the workbench tells what was typed"
    assert reverse("activities:night_raise", args=[row.pk]) in page


def test_one_press_makes_an_incident_from_the_minute_of_the_count(client, school_class, lead) -> None:
    child = boarder("李小兰", school_class, "201-1")
    (room,) = rooms(school_class.school)
    roll = counted(school_class.school, room, lead, {child.pk: Missing("missing", "no_answer")})
    row = roll.absences.get()
    client.force_login(lead)
    answer = client.post(reverse("activities:night_raise", args=[row.pk]))
    incident = Incident.objects.get()
    assert answer["Location"] == reverse("activities:incident_show", args=[incident.pk])
    assert (incident.kind, incident.children.get(), incident.found_at) == ("missing", child, roll.taken_at)
    again = raise_missing(absence=row, by=lead, now=timezone.now())
    assert again == incident
    # Counted again as present, the absence that became a file is kept.
    (room,) = rooms(school_class.school)
    counted(school_class.school, room, lead)
    assert NightAbsence.objects.get().incident == incident


def test_a_day_later_it_is_looked_into(school_class, lead) -> None:
    child = boarder("李小兰", school_class, "201-1")
    (room,) = rooms(school_class.school)
    on = evening() - DAY
    row = counted(school_class.school, room, lead, {child.pk: Missing("fetched", "confirmed")}, on).absences.get()
    with pytest.raises(ValidationError, match="次日"):
        verify(absence=row, result="已到校", by=lead, on=on)
    with pytest.raises(ValidationError):
        verify(absence=row, result=" ", by=lead, on=on + DAY)
    assert verify(absence=row, result="奶奶送来", by=lead, on=on + DAY).verified_by == lead
    assert not NightAbsence.objects.unverified().exists()


@pytest.mark.data
def test_two_class_teachers_count_one_room_together(school_class, homeroom) -> None:
    school = school_class.school
    other_class = make_class(school, grade=5)
    other_teacher = make_staff(Role.HOMEROOM, other_class, "黄老师")
    mine, theirs = boarder("李小兰", school_class, "201-1"), boarder("石小禾", other_class, "201-2")
    (seen,) = rooms(school, children=Child.objects.visible_to(homeroom))
    assert seen.boarders == (mine,)
    counted(school, seen, homeroom, {mine.pk: Missing("sick", "confirmed")})
    (whole,) = rooms(school)
    assert whole.roll is None  # the other one is not counted yet
    (seen,) = rooms(school, children=Child.objects.visible_to(other_teacher))
    counted(school, seen, other_teacher)
    roll = NightRoll.objects.get()
    assert (roll.expected, roll.present) == (2, 1)
    assert [row.child for row in roll.absences.all()] == [mine]
    assert theirs.pk in roll.counted


def test_after_midnight_it_is_still_last_evening(monkeypatch) -> None:
    at = datetime(2026, 11, 20, 0, 20, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("django.utils.timezone.localtime", lambda *a: at)
    assert str(evening()) == "2026-11-19"


def test_the_month_on_paper(client, school_class, lead, homeroom) -> None:
    school = school_class.school
    child = boarder("李小兰", school_class, "201-1")
    (room,) = rooms(school)
    on = evening()
    counted(school, room, lead, {child.pk: Missing("sick", "confirmed")})
    report = night_month(school, on, on, "11月", {child.pk}, over=on)
    assert [(line.expected, line.present) for line in report.lines] == [(1, 0)]
    assert report.lines[0].absent == ("李小兰（201，生病就医，家人确认在身边，次日未核实）",)
    hidden = night_month(school, on, on, "11月", set(), over=on)
    assert "李小兰" not in str(hidden)
    client.force_login(lead)
    assert "查夜登记表" in text_of(client.get(reverse("activities:night_print")).content)


def test_an_evening_noted_on_paper_is_entered_later_and_says_so(client, school_class, lead, monkeypatch) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.get_default_timezone())  # Friday
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    child = boarder("李小兰", school_class, "201-1")
    client.force_login(lead)
    home, tuesday = reverse("activities:night_home"), "?on=2026-11-17"
    month = client.get(reverse("activities:night_month"), {"month": "2026-11"}).content.decode()
    assert f"{home}{tuesday}" in month, "from the evening that was not counted one comes to enter it"
    assert "补登" in client.get(home + tuesday).content.decode()
    url = reverse("activities:night_room", args=["2-201"]) + tuesday
    sent = {f"reason_{child.pk}": "sick", f"called_{child.pk}": "confirmed"}
    assert client.post(url, sent)["Location"] == home + tuesday
    roll = NightRoll.objects.get()
    assert (roll.on, roll.taken_at, roll.late) == (date(2026, 11, 17), noon, True)
    assert "补登于" in client.get(home + tuesday).content.decode()
    assert "潘主任（补登）" in text_of(client.get(reverse("activities:night_print"), {"month": "2026-11"}).content)
    client.post(reverse("activities:night_rest") + "?on=2026-11-18")
    assert NightRoll.objects.filter(on=date(2026, 11, 18)).exists()
    for never in ("2026-11-14", "2026-11-21", "2026-10-13", "2026-11-31"):  # Saturday, tomorrow, too long ago, no day
        assert client.get(f"{home}?on={never}")["Location"] == home
        assert client.post(f"{reverse('activities:night_rest')}?on={never}").status_code == 404
    assert NightRoll.objects.count() == 2


@pytest.mark.data
def test_an_evening_that_is_over_has_the_boarders_of_that_day(client, school_class, lead) -> None:
    """Not today's: who has come, moved in, moved out or left since."""
    school, then = school_class.school, evening() - 10 * DAY
    stays = boarder("李小兰", school_class, "201-1")
    moved_out, left = boarder("石小禾", school_class, "201-2"), boarder("蒙小燕", school_class, "202-1")
    came = make_child("新来的", school_class, came=then + 5 * DAY)
    moved_in = boarder("刚住下的", school_class, "202-2")
    Child.objects.filter(pk=came.pk).update(boarding="2", dorm_bed="202-3")
    BoardingTerm.objects.create(child=moved_in, term=school.terms.get(), since=then + 3 * DAY)
    ChangeSet.objects.update(made_at=timezone.now() - 20 * DAY)
    with change_by(lead, "改为走读"):
        Child.objects.filter(pk=moved_out.pk).update(boarding="1", dorm_bed="")
    leave_school(child=left, on=then + 5 * DAY, kind="out_transfer", by=lead)
    told = {room.name: [child.name for child in room.boarders] for room in rooms(school, then)}
    assert told == {"201": [stays.name, moved_out.name], "202": [left.name]}
    for room in rooms(school, then):
        counted(school, room, lead, on=then)
    client.force_login(lead)
    page = client.get(reverse("activities:night_home"), {"on": str(then)}).content.decode()
    assert "已查完，实到 3 人" in page
    assert "蒙小燕" in client.get(reverse("activities:night_room", args=["2-202"]), {"on": str(then)}).content.decode()
    tonight = {child.pk for room in rooms(school) for child in room.boarders}
    assert tonight == {stays.pk, moved_in.pk, came.pk}


def test_what_is_counted_until_noon_is_not_late(school_class, lead) -> None:
    boarder("李小兰", school_class, "201-1")
    (room,) = rooms(school_class.school)
    roll = counted(school_class.school, room, lead, on=date(2026, 11, 19))
    for hour, late in ((0, False), (11, False), (12, True)):
        roll.taken_at = datetime(2026, 11, 20, hour, 30, tzinfo=timezone.get_default_timezone())
        assert roll.late == late


def test_an_evening_without_a_roll_is_shown_as_such(client, school_class, lead, monkeypatch) -> None:
    """Monday to Thursday in an ordinary week; not tonight, which is not over; nothing for a school without boarders."""
    now = datetime(2026, 11, 20, 21, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("django.utils.timezone.localtime", lambda *a: now)
    school, sunday = school_class.school, date(2026, 11, 15)
    week = (school, sunday, sunday + 6 * DAY, "11月", set())
    assert night_month(*week, over=sunday + 6 * DAY).lines == ()
    boarder("李小兰", school_class, "201-1")
    (room,) = rooms(school)
    counted(school, room, lead, on=sunday + 2 * DAY)
    counted(school, room, lead, on=sunday + 5 * DAY)  # a Friday evening, for once
    report = night_month(*week, over=sunday + 6 * DAY)
    told = [(line.on.isoweekday(), line.uncounted) for line in report.lines]
    assert told == [(1, True), (2, False), (3, True), (4, True), (5, False)]
    assert (report.counted, report.uncounted) == (2, 3)
    assert [line.on.isoweekday() for line in night_month(*week, over=sunday + 3 * DAY).lines] == [1, 2, 3, 5]
    client.force_login(lead)
    page = client.get(reverse("activities:night_month")).content.decode()
    assert "没有查夜登记" in page
    assert "没有查夜登记" in text_of(client.get(reverse("activities:night_print")).content)
