"""The start page: what each role finds on it, and that it costs the same for a small class and a larger one."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from activities.incidents.services import open_incident
from activities.models import FollowUp, NightAbsence, NightRoll
from caretrack.access.policy import Role
from caretrack.web import drafts, workbench
from caretrack.web.models import Draft
from children.services import leave_school
from tests.support.factories import (
    appoint,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.HOMEROOM, school_class, "罗老师")


def home(client, staff) -> str:
    client.force_login(staff)
    answer = client.get(reverse("workbench"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_address_is_the_root() -> None:
    assert reverse("workbench") == "/"


def test_class_teacher_finds_who_was_not_talked_with(client, teacher, school_class, today) -> None:
    silent = make_left_behind("李小兰", school_class)
    make_record(make_left_behind("龙小川", school_class), teacher, today)
    make_left_behind("外班孩子", make_class(school_class.school, grade=5))
    shown = home(client, teacher)
    panel = next(p for p in workbench.panels_for(teacher, today) if p.title == "本月还没谈心")
    assert [row["child"] for row in panel.data["rows"]] == [silent]
    assert (panel.data["total"], panel.data["talked"]) == (2, 1)
    assert f"?child={silent.pk}&amp;kind=talk&amp;next=/" in shown
    assert "外班孩子" not in shown


def test_every_number_opens_its_list(client, teacher, school_class, today) -> None:
    child = make_left_behind("李小兰", school_class)
    FollowUp.objects.create(child=child, what="问视频", due_on=today, owner=teacher)
    for staff in (
        teacher,
        make_staff(Role.PRINCIPAL, school_class.school),
        make_staff(Role.REGISTRAR, school_class.school),
    ):
        home(client, staff)
        for panel in workbench.panels_for(staff, today):
            for figure in panel.figures:
                assert figure.url, figure.label
                answer = client.get(figure.url)
                assert answer.status_code == 200
                page = answer.context.get("page")
                if figure.label in ("本月还没谈心", "到期的跟进"):
                    assert page.paginator.count == figure.number


def test_follow_ups_due_and_overdue(client, teacher, school_class, today) -> None:
    child = make_left_behind("李小兰", school_class)
    FollowUp.objects.create(child=child, what="问视频", due_on=today - timedelta(days=2), owner=teacher)
    FollowUp.objects.create(child=child, what="送台灯", due_on=today + timedelta(days=3), owner=teacher)
    FollowUp.objects.create(child=child, what="很久以后", due_on=today + timedelta(days=30), owner=teacher)
    shown = home(client, teacher)
    assert "已过期 2 天" in shown
    assert "送台灯" in shown
    assert "很久以后" not in shown


def test_birthdays_and_unfinished_text(client, teacher, school_class, today) -> None:
    born = today.replace(year=today.year - 10) + timedelta(days=3)
    make_left_behind("李小兰", school_class, birth_date=born)
    sheet = drafts.Sheet(teacher.pk, "record:child:1", "/records/add/?kind=talk", "记谈心：李小兰")
    drafts.keep(sheet, {"content": ["说到一半"]})
    shown = home(client, teacher)
    assert "满 10 岁" in shown
    assert "记谈心：李小兰" in shown
    assert "说到一半" not in shown


def test_drafts_of_forms_without_a_child_say_of_whom_they_are(
    client, teacher, school_class, django_assert_num_queries
) -> None:
    mine = [make_left_behind(name, school_class).pk for name in ("李小兰", "王小明", "张小红")]
    hidden = make_left_behind("别校学生", make_class()).pk
    worry = reverse("activities:worry_add")

    def begin(key, title, **fields):
        return drafts.keep(drafts.Sheet(teacher.pk, key, "/", title), {"content": ["说到一半"], **fields})

    assert "记谈心：还没选学生" in (begin("record:children", "记谈心"), home(client, teacher))[1]
    begin("record:children", "记家访", children=[str(mine[0])])
    begin("record:children", "记视频", children=[*map(str, mine)])
    begin("record:children", "记书信", children=[str(hidden)])
    begin(f"page:{worry}", "报告担心的事", who=["五年级的小石"])
    begin(f"page:{worry}", "又一件", who=[""])
    for shown in (home(client, teacher), client.get(reverse("drafts:list")).content.decode()):
        assert "记家访：李小兰" in shown
        assert "报告担心的事：五年级的小石" in shown
        assert "又一件：没写是谁" in shown
        assert "别校学生" not in shown
        assert "说到一半" not in shown
    assert "记视频：李小兰、王小明等3人" in shown
    assert "记书信：还没选学生" in shown
    rows = list(Draft.objects.open())
    drafts.with_names(teacher, rows)  # what is known of the person is asked once
    with django_assert_num_queries(1):
        drafts.with_names(teacher, rows)


def test_what_one_wrote_last_says_when_it_was_entered(client, teacher, school_class, today) -> None:
    late, fresh = make_left_behind("补登的", school_class), make_left_behind("当天的", school_class)
    make_record(fresh, teacher, today)
    make_record(late, teacher, today - timedelta(days=2))
    shown = home(client, teacher)
    lately = shown[shown.index("我最近记的") :]
    assert lately.index("补登的") < lately.index("当天的")
    assert lately.count(f"{today.month}月{today.day}日登记") == 1


def test_all_that_was_begun_is_listed_and_can_be_thrown_away(client, teacher, school_class) -> None:
    for number in range(7):
        sheet = drafts.Sheet(
            teacher.pk, f"record:child:{number}", f"/records/add/?child={number}", f"记谈心：{number}号"
        )
        drafts.keep(sheet, {"content": ["说到一半"]})
    drafts.keep(drafts.Sheet(make_staff().pk, "x", "/records/add/", "别人写的"), {"content": ["别人的话"]})
    assert reverse("drafts:list") in home(client, teacher)
    shown = client.get(reverse("drafts:list")).content.decode()
    assert all(f"记谈心：{number}号" in shown for number in range(7))
    assert "别人写的" not in shown
    token = drafts.sheet_of_draft(Draft.objects.get(key="record:child:3")).token()
    answer = client.post(reverse("drafts:discard"), {"care_sheet": token, "next": reverse("drafts:list")}, follow=True)
    assert answer.redirect_chain == [(reverse("drafts:list"), 302)]
    assert "记谈心：3号" not in answer.content.decode()
    assert Draft.objects.visible_to(teacher).open().count() == 6


def test_a_mentor_finds_the_mentees(client, school_class, teacher, today) -> None:
    staff = make_staff(Role.TEACHER, make_class(school_class.school, grade=6), "石老师")
    child = make_left_behind("李小兰", school_class)
    make_left_behind("龙小川", school_class)
    make_pairing(child, make_mentor(staff))
    make_record(child, teacher, today)
    home(client, staff)
    panel = next(p for p in workbench.panels_for(staff, today) if p.title == "本月还没谈心")
    # Talks of others are not the mentor's to know; the own talk of the month is still missing.
    assert [row["child"] for row in panel.data["rows"]] == [child]


def test_principal_finds_figures_and_classes(client, teacher, school_class, today) -> None:
    make_record(make_left_behind("李小兰", school_class), teacher, today)
    make_left_behind("龙小川", make_class(school_class.school, grade=5))
    shown = home(client, make_staff(Role.PRINCIPAL, school_class.school))
    for words in ("在校学生", "留守儿童", "学校口径", "五（1）班", "50.0%"):
        assert words in shown


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.REGISTRAR])
def test_who_leaves_today_is_told_beside_the_number_of_pupils(client, school_class, today, role) -> None:
    """The list that the number opens has them no more, the statistics of the day still count them."""
    leaver, gone = make_child("龙小川", school_class), make_child("杨小花", school_class)
    make_child("李小兰", school_class)
    staff = make_staff(role, school_class.school)
    leave_school(child=gone, on=today - timedelta(days=1), kind="out_transfer", by=None)
    home(client, staff)
    assert "今天离校" not in home(client, staff)
    leave_school(child=leaver, on=today, kind="out_transfer", by=None)
    home(client, staff)
    [told] = [one for one in client.get("/").context["figures"] if one.label == "在校学生"]
    assert (told.number, told.hint) == (1, "不含今天离校的 1 人")


def test_registrar_counsellor_and_sysadmin(client, teacher, school_class, today) -> None:
    child = make_left_behind("李小兰", school_class)
    make_record(child, teacher, today, state="worrying")
    school = school_class.school
    shown = home(client, make_staff(Role.REGISTRAR, school))
    assert "各班建档情况" in shown
    assert "李小兰" not in shown
    shown = home(client, make_staff(Role.COUNSELLOR, school))
    assert "李小兰" in shown
    assert "需要关注" in shown
    make_staff(name="没有岗位的人")
    unused = make_staff(Role.TEACHER, school_class, "新来的老师")
    unused.must_change_password = True
    unused.save()
    shown = home(client, make_staff(Role.SYSADMIN, school))
    assert "新来的老师" in shown
    assert "李小兰" not in shown


def test_superior_and_nobody_in_particular_get_a_page(client, school_class) -> None:
    assert "工作台" in home(client, make_staff(Role.SUPERIOR, school_class.school))


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize(
    "role,most",
    [(Role.HOMEROOM, 47), (Role.PRINCIPAL, 57), (Role.REGISTRAR, 26), (Role.COUNSELLOR, 24), (Role.SYSADMIN, 20)],
)
def test_the_page_stays_flat(
    client, school_class, teacher, today, role, most, rows, django_assert_max_num_queries
) -> None:
    staff = make_staff(role, school_class if role == Role.HOMEROOM else school_class.school)
    for number in range(rows):
        grade = make_class(school_class.school, grade=4, number=number + 1)
        child = make_left_behind(f"学生{number}", school_class, birth_date=today.replace(year=2016))
        make_left_behind(f"别班{number}", grade)
        make_record(child, teacher, today - timedelta(days=40), state="low")
        if role != Role.REGISTRAR:
            FollowUp.objects.create(child=child, what="问视频", due_on=today, owner=staff)
            make_record(child, staff, today, kind="call") if role != Role.SYSADMIN else None
        appoint(make_staff(name=f"老师{number}"), Role.TEACHER, grade)
    client.force_login(staff)
    with django_assert_max_num_queries(most):
        client.get(reverse("workbench"))


def test_a_boarder_who_cannot_be_found_is_on_the_leads_page_until_it_was_looked_into(
    client, school_class, today
) -> None:
    child = make_left_behind("李小兰", school_class)
    roll = NightRoll.objects.create(
        school=child.school, on=today, room="女201", expected=1, present=0, taken_at=timezone.now()
    )
    row = NightAbsence.objects.create(roll=roll, child=child, on=today, reason="missing", called="no_answer")
    leads = [make_staff(role, school_class.school) for role in (Role.CARE_LEAD, Role.PRINCIPAL)]
    for staff in leads:
        shown = home(client, staff)
        assert "李小兰：查夜去向不明" in shown
        assert "没打通" in shown
    NightAbsence.objects.filter(pk=row.pk).update(verified_on=today, version=F("version") + 1)
    assert "查夜去向不明" not in home(client, leads[0])


def test_the_open_files_are_named_the_newest_first(client, school_class) -> None:
    child, principal = make_left_behind("李小兰", school_class), make_staff(Role.PRINCIPAL, school_class.school)
    lead, now = make_staff(Role.CARE_LEAD, school_class.school), timezone.now()
    files = [
        open_incident(
            school=child.school, children=[child], by=lead, found_at=now - timedelta(hours=hours), now=now,
            account="摔倒", kind=kind,
        )
        for hours, kind in ((50, "injury"), (3, "bullying"))
    ]  # fmt: skip
    hidden = open_incident(
        school=child.school, by=lead, found_at=now, now=now, account="x", named_only=True, keeper=lead
    )
    panel = next(p for p in workbench.panels_for(principal, now.date()) if p.title == "未结案的事件")
    assert [row.pk for row in panel.data["rows"]] == [files[1].pk, files[0].pk]
    assert panel.figures[0].number == 2
    shown = home(client, principal)
    assert f"{files[1].number} 欺凌" in shown
    assert "李小兰 ·" in shown
    assert hidden.number not in shown
