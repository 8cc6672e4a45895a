"""The list of children: who stands on it, what it shows to whom, how it is searched."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, Phone, codes
from children.services import leave_school, set_care, set_parent_status
from tests.support.factories import (
    TODAY,
    appoint,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_parent,
    make_record,
    make_school,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
LIST = "/students/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)


def page(client: Client, staff: Staff, query: str = "") -> str:
    client.force_login(staff)
    response = client.get(f"{LIST}?{query}", headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def names(client: Client, staff: Staff, query: str = "") -> list[str]:
    """The names on the page, in order."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page(client, staff, query))


def test_address() -> None:
    assert reverse("children:child_list") == LIST


def test_homeroom_teacher_sees_the_own_class_in_pinyin_order(client: Client) -> None:
    mine = make_class()
    other = make_class(mine.school, number=2)
    for name in ("张小川", "安小禾", "李小兰"):
        make_child(name, mine)
    make_child("龙小山", other)
    assert names(client, make_staff(Role.HOMEROOM, mine)) == ["安小禾", "李小兰", "张小川"]


def test_a_whole_page_names_the_definition(client: Client) -> None:
    school_class = make_class()
    make_left_behind(at=school_class)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    text = client.get(f"{LIST}?away=left&definition=lb_mca").content.decode()
    assert "<h1>留守学生（民政口径）</h1>" in text
    assert "统计口径：民政口径" in text


def test_sysadmin_gets_403_with_the_reason(client: Client) -> None:
    client.force_login(make_staff(Role.SYSADMIN, make_school()))
    response = client.get(LIST)
    assert response.status_code == 403
    assert "查看学生名单" in response.content.decode()


def test_post_is_no_way_to_ask(client: Client) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.post(LIST).status_code == 405


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    school = make_school()
    text = page(client, make_staff(Role.REGISTRAR, school))
    assert "学校还没有登记学生" in text


def test_teacher_sees_no_family_and_no_level(client: Client) -> None:
    school_class = make_class()
    child = make_left_behind(at=school_class)
    make_pairing(child)
    Child.objects.update(support_level=codes.SupportLevel.KEY)
    text = page(client, make_staff(Role.TEACHER, school_class))
    assert "李小兰" in text
    assert "双方" in text  # the kind of absence is identity (security requirements §2.1)
    assert "王桂英" not in text
    assert "代理家长" not in text
    assert "重点" not in text


def test_homeroom_teacher_sees_carer_mentor_level_and_last_record(client: Client) -> None:
    school_class = make_class()
    child = make_left_behind(at=school_class)
    staff = make_staff(Role.HOMEROOM, school_class)
    make_pairing(child, make_mentor(make_staff(Role.TEACHER, school_class, name="杨帆")))
    make_record(child, staff, date(2026, 11, 12))
    Child.objects.update(support_level=codes.SupportLevel.KEY)
    text = page(client, staff)
    for word in ("祖母 王桂英", "杨帆", "重点", "11月12日"):
        assert word in text


def test_registrar_sees_no_level_and_cannot_ask_for_it(client: Client) -> None:
    school_class = make_class()
    make_child(at=school_class, support_level=codes.SupportLevel.KEY)
    make_child("安小禾", school_class)
    staff = make_staff(Role.REGISTRAR, school_class.school)
    assert "重点" not in page(client, staff)
    assert len(names(client, staff, "level=key")) == 2


def test_conditions_over_data_of_another_post_do_not_count(client: Client) -> None:
    """The class teacher of one class who is mentor elsewhere asks for levels: the mentee is not told apart."""
    mine = make_class()
    other = make_class(mine.school, number=2)
    make_child("安小禾", mine, support_level=codes.SupportLevel.KEY)
    mentee = make_child("龙小山", other, support_level=codes.SupportLevel.KEY)
    staff = make_staff(Role.HOMEROOM, mine)
    make_pairing(mentee, make_mentor(staff, mine.school))
    assert names(client, staff) == ["安小禾", "龙小山"]
    assert names(client, staff, "level=key") == ["安小禾"]


