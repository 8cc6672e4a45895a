"""The turn of the school year: shown exactly, done in one go, never twice; old terms read and print as they were."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.periods import Month
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from children.left_behind import Definition
from children.models import Child, StatusChange, Transfer
from mentoring.models import Pairing
from reports.builders.changes import build_movement
from reports.builders.frozen import to_plain
from reports.builders.month import build_month
from reports.builders.paper import Imprint
from reports.builders.unit import Unit
from reports.papers import month_paper
from reports.year_turn import situation, turn_year
from tests.support.factories import (
    appoint,
    make_class,
    make_left_behind,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
SUMMER = date(2027, 7, 15)
GRADUATION = "2027-07-10"
URL = "/reports/year-turn/"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: SUMMER if not a else a[0].date())


class Township:
    """A primary school in July: two pupils in the sixth grade, one in the third, a teacher each."""

    def __init__(self) -> None:
        on = date(2026, 11, 20)
        self.six, self.five, self.three = (make_class(None, 6, on=on), None, None)
        self.school: School = self.six.school
        self.five, self.three = make_class(self.school, 5, on=on), make_class(self.school, 3, on=on)
        make_term(self.school)
        make_term(self.school, season=2, starts_on=date(2027, 2, 20), ends_on=date(2027, 7, 10))
        self.registrar = make_staff(Role.REGISTRAR, self.school, "岑老师")
        self.wei = make_staff(Role.HOMEROOM, self.six, "韦老师")
        self.luo = make_staff(Role.HOMEROOM, self.three, "罗老师")
        self.he = make_staff(Role.COUNSELLOR, self.school, "何老师")
        self.an = make_left_behind("安小禾", self.six)
        self.shi = make_left_behind("石小禾", self.six)
        self.li = make_left_behind("李小兰", self.three)

    def data(self, **given: Any) -> dict[str, Any]:
        """What the page sends when nothing but the destination was typed."""
        base: dict[str, Any] = {
            "last_day": GRADUATION,
            "starts_on": "2027-09-01",
            "new_classes": 2,
            f"class_where_{self.six.pk}": "青榕镇初级中学",
            f"teacher_{self.three.pk}": self.luo.pk,
            f"teacher_{self.five.pk}": "",
            "term1_first": "2027-09-01",
            "term1_last": "2028-01-20",
        }
        for child in (self.an, self.shi):
            base[f"what_{child.pk}"], base[f"where_{child.pk}"] = "graduate", ""
        return base | given


@pytest.fixture
def town() -> Township:
    return Township()


def confirm(client: Client, data: dict[str, Any]) -> Any:
    """Press through the two pages."""
    preview = client.post(URL, data)
    assert preview.status_code == 200, preview.content.decode()[-3000:]
    mark = re.search(r'name="confirm" value="([0-9a-f]+)"', preview.content.decode())
    assert mark, "nothing to do"
    return client.post(URL, data | {"confirm": mark[1]})


def everything() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (StatusChange, SchoolClass, Appointment, Term)) + (
        Child.objects.on_roll().count(),
    )


def test_the_page_shows_who_moves_up_and_who_leaves(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    text = client.get(URL).content.decode()
    for words in ("2027—2028学年更替", "六（1）班（2人）", "安小禾", "三（1）班", "四（1）班", "韦老师"):
        assert words in text


def test_the_preview_says_each_step_and_writes_nothing(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    before = everything()
    data = town.data(**{f"teacher_{town.three.pk}": town.he.pk, "new_teacher_1": town.wei.pk})
    text = client.post(URL, data).content.decode()
    for words in (
        "安小禾：毕业，2027年7月10日离校，去向青榕镇初级中学",
        "新建一（1）班，班主任韦老师",
        "新建一（2）班，班主任待定",
        "四（1）班：班主任何老师，2027年9月1日起（原罗老师，任到2027年8月31日）",
        "韦老师不再任六（1）班班主任，任到2027年7月31日",
        "建立2027—2028学年第一学期",
    ):
        assert words in text
    assert everything() == before


def test_confirming_does_all_of_it(client: Client, town: Township) -> None:
    make_pairing(town.an)
    client.force_login(town.registrar)
    data = town.data(**{f"teacher_{town.three.pk}": town.he.pk, "new_teacher_1": town.wei.pk})
    assert confirm(client, data).status_code == 302
    assert not Child.objects.on_roll().filter(pk__in=[town.an.pk, town.shi.pk]).exists()
    lines = StatusChange.objects.filter(kind="graduate")
    assert {(line.reason, str(line.on)) for line in lines} == {("青榕镇初级中学", GRADUATION)}
    assert Pairing.objects.get().ends_on == date(2027, 7, 10)
    new = SchoolClass.objects.filter(school=town.school, entry_year=2027)
    assert sorted(one.name_on(date(2027, 9, 1)) for one in new) == ["一（1）班", "一（2）班"]
    autumn = date(2027, 9, 1)
    posts = Appointment.objects.current(autumn).filter(role=Role.HOMEROOM)
    taught = {post.school_class.name_on(autumn): post.staff.name for post in posts if post.school_class}
    assert taught == {"四（1）班": "何老师", "一（1）班": "韦老师"}
    summer = Appointment.objects.current(date(2027, 7, 20)).filter(role=Role.HOMEROOM)
    assert {post.staff.name for post in summer} == {"韦老师", "罗老师"}
    assert Term.objects.filter(school=town.school, year=2027).count() == 1
    moved = build_movement(Unit(town.school), date(2027, 7, 1), date(2027, 9, 1))
    assert moved.holds
    assert moved.table.cell(0, "roll.graduate").value == 2


def test_what_is_done_does_not_come_again(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    data = town.data()
    confirm(client, data)
    after = everything()
    text = client.post(URL, data).content.decode()
    assert "没有要办的事" in text
    assert 'name="confirm"' not in text
    assert everything() == after


def test_exceptions_stay_transfer_and_later(client: Client, town: Township, monkeypatch: pytest.MonkeyPatch) -> None:
    autumn = date(2027, 9, 20)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: autumn if not a else a[0].date())
    client.force_login(town.registrar)
    late = make_left_behind("龙小川", town.six)
    given = {
        f"what_{town.an.pk}": "stay",
        f"what_{town.shi.pk}": "transfer",
        f"where_{town.shi.pk}": "东莞市第三中学",
        f"what_{late.pk}": "later",
        f"where_{late.pk}": "",
    }
    assert confirm(client, town.data(**given)).status_code == 302
    an = Child.objects.select_related("school_class__school").get(pk=town.an.pk)
    assert an.class_name(date(2027, 9, 1)) == "六（1）班"
    stayed = StatusChange.objects.get(child=an, kind="class_change")
    assert (stayed.reason, stayed.on, stayed.after) == ("留级", date(2027, 8, 1), "六（1）班")
    assert an.enrollments.get(school_class=town.six).ends_on == date(2027, 7, 31), "the old year is as it was"
    assert Transfer.objects.get(child=town.shi).to_name == "东莞市第三中学"
    late.refresh_from_db()
    assert late.school_class == town.six
    assert "龙小川" in client.get(URL).content.decode(), "who was left for later is still asked about"


def test_who_repeats_the_year_moves_when_the_new_year_has_begun(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    before = everything()
    data = town.data(**{f"what_{town.an.pk}": "stay"})
    response = client.post(URL, data)
    assert response.status_code == 422
    assert "安小禾留级要到新学年（8月1日）才能办" in response.content.decode()
    assert everything() == before


@pytest.mark.parametrize("typed,known", [("青榕镇初级中学", True), ("青榕初中", True), ("二中", False)])
def test_a_school_of_the_installation_takes_the_dossier_itself(
    client: Client, town: Township, typed: str, known: bool
) -> None:
    school = make_school("青榕镇初级中学", short_name="青榕初中")
    for name in ("青榕镇第二中学", "白石镇第二中学"):
        make_school(name, short_name="二中")
    client.force_login(town.registrar)
    assert '<option value="青榕镇初级中学">' in client.get(URL).content.decode()
    data = town.data(**{f"what_{town.shi.pk}": "transfer", f"where_{town.shi.pk}": typed})
    assert ("由对方在系统里接收" in client.post(URL, data).content.decode()) is known
    assert confirm(client, data).status_code == 302
    sent = Transfer.objects.get(child=town.shi)
    assert (sent.to_school, sent.to_name) == ((school, school.name) if known else (None, typed))


@pytest.mark.parametrize(
    "spoil,says",
    [
        ({"class_where": ""}, "请填写安小禾去哪所学校"),
        ({"last_day": "2027-07-20"}, "在校最后一天之后办理"),
        ({"last_day": ""}, "请填写“毕业生在校最后一天”"),
        ({"term1_last": "2027-08-01"}, "放假日期要晚于开学日期"),
        ({"term1_last": ""}, "要一起填"),
        ({"oneself": True}, "不能给自己任命岗位"),
    ],
)
def test_what_cannot_be_is_said_and_keeps_what_was_typed(client: Client, town: Township, spoil, says: str) -> None:
    client.force_login(town.registrar)
    data = town.data(new_classes=3)
    if "class_where" in spoil:
        data[f"class_where_{town.six.pk}"] = ""
    elif "oneself" in spoil:
        data[f"teacher_{town.three.pk}"] = town.registrar.pk
    else:
        data |= spoil
    before = everything()
    response = client.post(URL, data)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert 'name="new_classes" value="3"' in response.content.decode()
    assert everything() == before


def test_a_confirm_of_something_else_is_shown_again(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    data = town.data()
    first = client.post(URL, data).content.decode()
    mark = re.search(r'name="confirm" value="([0-9a-f]+)"', first)
    assert mark
    make_class(town.school, 1, on=date(2027, 9, 1))  # somebody made a first-year class meanwhile
    before = everything()
    again = client.post(URL, data | {"confirm": mark[1]}).content.decode()
    assert "情况有了变化" in again
    assert "新建一（1）班" not in again
    assert everything() == before


def test_all_or_nothing(client: Client, town: Township) -> None:
    Term.objects.create(
        school=town.school, year=2029, season=1, starts_on=date(2027, 10, 1), ends_on=date(2027, 10, 30)
    )
    client.force_login(town.registrar)
    before = everything()
    response = confirm(client, town.data())
    assert response.status_code == 422
    assert "重叠" in response.content.decode()
    assert everything() == before


def test_only_registrar_and_principal(client: Client, town: Township) -> None:
    for role, status in ((Role.PRINCIPAL, 200), (Role.CARE_LEAD, 403), (Role.HOMEROOM, 403)):
        at = town.three if role == Role.HOMEROOM else town.school
        client.force_login(make_staff(role, at))
        assert client.get(URL).status_code == status
    client.force_login(town.registrar)
    assert client.get(f"{URL}?school={town.school.pk + 99}").status_code == 404


def test_the_workbench_reminds_in_summer_until_all_is_done(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    text = client.get("/").content.decode()
    for words in ("毕业待确认", "2027—2028学年更替", "建新生班", "1 个班开学时没有班主任", "建新学期"):
        assert words in text
    data = town.data(**{f"teacher_{town.five.pk}": town.he.pk, "new_teacher_1": town.wei.pk, "new_classes": 1})
    confirm(client, data)
    text = client.get("/").content.decode()
    assert "毕业待确认" not in text
    assert "建新生班" not in text


def test_in_spring_nobody_is_reminded(client: Client, town: Township, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: date(2027, 4, 15) if not a else a[0].date())
    client.force_login(town.registrar)
    assert "开学时没有班主任" not in client.get("/").content.decode()


def test_it_stands_in_the_menu_of_those_who_may(client: Client, town: Township) -> None:
    for staff, there in ((town.registrar, True), (make_staff(Role.PRINCIPAL, town.school), True), (town.luo, False)):
        client.force_login(staff)
        assert (f'href="{URL}"' in client.get("/password/").content.decode()) is there


def test_class_teachers_come_first_and_nobody_who_only_runs_accounts(client: Client, town: Township) -> None:
    subject = make_staff(Role.TEACHER, town.three, "阿老师")
    make_staff(Role.SYSADMIN, town.school, "机房老师")
    closed = make_staff(Role.HOMEROOM, town.five, "退休老师")
    closed.is_active = False
    closed.save()
    client.force_login(town.registrar)
    form = client.get(URL).context["form"]
    groups = [choice for choice in form.fields[f"teacher_{town.five.pk}"].choices if isinstance(choice[1], list)]
    labels = {group: [label for _, label in people] for group, people in groups}
    assert list(labels) == ["现任班主任", "任课教师", "其他教职工"]
    assert labels["现任班主任"] == ["罗老师（三（1）班班主任）", "韦老师（六（1）班班主任）"]
    assert labels["任课教师"] == [f"{subject.name}（三（1）班任课教师）"]
    assert "机房老师" not in str(labels)
    # The account is closed, the post still stands: shown as the present teacher, offered to no other class.
    assert "退休老师" not in labels["现任班主任"]


def test_two_classes_for_one_are_named_before_it_is_done(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    text = client.post(URL, town.data(new_teacher_1=town.luo.pk)).content.decode()
    assert "新建一（1）班，班主任罗老师（同时任四（1）班班主任）" in text
    moved = town.data(**{"new_teacher_1": town.luo.pk, f"teacher_{town.three.pk}": town.he.pk})
    assert "同时任" not in client.post(URL, moved).content.decode()


@pytest.mark.parametrize("day,year", [(date(2027, 4, 30), 2026), (date(2027, 5, 1), 2027), (date(2027, 12, 31), 2027)])
def test_which_year_is_turned(day: date, year: int) -> None:
    assert turn_year(day) == year


def test_the_page_costs_the_same_for_one_class_and_for_twelve(town: Township, django_assert_max_num_queries) -> None:
    def statements() -> int:
        with django_assert_max_num_queries(15) as counted:
            situation(town.school, 2027, SUMMER)
        return len(counted)

    one = statements()
    for number in range(2, 13):
        six = make_class(town.school, 6, number, on=date(2026, 11, 20))
        make_left_behind(f"学生{number}", six)
    assert statements() == one


# old terms


def june(school: School, school_class: SchoolClass | None = None) -> Any:
    return build_month(Unit(school, school_class), Month(2027, 6), definition=Definition.SEED, on=SUMMER)


def printed(figures: Any) -> str:
    from django.utils import timezone

    return text_of(month_paper(figures, None, Imprint("岑老师", timezone.now().replace(hour=8, minute=0))).pdf)


def test_last_terms_tables_print_as_they_were(client: Client, town: Township) -> None:
    make_pairing(town.an)
    make_record(town.an, town.wei, date(2027, 6, 10))
    units = [(town.school, None), (town.school, town.six), (town.school, town.three)]
    before = [june(*unit) for unit in units]
    paper = printed(before[0])
    assert "六（1）班" in paper
    assert "三（1）班" in paper
    client.force_login(town.registrar)
    confirm(client, town.data(**{f"teacher_{town.three.pk}": town.he.pk}))
    after = [june(*unit) for unit in units]
    assert [to_plain(one) for one in after] == [to_plain(one) for one in before]
    assert printed(after[0]) == paper


def test_the_register_of_last_term_says_the_names_of_then(client: Client, town: Township) -> None:
    moved = lambda: build_movement(Unit(town.school), date(2026, 9, 1), date(2027, 7, 1)).table  # noqa: E731
    before = moved()
    client.force_login(town.registrar)
    confirm(client, town.data())
    assert moved() == before
    assert town.three.name_on(date(2027, 7, 1)) == "三（1）班"
    assert town.three.name_on(date(2027, 9, 1)) == "四（1）班"
    text = client.get("/reports/changes/?first=2027-07-01&last=2027-07-15").content.decode()
    assert "六（1）班" in text, "a graduate's line names the class of the last day"


def test_whose_class_it_was_is_still_known(client: Client, town: Township) -> None:
    client.force_login(town.registrar)
    confirm(client, town.data(**{f"teacher_{town.three.pk}": town.he.pk}))

    def teacher(school_class: SchoolClass, day: date) -> list[Staff]:
        posts = Appointment.objects.current(day).filter(school_class=school_class, role=Role.HOMEROOM)
        return [post.staff for post in posts]

    assert teacher(town.three, date(2027, 6, 1)) == [town.luo]
    assert teacher(town.three, date(2027, 9, 1)) == [town.he]
    assert teacher(town.six, date(2027, 6, 1)) == [town.wei]
    assert teacher(town.six, date(2027, 8, 1)) == []


def test_a_teacher_changed_beforehand_is_not_changed_twice(client: Client, town: Township) -> None:
    Appointment.objects.filter(staff=town.luo).update(ends_on=date(2027, 8, 31))
    appoint(town.he, Role.HOMEROOM, town.three, starts_on=date(2027, 9, 1))
    client.force_login(town.registrar)
    data = town.data(**{f"teacher_{town.three.pk}": town.he.pk})
    assert "班主任何老师" not in client.post(URL, data).content.decode()
