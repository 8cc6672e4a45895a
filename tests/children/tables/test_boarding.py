"""Boarders from a school's own list: beds of the term, teachers by name, taken back whole."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff, Term
from children.models import BoardingTerm, Child, codes
from tests.children.tables.conftest import DAY, Desk
from tests.support.factories import make_mentor, make_staff

pytestmark = pytest.mark.django_db
HEAD = ["序号", "班级", "姓名", "性别", "宿舍号", "床号", "入住时间", "生活老师", "备注"]


@pytest.fixture
def clerk(desk: Callable[[Staff, str], Desk], registrar: Staff, pupils: dict[str, Child]) -> Desk:
    return desk(registrar, "boarding")


@pytest.fixture
def term(school: School) -> str:
    return str(Term.objects.current(school, DAY).pk)


def line(name: str, klass: str, room: object, bed: object = None, keeper: str = "") -> list[object]:
    return [1, klass, name, None, room, bed, "2026-09-01", keeper, None]


@pytest.mark.data
def test_boarders_come_in_with_bed_and_teacher_and_go_again(clerk: Desk, school: School, term: str, pupils) -> None:
    keeper = make_staff(Role.CARE_LEAD, school, name="蒙老师")
    before = Child.objects.get(pk=pupils["lan"].pk)
    rows = [line("李小兰", "四1", 201.0, "3号床", "蒙老师"), line("韦小禾", "四2", "女生楼202-1", None, "没有的人")]
    clerk.check(HEAD, *rows, term=term)
    assert clerk.counts() == (2, 0, 0, 0)
    assert any("人员里没有“没有的人”" in words for words in clerk.faults())
    clerk.confirm()
    stays = {stay.child.name: stay for stay in BoardingTerm.objects.select_related("child")}
    assert (stays["李小兰"].bed, stays["李小兰"].keeper) == ("201-3", keeper)
    assert stays["李小兰"].since == dt.date(2026, 9, 1)
    assert (stays["韦小禾"].bed, stays["韦小禾"].keeper) == ("女生楼202-1", None)
    assert (stays["李小兰"].child.dorm_bed, stays["李小兰"].child.boarding) == ("201-3", codes.Boarding.BOARDER)
    clerk.check(HEAD, *rows, term=term)
    assert clerk.counts() == (0, 0, 2, 0), "the same list again changes nothing"
    clerk.check(HEAD, line("李小兰", "四1", 201, 4), term=term)
    clerk.confirm()
    assert Child.objects.get(pk=before.pk).dorm_bed == "201-4"
    clerk.act("undo")
    assert BoardingTerm.objects.get(child=before).bed == "201-3"
    assert Child.objects.get(pk=before.pk).dorm_bed == "201-3"


@pytest.mark.parametrize("cell", ["1.蒙小河", "蒙小河①", "蒙小河老师", "蒙小河 13800000031"])
def test_names_are_read_without_what_stands_around_them(clerk: Desk, school: School, term: str, cell: str) -> None:
    keeper = make_staff(Role.CARE_LEAD, school, name="蒙小河")
    clerk.check(HEAD, line("①李小兰", "四1", 201, 3, cell), term=term)
    clerk.confirm()
    stay = BoardingTerm.objects.get()
    assert (stay.child.name, stay.keeper) == ("李小兰", keeper)


def test_an_undone_list_leaves_no_boarder_behind(clerk: Desk, term: str, pupils) -> None:
    clerk.check(HEAD, line("李小兰", "四1", 201, 3), term=term)
    clerk.confirm()
    clerk.act("undo")
    child = Child.objects.get(pk=pupils["lan"].pk)
    assert (BoardingTerm.objects.count(), child.boarding, child.dorm_bed) == (0, "", "")


def test_two_pupils_in_one_bed_are_told_and_a_pupil_twice_is_refused(clerk: Desk, term: str) -> None:
    clerk.check(
        HEAD, line("李小兰", "四1", 201, 3), line("韦小禾", "四2", 201, 3), line("李小兰", "四1", 202, 1), term=term
    )
    words = " ".join(clerk.faults())
    assert "“201-3”这个床位导入后有 2 名学生：李小兰、韦小禾" in words
    assert "与第2行重复" in words
    assert clerk.counts() == (2, 0, 0, 1)


def test_beds_of_an_earlier_term_stay_out_of_the_dossier(clerk: Desk, school: School, pupils) -> None:
    earlier = str(Term.objects.get(school=school, year=2025).pk)
    row = line("李小兰", "四1", 105, 2)
    row[6] = "2026-03-01"
    clerk.check(HEAD, row, term=earlier)
    clerk.confirm()
    assert BoardingTerm.objects.get().bed == "105-2"
    assert Child.objects.get(pk=pupils["lan"].pk).dorm_bed == ""


def test_a_day_after_the_chosen_term_is_refused_with_what_to_do(clerk: Desk, school: School) -> None:
    clerk.check(HEAD, line("李小兰", "四1", 105, 2), term=str(Term.objects.get(school=school, year=2025).pk))
    assert any("在所选学期结束" in words for words in clerk.faults())


def test_the_day_of_moving_in_is_kept_and_corrected_by_a_later_list(clerk: Desk, term: str, pupils) -> None:
    row = line("李小兰", "四1", 105, 2)
    row[6] = "2025年9月"
    clerk.check(HEAD, row, term=term)
    assert any("只写到“2025-09”，记作2025年9月1日" in words for words in clerk.faults())
    clerk.confirm()
    assert BoardingTerm.objects.get().since == dt.date(2025, 9, 1)
    row[6] = "2025-09-15"
    clerk.check(HEAD, row, term=term)
    assert "2025-09-15" in clerk.page("preview", "?show=changed").content.decode()
    clerk.confirm()
    row[6] = ""
    clerk.check(HEAD, row, term=term)
    assert clerk.counts() == (0, 0, 1, 0), "an empty cell clears nothing"
    assert BoardingTerm.objects.get().since == dt.date(2025, 9, 15)
    clerk.check(HEAD[:6], row[:6], term=term)
    assert clerk.counts() == (0, 0, 1, 0)


TOLD = ["班级", "姓名", "宿舍床位", "入住日期", "负责教师", "住宿表现", "学期评语"]


def test_the_exported_list_comes_back_whole(desk, school: School, term: str, pupils) -> None:
    """A keeper without a post and one who has left are known; what was said of the term is taken back."""
    homeroom = make_staff(Role.HOMEROOM, pupils["lan"].school_class, name="田老师")
    matron, gone = make_staff(name="宿管阿姨"), make_staff(name="去年老师")
    make_mentor(matron, school)
    lan = pupils["lan"]
    Child.objects.filter(pk=lan.pk).update(boarding="2", dorm_bed="201-3")
    stay = BoardingTerm.objects.create(child=lan, term_id=term, bed="201-3", keeper=gone, rating="fair", comment="好学")
    clerk = desk(homeroom, "boarding")
    export = clerk.client.get(reverse("children:boarding_export")).getvalue()
    clerk.send_file(SimpleUploadedFile("寄宿.xlsx", export), term=term)
    assert clerk.counts() == (0, 0, 1, 0)
    assert [words for words in clerk.faults() if "性别" not in words] == []
    clerk.check(TOLD, ["四1", "李小兰", "201-3", "", "宿管阿姨", "需帮助", "夜里想家"], term=term)
    assert not clerk.faults()
    clerk.confirm()
    stay.refresh_from_db()
    assert (stay.keeper, stay.rating, stay.comment) == (matron, BoardingTerm.Rating.CARE, "夜里想家")
    clerk.check(TOLD, ["四1", "李小兰", "201-3", "", "", "马马虎虎", ""], term=term)
    assert any("看不懂住宿表现“马马虎虎”" in words for words in clerk.faults())


def test_who_does_not_write_care_brings_beds_but_no_evaluation(clerk: Desk, term: str) -> None:
    clerk.check(TOLD, ["四1", "李小兰", "201-3", "", "", "好", "内务整齐"], term=term)
    assert len([words for words in clerk.faults() if "您的岗位不登记" in words]) == 2
    clerk.confirm()
    stay = BoardingTerm.objects.get()
    assert (stay.bed, stay.rating, stay.comment) == ("201-3", "", "")


def test_the_template_itself_is_read(clerk: Desk, term: str) -> None:
    book = clerk.client.get(reverse("children:table_template", args=["boarding"]))
    assert book.status_code == 200
    assert len(book.getvalue()) > 1_000