@pytest.mark.parametrize(
    "text,found",
    [
        ("小兰", True),
        ("lixiaolan", True),
        ("li xiao", True),
        ("LXL", True),
        ("小川", False),
        ("1111", True),
        ("王桂英", True),
        ("青榕村", True),
        ("%", False),
        ("", True),
    ],
)
def test_search(client: Client, text: str, found: bool) -> None:
    school_class = make_class()
    make_left_behind(at=school_class, address="青榕村三组")
    assert bool(names(client, make_staff(Role.HOMEROOM, school_class), f"q={text}")) is found


@pytest.mark.parametrize("text", ["1111", "王桂英", "青榕村"])
def test_a_teacher_finds_nobody_by_family_data(client: Client, text: str) -> None:
    school_class = make_class()
    make_left_behind(at=school_class, address="青榕村三组")
    assert names(client, make_staff(Role.TEACHER, school_class), f"q={text}") == []


def test_an_exact_id_number_finds_the_child_and_is_logged_without_the_number(client: Client) -> None:
    school_class = make_class()
    number = id_number(date(2016, 5, 4), male=False)
    make_child(at=school_class, id_no=number, student_no=f"G{number}")
    make_child("安小禾", school_class)
    staff = make_staff(Role.REGISTRAR, school_class.school)
    client.force_login(staff)
    dossier = reverse("children:child_show", args=[Child.objects.get(name="李小兰").pk])
    for text in (number, f"G{number}"):
        assert client.post(reverse("children:child_find"), {"q": text}).headers["Location"] == dossier
    entries = AccessEntry.objects.filter(event=Event.SEARCH_ID)
    assert entries.count() == 2
    assert not any(number in entry.detail for entry in entries)


def test_a_mentor_does_not_find_by_id_number(client: Client) -> None:
    number = id_number(date(2016, 5, 4), male=False)
    child = make_child(id_no=number)
    staff = make_staff()
    make_pairing(child, make_mentor(staff, child.school))
    assert names(client, staff) == ["李小兰"]
    found = client.post(reverse("children:child_find"), {"q": number})
    assert found.headers["Location"] == reverse("children:child_list")


def test_words_in_the_search_box_lead_to_the_list_and_numbers_never_to_an_address(client: Client) -> None:
    school_class = make_class()
    number = id_number(date(2016, 5, 4), male=False)
    make_child(at=school_class, id_no=number)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    words = client.post(reverse("children:child_find"), {"q": "李 小"})
    assert words.headers["Location"] == f"{reverse('children:child_list')}?q=%E6%9D%8E+%E5%B0%8F"
    for text in (number, "999999201605040999"):
        assert "9999" not in client.post(reverse("children:child_find"), {"q": text}).headers["Location"]
    page = client.get(reverse("children:child_list"), {"q": number}).content.decode()
    assert "请在页面顶部的搜索框里查找" in page


def test_filters_by_absence_under_each_definition(client: Client) -> None:
    school_class = make_class()
    make_left_behind("双方久", school_class)
    make_left_behind("一方久", school_class, both=False)
    fresh = make_child("刚外出", school_class)
    make_parent(fresh, since=date(2026, 10, 20))
    make_parent(fresh, codes.Relation.MOTHER, codes.ParentStatus.AT_HOME, since=None)
    make_child("都在家", school_class)
    staff = make_staff(Role.HOMEROOM, school_class)

    def found(query: str) -> set[str]:
        return set(names(client, staff, query))

    assert found("away=left") == {"双方久", "一方久", "刚外出"}
    assert found("away=left&definition=lb_edu") == {"双方久", "一方久"}
    assert found("away=left&definition=lb_mca") == {"双方久"}
    assert found("away=both") == {"双方久"}
    assert found("away=one") == {"一方久", "刚外出"}
    assert found("away=not") == {"都在家"}


