"""Questionnaires by name: a sheet follows its pupil to another class, a form pressed twice is taken once."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import Child, Survey
from children.services import change_class, leave_school
from children.surveys.figures import ClassReturns, results, returns, running_in
from children.surveys.sheets import Entry, answers_of, enter, read_lines, waiting_pupils
from children.surveys.wording import read, stored
from tests.support.factories import TODAY, make_child, make_class, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def place() -> SchoolClass:
    found = make_class()
    make_term(found.school)
    return found


@pytest.fixture
def other(place: SchoolClass) -> SchoolClass:
    return make_class(place.school, number=2)


@pytest.fixture
def survey(place: SchoolClass) -> Survey:
    questions = stored(read("1. 和谁住？\nA. 爸妈\nB. 爷爷奶奶\n2. 开心吗？（打分）"))
    with change_by(None, "测试"):
        return Survey.objects.create(
            school=place.school, term=place.school.terms.get(), opened_on=TODAY, title="生活问卷", questions=questions,
            anonymous=False,
        )  # fmt: skip


def sheet_of(survey: Survey, child: Child, place: SchoolClass, answers: tuple[Any, ...] = (0, 4)) -> None:
    with change_by(None, "测试"):
        enter(survey=survey, school_class=place, entries=[Entry(answers, uuid.uuid4(), child)], on=TODAY)


def in_class(found: list[ClassReturns]) -> dict[str, tuple[int, int, int]]:
    return {one.name: (one.pupils, one.sheets, one.left) for one in found}


class TestAnotherClass:
    @pytest.fixture
    def moved(self, survey: Survey, place: SchoolClass, other: SchoolClass) -> Child:
        """石小禾, whose sheet is in, is now in the second class with 龙小山, whose is in too; 田小雨 stays and waits."""
        moved, third = make_child("石小禾", place), make_child("龙小山", other)
        make_child("田小雨", place)
        sheet_of(survey, moved, place, (1, 5))
        sheet_of(survey, third, other)
        with change_by(None, "测试"):
            change_class(child=moved, to=other, on=TODAY, by=None)
        return moved

    def test_the_class_that_waits_for_a_sheet_is_the_one_that_still_has_to_enter_it(
        self, survey: Survey, place: SchoolClass, other: SchoolClass, moved: Child
    ) -> None:
        assert in_class(returns(survey, TODAY)) == {"四（1）班": (1, 0, 1), "四（2）班": (2, 2, 0)}
        found = {one.school_class: one.left for _, one in running_in([place, other], TODAY)}
        assert found == {place: waiting_pupils(survey, place).count(), other: 0} == {place: 1, other: 0}

    def test_the_present_teacher_reads_and_corrects_it_the_former_does_not(
        self, client: Client, survey: Survey, place: SchoolClass, other: SchoolClass, moved: Child
    ) -> None:
        sheet = moved.survey_sheets.get()
        edit, sent = reverse("children:sheet_edit", args=[sheet.pk]), {"version": sheet.version, "q1": "0", "q2": "3"}
        client.force_login(make_staff(Role.HOMEROOM, place))
        assert "石小禾" not in client.get(reverse("children:survey_class", args=[survey.pk, place.pk])).content.decode()
        assert client.get(edit).status_code == 404
        client.force_login(make_staff(Role.HOMEROOM, other))
        listed = reverse("children:survey_class", args=[survey.pk, other.pk])
        assert edit in client.get(listed).content.decode()
        assert "四（2）班" in client.get(edit).content.decode()
        assert client.post(edit, sent).url == listed
        sheet.refresh_from_db()
        assert answers_of(sheet) == [0, 3]

    def test_it_is_told_with_the_class_it_went_to(
        self, survey: Survey, place: SchoolClass, other: SchoolClass, moved: Child
    ) -> None:
        assert [results(survey, [one.pk]).sheets for one in (place, other)] == [0, 2]

    def test_the_sheet_of_a_leaver_stays_with_its_class_and_stands_for_nobody_else(
        self, survey: Survey, place: SchoolClass
    ) -> None:
        leaver = make_child("石小禾", place)
        make_child("田小雨", place)
        sheet_of(survey, leaver, place)
        with change_by(None, "测试"):
            leave_school(child=leaver, on=TODAY, kind="out_transfer", by=None, reason="随父母")
        assert in_class(returns(survey, TODAY)) == {"四（1）班": (1, 1, 1)}


class TestPressedTwice:
    def test_one_sheet(self, client: Client, survey: Survey, place: SchoolClass) -> None:
        child, next_one = make_child("石小禾", place), make_child("田小雨", place)
        client.force_login(make_staff(Role.HOMEROOM, place))
        url = reverse("children:sheet_add", args=[survey.pk, place.pk])
        key = client.get(url).context["form"]["client_key"].value()
        sent = {"client_key": key, "child": child.pk, "q1": "0"}
        for _ in range(2):
            assert "石小禾的答卷已保存" in client.post(url, sent, follow=True).content.decode()
        assert survey.sheets.count() == 1
        back = client.post(url, sent | {"child": next_one.pk})
        assert back.status_code == 422, "another pupil on a page that was sent is not thrown away in silence"
        assert "重新打开" in back.content.decode()

    def test_a_pile_that_begins_with_an_empty_line(self, client: Client, survey: Survey, place: SchoolClass) -> None:
        for name in ("石小禾", "田小雨"):
            make_child(name, place)
        client.force_login(make_staff(Role.HOMEROOM, place))
        url = reverse("children:sheet_lines", args=[survey.pk, place.pk])
        key = client.get(url).context["form"]["client_key"].value()
        sent = {"client_key": key, "lines": "\r\n石小禾 A 4"}
        assert "已保存 1 份答卷" in client.post(url, sent, follow=True).content.decode()
        assert "这些答卷已经保存" in client.post(url, sent, follow=True).content.decode()
        fault = client.post(url, sent | {"lines": sent["lines"] + "\r\n田小雨 X 3"})
        assert "第3行" in fault.content.decode(), "the line is named by its number on the page"
        assert survey.sheets.count() == 1

    def test_a_pile(self, client: Client, survey: Survey, place: SchoolClass) -> None:
        for name in ("石小禾", "田小雨", "龙小山"):
            make_child(name, place)
        client.force_login(make_staff(Role.HOMEROOM, place))
        url = reverse("children:sheet_lines", args=[survey.pk, place.pk])
        key = client.get(url).context["form"]["client_key"].value()
        sent = {"client_key": key, "lines": "石小禾 A 4\n\n田小雨 B 3"}
        assert "已保存 2 份答卷" in client.post(url, sent, follow=True).content.decode()
        assert "这些答卷已经保存" in client.post(url, sent, follow=True).content.decode()
        longer = sent | {"lines": sent["lines"] + "\n龙小山 A 5"}
        assert "已保存 1 份答卷" in client.post(url, longer, follow=True).content.decode()
        assert survey.sheets.count() == 3
        client.force_login(make_staff(Role.HOMEROOM, place))
        key = client.get(url).context["form"]["client_key"].value()
        again = client.post(url, sent | {"client_key": key})
        assert "石小禾的答卷已经录入" in again.content.decode()


@pytest.mark.parametrize(
    "line", ["阿依古丽·买买提 A 4", "阿依古丽•买买提 Ａ ４", "阿依古丽买买提，ａ，４", "阿依古丽．买买提　Ａ４"]
)
def test_what_a_chinese_keyboard_gives_is_read(survey: Survey, place: SchoolClass, line: str) -> None:
    child = make_child("阿依古丽·买买提", place)
    (entry,) = read_lines(survey, line, {"阿依古丽买买提": [child]}, uuid.uuid4())
    assert (entry.child, list(entry.answers)) == (child, [0, 4])


@pytest.mark.parametrize("line", ["留守 Ａ －", "留，a，—", "留　Ａ－", "－ A —"])
def test_without_names_likewise(survey: Survey, line: str) -> None:
    survey.anonymous = True
    (entry,) = read_lines(survey, line, {}, uuid.uuid4())
    assert list(entry.answers) == [0, None]
    assert entry.group == ("left_behind" if line.startswith("留") else "")


def test_a_name_with_a_dot_is_found_in_the_pile_of_a_page(client: Client, survey: Survey, place: SchoolClass) -> None:
    make_child("阿依古丽·买买提", place)
    client.force_login(make_staff(Role.HOMEROOM, place))
    url = reverse("children:sheet_lines", args=[survey.pk, place.pk])
    key = client.get(url).context["form"]["client_key"].value()
    assert client.post(url, {"client_key": key, "lines": "阿依古丽•买买提 Ａ 4"}).status_code == 302
    with pytest.raises(ValidationError, match="没有等待录入"):
        read_lines(survey, "古丽 A 4", {}, uuid.uuid4())
