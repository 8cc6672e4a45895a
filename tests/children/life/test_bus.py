"""Bus routes: riders against seats, the vehicle that may not carry pupils, who waits for a seat, the paper."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.life.bus import warnings_of
from children.models import BusRide, BusRoute, Child, Phone, codes
from tests.support.factories import TODAY, make_child, make_class, make_left_behind, make_school, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
LIST = "children:bus_list"


def make_route(four: SchoolClass, **kw: object) -> BusRoute:
    values = {
        "direction": "栗坪村方向",
        "vehicle": "licensed",
        "plate": "云A90001",
        "capacity": 19,
        "attendant": "罗阿姨",
    } | kw
    return BusRoute.objects.create(school=four.school, **values)


def ride(child: Child, route: BusRoute, **kw: object) -> BusRide:
    kw.setdefault("starts_on", date(2026, 9, 1))
    return BusRide.objects.create(child=child, route=route, **kw)


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_what_is_wrong_with_a_route(four: SchoolClass) -> None:
    sound = make_route(four)
    assert warnings_of(sound, 19) == []
    assert [w.words for w in warnings_of(sound, 21)] == ["超员2人"]
    van = make_route(four, vehicle="unlicensed", plate="云A90002", capacity=None)
    assert [(w.words, w.tone) for w in warnings_of(van, 1)] == [("无证车辆", "bad")]
    assert [w.words for w in warnings_of(make_route(four, plate="云A90003", capacity=None), 1)] == ["核载未填"]
    assert [w.words for w in warnings_of(make_route(four, plate="云A90004", attendant=""), 1)] == ["没有照管员"]


def test_the_list_warns_of_overload_and_of_unlicensed_vehicles(client: Client, four: SchoolClass, lead: Staff) -> None:
    small = make_route(four, capacity=1)
    for name in ("李小兰", "张小川"):
        ride(make_child(name, four), small)
    make_child("安小禾", four, commute=codes.Commute.UNLICENSED)
    make_child("石小禾", four, needs_bus=True)
    page = text(client, reverse(LIST))
    assert "核载1人，登记乘车2人，超员1人" in page
    assert "2/1" in page
    assert "安小禾" in page, "comes in a vehicle that may not carry pupils"
    assert "石小禾" in page, "needs a bus and rides on none"


def test_leavers_and_ended_rides_take_no_seat(four: SchoolClass) -> None:
    route = make_route(four)
    ride(make_child("李小兰", four), route)
    ride(make_child("张小川", four), route, ends_on=date(2026, 10, 1))
    gone = make_child("转走的", four)
    ride(gone, route)
    Child.objects.filter(pk=gone.pk).update(school_class=None)
    assert BusRoute.objects.with_riders(TODAY).get().riders == 1


def test_riders_of_a_class_are_ticked_changed_and_unticked(client: Client, four: SchoolClass, lead: Staff) -> None:
    route = make_route(four)
    stays, goes, comes = (make_child(name, four) for name in ("李小兰", "张小川", "安小禾"))
    first, second = ride(stays, route, stop="村口"), ride(goes, route)
    url = f"{reverse('children:bus_many')}?route={route.pk}&group={four.pk}"
    sent = {"starts_on": "2026-11-20", f"take_{stays.pk}": "on", f"stop_{stays.pk}": "小桥", f"version_{stays.pk}": "1",
            f"version_{goes.pk}": "1", f"take_{comes.pk}": "on", f"met_by_{comes.pk}": "王桂英"}  # fmt: skip
    assert client.post(url, sent).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.stop, first.ends_on) == ("小桥", None)
    assert second.ends_on == date(2026, 11, 19)
    assert BusRide.objects.get(child=comes).met_by == "王桂英"


@pytest.mark.data
def test_nobody_rides_before_the_first_day_at_school(client: Client, four: SchoolClass, lead: Staff) -> None:
    route = make_route(four)
    here, new = make_child("李小兰", four), make_child("张小川", four, came=date(2026, 11, 2))
    sent = {"route": route.pk, "starts_on": "2026-10-01"}
    answer = client.post(reverse("children:bus_add", args=[new.pk]), sent)
    assert answer.status_code == 422
    assert "张小川2026年11月2日起在本校就读" in answer.content.decode()
    url = f"{reverse('children:bus_many')}?route={route.pk}&group={four.pk}"
    sent = {"starts_on": "2026-10-01", f"take_{here.pk}": "on", f"take_{new.pk}": "on", f"stop_{new.pk}": "桥头"}
    answer = client.post(url, sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "张小川2026年11月2日起在本校就读" in page
    assert "李小兰2026年" not in page
    assert 'value="桥头"' in page
    assert client.post(url, sent | {"starts_on": "2026-11-02"}).status_code == 302
    assert BusRide.objects.count() == 2


def test_a_ride_of_long_ago_is_still_changed(client: Client, four: SchoolClass, lead: Staff) -> None:
    seat = ride(make_child("李小兰", four), make_route(four), starts_on=date(2025, 9, 1))
    edit = reverse("children:bus_edit", args=[seat.child_id, seat.pk])
    sent = {"route": seat.route_id, "starts_on": "2025-09-01", "stop": "桥头", "opened_version": str(seat.version)}
    assert client.post(edit, sent).status_code == 302
    seat.refresh_from_db()
    assert seat.stop == "桥头"


def test_a_route_is_added_and_ended_with_its_rides(client: Client, four: SchoolClass, lead: Staff) -> None:
    sent = {
        "school": four.school_id,
        "direction": "茶山村方向",
        "vehicle": "coach",
        "plate": "云A90009",
        "capacity": "30",
    }
    assert client.post(reverse("children:bus_route_add"), sent).status_code == 302
    route = BusRoute.objects.get(plate="云A90009")
    seat = ride(make_child("李小兰", four), route)
    end = reverse("children:bus_route_end", args=[route.pk])
    assert "登记在这条线路上的1名学生" in text(client, end)
    assert client.post(end).status_code == 302
    seat.refresh_from_db()
    assert seat.ends_on == date(2026, 11, 19)
    assert reverse("children:bus_show", args=[route.pk]) not in text(client, reverse(LIST))


def test_class_teacher_sees_own_riders_and_the_number_of_all(client: Client, four: SchoolClass) -> None:
    route = make_route(four)
    ride(make_child("李小兰", four), route)
    ride(make_child("龙小山", make_class(four.school, number=2)), route)
    client.force_login(make_staff(Role.HOMEROOM, four))
    page = text(client, reverse("children:bus_show", args=[route.pk]))
    assert "李小兰" in page
    assert "龙小山" not in page
    assert "另有 1 名别的班级的学生" in page
    assert client.get(reverse("children:bus_route_add")).status_code == 403


def test_another_school_s_route_is_not_there(client: Client, four: SchoolClass, lead: Staff) -> None:
    strange = BusRoute.objects.create(school=make_school("乙校"), direction="远方", vehicle="coach")
    assert client.get(reverse("children:bus_show", args=[strange.pk])).status_code == 404


def test_the_paper_names_whom_to_call(client: Client, four: SchoolClass, lead: Staff) -> None:
    route = make_route(four, driver_name="韦师傅", driver_phone="13800002222")
    lan = make_left_behind("李小兰", four)
    Phone.objects.filter(child=lan).update(order=1)
    ride(lan, route, stop="村口")
    response = client.get(reverse("children:bus_print", args=[route.pk]))
    assert response.headers["Content-Type"] == "application/pdf"
    words = text_of(response.content).replace("\n", "")
    for word in ("乘车学生名单", "韦师傅", "李小兰", "村口", "13800001111", "王桂英"):
        assert word in words
    assert AccessEntry.objects.filter(event=Event.PRINT, detail=f"bus:{route.pk}:1").exists()


@pytest.mark.parametrize("rows", [1, 12])
def test_pages_stay_flat(
    client: Client, four: SchoolClass, lead: Staff, rows: int, django_assert_max_num_queries
) -> None:
    route = make_route(four)
    for number in range(rows):
        ride(make_child(f"学生{number}", four, needs_bus=True), route)
        make_route(four, direction=f"第{number}条", plate=f"云B{number}")
    urls = [reverse(LIST), reverse("children:bus_show", args=[route.pk]),
            f"{reverse('children:bus_many')}?route={route.pk}&group={four.pk}"]  # fmt: skip
    for url in urls:
        with django_assert_max_num_queries(24):
            assert client.get(url).status_code == 200