def test_filters_by_mentor_boarding_grade_and_roll(client: Client) -> None:
    school_class = make_class()
    paired = make_child("有结对", school_class, boarding=codes.Boarding.BOARDER)
    make_pairing(paired)
    make_child("没结对", school_class)
    make_child("五年级", make_class(school_class.school, grade=5))
    left = make_child("走了的", school_class)
    leave_school(child=left, on=TODAY, kind="out_transfer", by=None)
    staff = make_staff(Role.CARE_LEAD, school_class.school)
    assert set(names(client, staff, "unpaired=on")) == {"没结对", "五年级"}
    assert names(client, staff, "boarding=2") == ["有结对"]
    assert names(client, staff, "grade=5") == ["五年级"]
    assert names(client, staff, "roll=left") == ["走了的"]
    assert len(names(client, staff, "roll=all")) == 4
    assert names(client, staff, f"school_class={school_class.pk}&order=class") == ["没结对", "有结对"]


def test_a_wrong_filter_shows_nobody(client: Client) -> None:
    school_class = make_class()
    make_child(at=school_class)
    assert names(client, make_staff(Role.HOMEROOM, school_class), "school_class=999999") == []


def test_finds_incomplete_dossiers(client: Client) -> None:
    school_class = make_class()
    make_term(school_class.school)
    make_child("不完整", school_class)
    complete_child("完整的", school_class)
    staff = make_staff(Role.HOMEROOM, school_class)
    assert names(client, staff, "incomplete=on") == ["不完整"]


def complete_child(name: str, at) -> Child:
    number = id_number(date(2016, 5, 4), male=False)
    child = make_child(
        name, at, ethnic="01", id_no=number, student_no=f"G{number}", address="青榕村三组", boarding="1", commute="walk",
        body_state="healthy", family_confirmed_on=TODAY,
    )  # fmt: skip
    father = make_parent(child)
    make_parent(child, codes.Relation.MOTHER, codes.ParentStatus.AT_HOME, since=None)
    set_care(child=child, carer=father, care_type="one_parent", rating="good", on=TODAY, by=None)
    Phone.objects.create(child=child, member=father, number="13800001111", verified_on=TODAY)
    return child


@pytest.mark.parametrize("rows", [1, 12])
def test_queries_stay_the_same(client: Client, rows: int, django_assert_max_num_queries) -> None:
    school_class = make_class()
    staff = make_staff(Role.PRINCIPAL, school_class.school)
    for number in range(rows):
        child = make_left_behind(f"李小{number}", school_class)
        make_pairing(child)
        make_record(child, staff)
    client.force_login(staff)
    with django_assert_max_num_queries(24):
        text = client.get(f"{LIST}?away=left&definition=lb_mca").content.decode()
    assert text.count('<th scope="row">') == rows


def test_a_full_page_is_small(client: Client) -> None:
    school_class = make_class()
    for number in range(25):
        make_left_behind(f"李小{number}", school_class)
    client.force_login(make_staff(Role.PRINCIPAL, school_class.school))
    assert len(client.get(LIST).content) <= 150_000


def search_box(client: Client, staff: Staff, typed: str) -> str:
    client.force_login(staff)
    return client.post("/students/find/", {"q": typed}, headers={"HX-Request": "true"}).content.decode()


def test_the_box_finds_at_most_ten_of_those_one_sees(client: Client) -> None:
    school_class = make_class()
    for number in range(12):
        make_child(f"李小{number}", school_class)
    make_child("李别处", make_class())
    text = search_box(client, make_staff(Role.HOMEROOM, school_class), "李")
    assert text.count("<li>") == 10
    assert "还有更多" in text
    assert "李别处" not in text


def test_nothing_typed_finds_nobody(client: Client) -> None:
    child = make_child()
    assert "李小兰" not in search_box(client, make_staff(Role.HOMEROOM, child.school_class), "")


def test_a_returned_father_is_no_longer_away(client: Client) -> None:
    school_class = make_class()
    child = make_left_behind(at=school_class, both=False)
    father = FamilyMember.objects.get(child=child, relation=codes.Relation.FATHER)
    set_parent_status(member=father, status="at_home", since=date(2026, 11, 1), by=None, on=TODAY)
    assert names(client, make_staff(Role.HOMEROOM, school_class), "away=left") == []


