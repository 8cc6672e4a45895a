"""A roll of all pupils is compared with all pupils of its classes, a list of left-behind children with those alone."""

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.schools.models import School
from children.models import Child, Enrollment, ImportBatch
from tests.children.importing.wizard.steps import book, hidden, upload, url
from tests.support.factories import make_child, make_class, make_left_behind

pytestmark = pytest.mark.django_db
AWAY = ("韦小山", "罗小雨")
HOME = ("蒙小河", "石小江", "覃小湖", "岑小林", "韦小石")
WHOLE = "这份名单也写了没有父母外出的学生，按全班核对。"


@pytest.fixture
def pupils(school: School) -> dict[str, Child]:
    """Two left behind, five not, in 四（1）班; one in another class."""
    four = make_class(school, 4, 1)
    found = {name: make_left_behind(name, four) for name in AWAY} | {name: make_child(name, four) for name in HOME}
    make_child("别班的", make_class(school, 5, 1))
    return found


def listed(client: Client, school: School, *rows: tuple[str, ...], sheet: str = "四1班") -> ImportBatch:
    upload(client, school, book({sheet: rows}))
    return ImportBatch.objects.latest("pk")


def page(client: Client, batch: ImportBatch, show: str = "") -> str:
    return client.get(url("preview", batch) + show).content.decode()


def absent(client: Client, batch: ImportBatch) -> set[str]:
    shown = page(client, batch, "?show=absent")
    return {name for name in (*AWAY, *HOME, "别班的") if f">{name}</a>" in shown}


def test_a_roll_without_a_word_about_parents_is_known_by_its_pupils(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    most_are_away = [make_left_behind(f"田小{word}", pupils["韦小山"].school_class).name for word in "风云雨雪霜露"]
    rows = [(name, "女", "四（1）班", "2016-05-04") for name in ("韦小山", *most_are_away, *HOME[:4])]
    batch = listed(signed_in, school, ("姓名", "性别", "班级", "出生日期"), *rows)
    assert absent(signed_in, batch) == {"罗小雨", "韦小石"}
    assert WHOLE in page(signed_in, batch)
    assert "不核对。" not in page(signed_in, batch).replace("别的班不核对。", "")


def test_a_roll_that_says_of_most_that_both_parents_are_at_home(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    header = ("姓名", "性别", "班级", "父亲姓名", "父亲状况", "母亲姓名", "母亲状况")
    rows = [(name, "女", "四（1）班", "韦大山", "在家", "罗春花", "在家") for name in ("岑小新", "岑小亮", "岑小月")]
    away = ("韦小山", "女", "四（1）班", "韦大", "外出务工", "罗花", "在家")
    batch = listed(signed_in, school, header, *rows, away)
    assert batch.counts["decide"] == 1, "who may be 韦小山 is not missing"
    assert absent(signed_in, batch) == {"罗小雨", *HOME}


def test_a_titled_list_of_left_behind_children_stays_one_though_some_came_back(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    header = ("姓名", "性别", "班级", "是否留守")
    rows = [
        ("韦小山", "女", "四（1）班", "是"),
        ("田小雪", "女", "四（1）班", "是"),
        ("蒙小河", "女", "四（1）班", "否"),
    ]
    titled = listed(signed_in, school, header, *rows, sheet="留守儿童花名册")
    assert absent(signed_in, titled) == {"罗小雨"}
    assert WHOLE not in page(signed_in, titled)
    roll = listed(signed_in, school, header, *rows)
    assert absent(signed_in, roll) == {"罗小雨", *HOME[1:]}
    most = [(name, "女", "四（1）班", "否") for name in HOME[:4]]
    assert absent(signed_in, listed(signed_in, school, header, *rows, *most, sheet="留守儿童排查表")) == {
        "罗小雨",
        "韦小石",
    }


def test_a_part_of_a_class_is_no_roll(signed_in: Client, school: School, pupils: dict[str, Child]) -> None:
    for number in range(6):
        make_child(f"田小{'一二三四五六'[number]}", pupils["蒙小河"].school_class)
    rows = [(name, "四（1）班", "2016-05-04", "301") for name in HOME[:3]]
    batch = listed(signed_in, school, ("姓名", "班级", "出生日期", "宿舍"), *rows)
    assert absent(signed_in, batch) == set(AWAY)
    assert "另有8名没有父母外出的学生也没写到，不核对。" in page(signed_in, batch)


def test_a_pupil_who_moved_on_leaves_with_the_import_and_comes_back_with_its_undo(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    rows = [(name, "女", "四（1）班", "2016-05-04") for name in (*AWAY, *HOME[:4])]
    header = ("姓名", "性别", "班级", "出生日期")
    batch = listed(signed_in, school, header, *rows)
    gone = pupils["韦小石"]
    (line,) = signed_in.get(url("preview", batch) + "?show=absent").context["page"].object_list
    assert (line["child"], [label for _, label in line["choices"] if "返乡" in label]) == (gone.pk, [])
    said = {f"child-{gone.pk}": "", "rest": "parent_back"}
    signed_in.post(reverse("children:import_leavers", args=[batch.pk]), said)
    assert "登记变动" not in page(signed_in, batch), "nobody of hers is away"
    out = next(value for value, label in signed_in.get(url("preview", batch)).context["decisions"] if label == "已转出")
    signed_in.post(reverse("children:import_leavers", args=[batch.pk]), {f"child-{gone.pk}": out})
    signed_in.post(url("confirm", batch), {"token": hidden(page(signed_in, batch), "token")})
    gone.refresh_from_db()
    assert gone.school_class is None
    again = listed(signed_in, school, header, *rows)
    assert (again.counts["new"], again.counts["changed"], absent(signed_in, again)) == (0, 0, set())
    signed_in.post(url("undo", batch))
    gone.refresh_from_db()
    assert gone.school_class is not None
    assert not Enrollment.objects.filter(child=gone, ends_on__isnull=False).exists()
