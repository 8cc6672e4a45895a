"""Health checks: the list, one, a whole class at once, and the second look."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import HealthCheck
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(client: Client, four: SchoolClass) -> Staff:
    staff = make_staff(Role.HOMEROOM, four)
    client.force_login(staff)
    return staff


def grid(four: SchoolClass) -> str:
    return f"{reverse('children:health_many')}?group={four.pk}"


def text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def test_a_class_is_entered_in_one_press(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan, chuan, absent = (make_child(name, four) for name in ("李小兰", "张小川", "安小禾"))
    response = client.post(
        grid(four),
        {
            "on": "2026-11-18",
            "place": "镇卫生院",
            f"height_cm_{lan.pk}": "132.5",
            f"weight_kg_{lan.pk}": "28",
            f"sight_left_{lan.pk}": "4.6",
            f"needs_follow_up_{lan.pk}": "on",
            f"finding_{lan.pk}": "左眼视力不良",
            f"height_cm_{chuan.pk}": "140",
        },
    )
    assert response.status_code == 302
    saved = HealthCheck.objects.get(child=lan)
    assert (saved.height_cm, saved.place, saved.needs_follow_up) == (132.5, "镇卫生院", True)
    assert HealthCheck.objects.filter(child=chuan, on=date(2026, 11, 18)).exists()
    assert not HealthCheck.objects.filter(child=absent).exists(), "an empty line is a pupil who was absent"
    page = text(client, response.headers["Location"])
    assert "新登记 2 人" in page
    assert "撤销这 2 条" in page


def test_a_refused_line_keeps_everything_and_names_the_pupil(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    sent = {
        "on": "2026-11-18",
        f"height_cm_{lan.pk}": "1325",
        f"weight_kg_{lan.pk}": "28",
        f"height_cm_{chuan.pk}": "140",
        f"blood_pressure_{chuan.pk}": "110",
    }
    response = client.post(grid(four), sent)
    assert response.status_code == 422
    page = response.content.decode()
    assert not HealthCheck.objects.exists(), "all or nothing"
    assert "李小兰：身高（厘米）" in page
    assert "张小川：血压" in page
    assert "请按 110/70 的样子填写。" in page
    assert 'value="28"' in page
    assert 'value="140"' in page


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_the_same_list_sent_twice_is_entered_once(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    sent = {"on": "2026-11-18", f"height_cm_{lan.pk}": "132.5"}
    assert client.post(grid(four), sent).status_code == 302
    again = client.post(grid(four), sent, follow=True)
    assert "没有改动" in again.content.decode()
    assert HealthCheck.objects.count() == 1


def test_the_day_goes_on_where_it_was_left(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    check = HealthCheck.objects.create(child=lan, on=TODAY, height_cm="132.5", finding="龋齿", place="镇卫生院")
    page = text(client, grid(four))
    assert re.search(rf'name="height_cm_{lan.pk}" value="132.5"', page)
    assert 'value="镇卫生院"' in page
    sent = {
        "on": str(TODAY),
        "place": "镇卫生院",
        f"check_{lan.pk}": hidden(page, f"check_{lan.pk}"),
        f"version_{lan.pk}": hidden(page, f"version_{lan.pk}"),
        f"height_cm_{lan.pk}": "132.5",
        f"weight_kg_{lan.pk}": "28",
        f"height_cm_{chuan.pk}": "140",
    }
    answer = client.post(grid(four), sent, follow=True).content.decode()
    assert "新登记 1 人，更改 1 人" in answer
    check.refresh_from_db()
    assert (check.weight_kg, check.finding) == (28, ""), "an emptied cell of a line that was shown is meant"
    assert HealthCheck.objects.get(child=chuan).height_cm == 140


def test_a_page_opened_before_completes_what_a_colleague_entered(
    client: Client, four: SchoolClass, teacher: Staff
) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    check = HealthCheck.objects.create(child=lan, on=date(2026, 11, 18), height_cm="132.5", finding="龋齿")
    sent = {"on": "2026-11-18", f"weight_kg_{lan.pk}": "28", f"height_cm_{chuan.pk}": "140"}
    assert client.post(grid(four), sent).status_code == 302
    check.refresh_from_db()
    assert (check.height_cm, check.weight_kg, check.finding) == (132.5, 28, "龋齿")
    assert HealthCheck.objects.count() == 2


def test_another_value_for_the_same_day_is_asked_about(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    check = HealthCheck.objects.create(child=lan, on=date(2026, 11, 18), height_cm="132.5", finding="龋齿")
    sent = {"on": "2026-11-18", f"height_cm_{lan.pk}": "135"}
    refused = client.post(grid(four), sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "这一天已登记身高132.5" in page
    assert 'value="龋齿"' in page
    sent |= {f"{name}_{lan.pk}": hidden(page, f"{name}_{lan.pk}") for name in ("check", "version")}
    assert client.post(grid(four), sent | {f"finding_{lan.pk}": "龋齿"}).status_code == 302
    check.refresh_from_db()
    assert (check.height_cm, check.finding) == (135, "龋齿")


def test_lines_of_one_day_are_not_entered_again_for_another(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    check = HealthCheck.objects.create(child=lan, on=TODAY, height_cm="132.5")
    sent = {"on": "2026-11-18", f"check_{lan.pk}": str(check.pk), f"version_{lan.pk}": "1"}
    sent[f"height_cm_{lan.pk}"] = "132.5"
    alone = client.post(grid(four), sent)
    assert alone.status_code == 422
    assert "没有填写新日期的内容" in alone.content.decode()
    other = client.post(grid(four), sent | {f"weight_kg_{lan.pk}": "28"}).content.decode()
    assert "先前显示的是2026年11月20日的检查" in other
    assert client.post(grid(four), sent | {f"height_cm_{chuan.pk}": "140"}).status_code == 302
    assert list(HealthCheck.objects.values_list("child", "on")) == [(lan.pk, TODAY), (chuan.pk, date(2026, 11, 18))]


def test_what_stands_is_not_emptied_nor_its_second_look_lost(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    check = HealthCheck.objects.create(
        child=lan, on=TODAY, height_cm="132.5", needs_follow_up=True, followed_up_on=TODAY
    )
    sent = {"on": str(TODAY), f"check_{lan.pk}": str(check.pk), f"version_{lan.pk}": str(check.version)}
    assert "不在这里清空" in client.post(grid(four), sent).content.decode()
    assert "不能取消" in client.post(grid(four), sent | {f"height_cm_{lan.pk}": "133"}).content.decode()


def test_an_empty_grid_and_a_future_day_are_refused(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    assert "还没有填写内容" in client.post(grid(four), {"on": "2026-11-18"}).content.decode()
    late = client.post(grid(four), {"on": "2026-12-01", f"height_cm_{lan.pk}": "132"}).content.decode()
    assert "日期不能在今天以后" in late
    assert not HealthCheck.objects.exists()


def test_what_was_entered_in_one_press_is_taken_back_in_one(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    older = HealthCheck.objects.create(child=lan, on=date(2026, 9, 3))
    sent = {"on": "2026-11-18", f"height_cm_{lan.pk}": "132.5", f"height_cm_{chuan.pk}": "140"}
    where = client.post(grid(four), sent).headers["Location"]
    undo = re.search(r'action="([^"]*/undo/[^"]+)"', text(client, where))
    assert undo is not None
    assert client.post(undo[1]).status_code == 302
    assert list(HealthCheck.objects.all()) == [older]
    assert client.post(undo[1]).status_code == 404


def test_a_colleague_cannot_take_back_what_another_entered(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    where = client.post(grid(four), {"on": "2026-11-18", f"height_cm_{lan.pk}": "132.5"}).headers["Location"]
    undo = re.search(r'action="([^"]*/undo/[^"]+)"', text(client, where))
    assert undo is not None
    client.force_login(make_staff(Role.PRINCIPAL, four.school))
    assert client.post(undo[1]).status_code == 404
    assert HealthCheck.objects.count() == 1


def test_another_class_is_not_offered_and_not_opened(client: Client, four: SchoolClass, teacher: Staff) -> None:
    other = make_class(four.school, number=2)
    make_child("龙小山", other)
    make_child("李小兰", four)
    assert client.get(grid(other)).status_code == 404
    assert "李小兰" in text(client, reverse("children:health_many")), "the only class opens by itself"


def test_counsellor_reads_and_does_not_write(client: Client, four: SchoolClass) -> None:
    lan = make_child("李小兰", four)
    HealthCheck.objects.create(child=lan, on=date(2026, 9, 3), finding="龋齿")
    client.force_login(make_staff(Role.COUNSELLOR, four.school))
    page = text(client, reverse("children:health_list"))
    assert "龋齿" in page
    assert "修改<span" not in page
    assert client.get(reverse("children:health_many")).status_code == 403
    assert client.get(reverse("children:health_add", args=[lan.pk])).status_code == 403


def test_subject_teacher_gets_no_health(client: Client, four: SchoolClass) -> None:
    client.force_login(make_staff(Role.TEACHER, four))
    assert client.get(reverse("children:health_list")).status_code == 403


def test_the_list_counts_who_is_still_to_be_looked_at(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    HealthCheck.objects.create(child=lan, on=date(2026, 9, 3), needs_follow_up=True)
    HealthCheck.objects.create(
        child=chuan, on=date(2026, 9, 3), needs_follow_up=True, followed_up_on=date(2026, 9, 20), follow_up_result="好"
    )
    stranger = make_child("外校生", make_class(make_school("乙校")))
    HealthCheck.objects.create(child=stranger, on=date(2026, 9, 3), needs_follow_up=True)
    page = text(client, f"{reverse('children:health_list')}?state=open")
    assert "李小兰" in page
    assert "张小川" not in page
    assert "外校生" not in page
    assert "登记复查" in page


def test_the_second_look_closes_the_check(client: Client, four: SchoolClass, teacher: Staff) -> None:
    check = HealthCheck.objects.create(child=make_child("李小兰", four), on=date(2026, 9, 3), needs_follow_up=True)
    url = reverse("children:health_follow_up", args=[check.child_id, check.pk])
    sent = {"followed_up_on": "2026-10-01", "follow_up_result": "已配镜", "version": check.version}
    early = client.post(url, sent | {"followed_up_on": "2026-09-01"})
    assert "复查日期不能早于检查日期" in early.content.decode()
    assert client.post(url, sent).status_code == 302
    check.refresh_from_db()
    assert (check.followed_up_on, check.follow_up_result) == (date(2026, 10, 1), "已配镜")


def test_one_is_changed_and_deleted_after_a_question(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    add = reverse("children:health_add", args=[lan.pk])
    assert client.post(add, {"on": "2026-11-18", "height_cm": "132", "finding": "正常"}).status_code == 302
    check = HealthCheck.objects.get()
    edit = reverse("children:health_edit", args=[lan.pk, check.pk])
    sent = {"on": "2026-11-18", "height_cm": "133", "opened_version": str(check.version)}
    assert client.post(edit, sent).status_code == 302
    check.refresh_from_db()
    assert check.height_cm == 133
    delete = reverse("children:health_delete", args=[lan.pk, check.pk])
    assert "删除李小兰的这条健康检查" in text(client, delete)
    assert HealthCheck.objects.exists(), "asking deletes nothing"
    assert client.post(delete).status_code == 302
    assert not HealthCheck.objects.exists()


def test_two_people_change_the_same_value(client: Client, four: SchoolClass, teacher: Staff) -> None:
    check = HealthCheck.objects.create(child=make_child("李小兰", four), on=date(2026, 9, 3), height_cm=130)
    edit = reverse("children:health_edit", args=[check.child_id, check.pk])
    check.height_cm = 131
    check.save()
    answer = client.post(edit, {"on": "2026-09-03", "height_cm": "135", "opened_version": "1"})
    assert answer.status_code == 409
    check.refresh_from_db()
    assert check.height_cm == 131


def test_the_workbook_holds_what_the_filter_leaves_as_text(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four, student_no="G999999201605040021")
    HealthCheck.objects.create(child=lan, on=date(2026, 9, 3), height_cm="132.5", finding="=1+1")
    HealthCheck.objects.create(child=make_child("张小川", four), on=date(2026, 9, 3))
    response = client.get(f"{reverse('children:health_export')}?q=李小兰")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    head, line = ([cell.value for cell in row] for row in sheet.iter_rows())
    told = dict(zip(head, line, strict=True))
    assert told["姓名"] == "李小兰"
    assert told["班级"] == "四（1）班"
    assert told["学籍号"] == "G999999201605040021"
    assert told["身高（厘米）"] == "132.5"
    assert told["结论"] == "=1+1"
    assert told["需要复查"] == "否"
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert AccessEntry.objects.filter(event=Event.EXPORT, detail="health:1").exists()


@pytest.mark.parametrize("rows", [1, 12])
def test_list_and_grid_stay_flat(
    client: Client, four: SchoolClass, teacher: Staff, rows: int, django_assert_max_num_queries
) -> None:
    for number in range(rows):
        child = make_child(f"学生{number}", four)
        HealthCheck.objects.create(child=child, on=date(2026, 9, 3), needs_follow_up=True)
    with django_assert_max_num_queries(22):
        client.get(reverse("children:health_list"))
    with django_assert_max_num_queries(16):
        client.get(grid(four))


def test_another_day_shows_its_lines_and_keeps_what_was_typed(
    client: Client, four: SchoolClass, teacher: Staff
) -> None:
    lan, chuan, shan = make_child("李小兰", four), make_child("张小川", four), make_child("韦小山", four)
    HealthCheck.objects.create(child=lan, on=TODAY, height_cm="132.5", place="镇卫生院")
    HealthCheck.objects.create(child=chuan, on=date(2026, 9, 3), height_cm="140", finding="龋齿")
    page = text(client, grid(four))
    sent = {
        "on": "2026-09-03",
        "another_day": "1",
        f"check_{lan.pk}": hidden(page, f"check_{lan.pk}"),
        f"version_{lan.pk}": hidden(page, f"version_{lan.pk}"),
        f"height_cm_{lan.pk}": "132.5",
        f"height_cm_{shan.pk}": "150",
        f"weight_kg_{chuan.pk}": "31",
    }
    answer = client.post(grid(four), sent)
    assert answer.status_code == 200
    assert HealthCheck.objects.count() == 2, "nothing is saved"
    moved = answer.content.decode()
    assert "现在显示的是2026年9月3日的登记，您填的 2 行还在" in moved
    cells = {box.html_name: box.value() for box in answer.context["form"]}
    assert (cells[f"height_cm_{lan.pk}"], cells[f"height_cm_{shan.pk}"]) == (None, "150")
    assert (cells[f"height_cm_{chuan.pk}"], cells[f"weight_kg_{chuan.pk}"]) == (140, "31")
    again = {name: value for name, value in cells.items() if value not in (None, False, "")}
    assert client.post(grid(four), again).status_code == 302
    assert HealthCheck.objects.get(child=shan).on == date(2026, 9, 3)
    assert HealthCheck.objects.get(child=chuan).weight_kg == 31
    assert HealthCheck.objects.filter(child=lan).count() == 1


def test_a_day_in_the_address_opens_its_lines(client: Client, four: SchoolClass, teacher: Staff) -> None:
    lan = make_child("李小兰", four)
    HealthCheck.objects.create(child=lan, on=date(2026, 9, 3), height_cm="132.5")
    page = text(client, f"{grid(four)}&on=2026-09-03")
    assert re.search(rf'name="height_cm_{lan.pk}" value="132.5"', page)


@pytest.mark.parametrize(
    "sent, why",
    [
        ({"on": "2026-11-18"}, "请至少填一项"),
        ({"on": "2010-11-18", "height_cm": "120"}, "日期不能更早"),
    ],
)
def test_a_check_without_a_finding_or_before_the_birth_is_refused(client, four, teacher, sent, why) -> None:
    lan = make_child("李小兰", four, birth_date=date(2016, 8, 1))
    answer = client.post(reverse("children:health_add", args=[lan.pk]), sent)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not HealthCheck.objects.exists()