def test_nobody_on_the_roll_but_somebody_who_left(client: Client) -> None:
    school_class = make_class()
    left = make_child("走了的", school_class)
    make_child("还在的", school_class)
    leave_school(child=left, on=TODAY, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
    text = client.get("/students/?q=走了的").content.decode()
    assert "已离校 1 人符合条件" in text
    link = re.search(r'href="([^"]*roll=left[^"]*)"', text)
    assert link is not None
    assert "走了的" in client.get(link[1].replace("&amp;", "&")).content.decode().split('id="rows"')[1]
    assert "已离校" not in client.get("/students/?q=没有这人").content.decode().split('id="rows"')[1]


def test_the_box_says_who_left(client: Client) -> None:
    left = make_child("走了的")
    leave_school(child=left, on=TODAY, kind="out_transfer", by=None)
    text = search_box(client, make_staff(Role.CARE_LEAD, left.school), "走了")
    assert "走了的" in text
    assert "已离校" in text


@pytest.fixture
def county() -> tuple[Staff, list[Child]]:
    """Somebody who leads more schools than fit into one list of classes, with a child in each."""
    children = [make_child(f"学生{number}", make_class(make_school(f"第{number}小学"))) for number in range(5)]
    staff = make_staff(Role.PRINCIPAL, children[0].school)
    for child in children[1:]:
        appoint(staff, Role.PRINCIPAL, child.school)
    return staff, children


def test_who_sees_many_schools_chooses_the_school_before_the_class(client: Client, county) -> None:
    staff, children = county
    there = children[3]
    other = make_child("同校", make_class(there.school, grade=5))
    whole = page(client, staff)
    assert "请先选学校" in whole
    assert f'value="{there.school_class_id}"' not in whole
    assert set(names(client, staff, f"school={there.school_id}")) == {there.name, other.name}
    assert f'<option value="{there.school_class_id}"' in page(client, staff, f"school={there.school_id}")
    assert names(client, staff, f"school={there.school_id}&school_class={there.school_class_id}") == [there.name]
    assert names(client, staff, "grade=5") == ["同校"]


def test_a_link_to_a_class_finds_its_school(client: Client, county) -> None:
    staff, children = county
    answer = page(client, staff, f"school_class={children[2].school_class_id}")
    assert f'<option value="{children[2].school_class_id}" selected' in answer
    assert names(client, staff, f"school_class={children[2].school_class_id}") == [children[2].name]
    stranger = make_child("外校", make_class(make_school("外校")))
    assert names(client, staff, f"school_class={stranger.school_class_id}") == []


def test_another_school_forgets_the_class_of_the_one_before(client: Client, county) -> None:
    staff, children = county
    here, there = children[0], children[1]
    assert names(client, staff, f"school={there.school_id}&school_class={here.school_class_id}") == [there.name]


@pytest.mark.data
def test_the_list_costs_the_same_for_few_and_many_schools(
    client: Client, county, django_assert_max_num_queries
) -> None:
    staff, children = county
    for _ in range(2):
        client.force_login(staff)
        with django_assert_max_num_queries(16):
            client.get(LIST)
        for number in range(6, 12):
            appoint(staff, Role.PRINCIPAL, make_child("又一", make_class(make_school(f"第{number}小学"))).school)


@pytest.mark.data
def test_families_in_hardship_are_found_by_kind_and_by_those_who_read_of_it(client: Client) -> None:
    place = make_class()
    make_child("龙小山", place, hardship=["minimum", "disabled"])
    make_child("杨小海", place, hardship=["lifted"])
    make_child("田小雨", place)
    teacher = make_staff(Role.HOMEROOM, place)
    assert names(client, teacher, "hardship=minimum") == ["龙小山"]
    assert names(client, teacher, "hardship=disabled") == ["龙小山"]
    assert sorted(names(client, teacher, "hardship=any")) == ["杨小海", "龙小山"]
    assert names(client, teacher, "hardship=none") == ["田小雨"]
    subject = make_staff(Role.TEACHER, place)
    assert "困难类别" not in page(client, subject)
    assert len(names(client, subject, "hardship=minimum")) == 3
