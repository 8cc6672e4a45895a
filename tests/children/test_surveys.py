"""Questionnaires: worded as text, typed from paper, told together without pointing at anybody."""

import io
import uuid
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import Survey, SurveySheet
from children.surveys import starter
from children.surveys.figures import results, running_in
from children.surveys.sheets import Entry, answers_of, enter, read_lines
from children.surveys.wording import questions_of, read, stored, written
from tests.support.factories import TODAY, appoint, make_child, make_class, make_left_behind, make_staff, make_term
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
ASKED = "1. 和谁住？\nA. 爸妈\nB. 爷爷奶奶\n\n2. 告诉谁？（多选）\nA. 老师\nB. 同学\nC. 谁也不说\n3. 开心吗？（打分）\n4. 想说的话（填写）"


@pytest.fixture
def place() -> SchoolClass:
    found = make_class()
    make_term(found.school)
    return found


def a_survey(place: SchoolClass, **given: Any) -> Survey:
    given = {"opened_on": TODAY, "title": "生活问卷", "questions": stored(read(ASKED)), **given}
    with change_by(None, "测试"):
        return Survey.objects.create(school=place.school, term=place.school.terms.get(), **given)


def type_in(survey: Survey, place: SchoolClass, *sheets: tuple[Any, ...], group: str = "") -> None:
    with change_by(None, "测试"):
        entries = [Entry(answers, uuid.uuid4(), group=group) for answers in sheets]
        enter(survey=survey, school_class=place, entries=entries, on=TODAY)


class TestWording:
    def test_what_is_shipped_reads_and_writes_as_it_stands(self) -> None:
        asked = read(starter.QUESTIONS)
        assert len(asked) == 11
        assert read(written(asked)) == asked
        assert questions_of(stored(asked)) == asked

    def test_every_fault_names_its_line(self) -> None:
        with pytest.raises(ValidationError) as refused:
            read("A. 先有选项\n1. 只有一个选项（单选）\nA. 是\n随便写的\n2. 打分题（打分）\nA. 不该有\n3. （填写）")
        told = " ".join(refused.value.messages)
        for words in (
            "第1行：选项前面还没有题目",
            "第2行“只有一个选项”",
            "第4行“随便写的”",
            "第5行“打分题”",
            "第7行：题目要有内容",
        ):
            assert words in told

    def test_without_a_mark_answers_make_a_choice_and_none_make_words(self) -> None:
        assert [one.kind for one in read("1、甲\nA、是\nB、否\n2、乙")] == ["one", "words"]


class TestEntering:
    def test_a_pile_is_read_line_by_line_or_not_at_all(self, place: SchoolClass) -> None:
        survey = a_survey(place)
        found = read_lines(survey, "留 A BC 4\n\n非 b - -\n", {}, uuid.uuid4())
        assert [(one.group, list(one.answers)) for one in found] == [
            ("left_behind", [0, [1, 2], 4, None]),
            ("other", [1, None, None, None]),
        ]
        with pytest.raises(ValidationError) as refused:
            read_lines(survey, "留 A BC 4\n某 A B 4\n留 AB D 6\n留 A", {}, uuid.uuid4())
        told = refused.value.messages
        assert [words[:3] for words in told] == ["第2行", "第3行", "第3行", "第3行", "第4行"]

    def test_by_name_the_pupil_is_found_once_and_grouped_by_the_facts(self, place: SchoolClass) -> None:
        survey = a_survey(place, anonymous=False)
        away, home = make_left_behind("李小兰", at=place), make_child("石小禾", place)
        pupils = {child.name: [child] for child in (away, home)}
        with pytest.raises(ValidationError, match="在上面已有一行"):
            read_lines(survey, "李小兰 A A 3\n李小兰 A A 3", pupils, uuid.uuid4())
        entries = read_lines(survey, "李小兰 A A 3\n石小禾 B B 5", pupils, uuid.uuid4())
        with change_by(None, "测试"):
            assert enter(survey=survey, school_class=place, entries=entries, on=TODAY) == 2
            assert enter(survey=survey, school_class=place, entries=entries, on=TODAY) == 0
            again = read_lines(survey, "李小兰 B B 1", pupils, uuid.uuid4())
            with pytest.raises(ValidationError, match="李小兰的答卷已经录入过"):
                enter(survey=survey, school_class=place, entries=again, on=TODAY)
        assert dict(survey.sheets.values_list("child__name", "group")) == {"李小兰": "left_behind", "石小禾": "other"}

    def test_no_sheet_before_it_is_handed_out_nor_an_empty_one(self, place: SchoolClass) -> None:
        with pytest.raises(ValidationError, match="不在发放期间"):
            type_in(a_survey(place, opened_on=None), place, (0, None, 3, None))
        with pytest.raises(ValidationError, match="一题也没有填写"):
            type_in(a_survey(place, title="另一份"), place, (None, [], None, ""))

    def test_forty_sheets_cost_what_one_costs(self, place: SchoolClass, django_assert_num_queries: Any) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        survey = a_survey(place)
        with CaptureQueriesContext(connection) as one:
            type_in(survey, place, (0, None, 3, None))
        with django_assert_num_queries(len(one)):
            type_in(survey, place, *[(0, None, 3, None)] * 40)


class TestResults:
    def test_counts_shares_and_the_mean(self, place: SchoolClass) -> None:
        survey = a_survey(place)
        type_in(survey, place, *[(0, [0, 1], 5, "谢谢")] * 6, group="left_behind")
        type_in(survey, place, *[(1, [2], 3, None)] * 6, group="other")
        found = results(survey)
        assert found.columns == (("全部", 12), ("留守学生", 6), ("其他学生", 6))
        first, several, score, words = found.questions
        assert [(share.count, share.percent) for share in first.rows[0].shares] == [
            (6, "50.0%"),
            (6, "100.0%"),
            (0, "0.0%"),
        ]
        assert [row.shares[0].count for row in several.rows] == [6, 6, 6]
        assert score.mean == "4.0"
        assert words.written == ("谢谢",) * 6

    def test_few_sheets_without_a_name_are_not_told(self, place: SchoolClass) -> None:
        survey = a_survey(place)
        type_in(survey, place, *[(0, None, 3, None)] * 4, group="left_behind")
        assert "不足 5 份" in results(survey).withheld
        type_in(survey, place, *[(0, None, 3, None)] * 4, group="other")
        found = results(survey)
        # Eight may be told; four left-behind pupils could be told apart, so nobody is.
        assert found.columns == (("全部", 8),)


class TestStartPage:
    @pytest.mark.data
    def test_however_many_questionnaires_run_the_start_page_asks_three_statements(
        self, place: SchoolClass, django_assert_num_queries: Any
    ) -> None:
        other = make_class(place.school, number=2)
        for school_class, names in ((place, "石小禾 罗小山 龙小川"), (other, "李小兰")):
            for name in names.split():
                make_child(name, school_class)
        first, second = a_survey(place), a_survey(place, title="心理问卷")
        a_survey(place, title="收好的问卷", closed_on=TODAY)
        type_in(first, place, *[(0, None, 3, None)] * 2)
        type_in(second, other, (0, None, 3, None))
        teacher = make_staff(Role.HOMEROOM, place)
        appoint(teacher, Role.HOMEROOM, other)
        own = teacher.classes_as(Role.HOMEROOM)
        with django_assert_num_queries(3):
            found = {(survey.title, one.school_class): one.left for survey, one in running_in(own, TODAY)}
        assert found == {
            ("生活问卷", place): 1, ("生活问卷", other): 1, ("心理问卷", place): 3, ("心理问卷", other): 0
        }  # fmt: skip

    def test_without_a_running_questionnaire_one_statement_is_enough(
        self, place: SchoolClass, django_assert_num_queries: Any
    ) -> None:
        a_survey(place, closed_on=TODAY)
        with django_assert_num_queries(1):
            assert running_in([place], TODAY) == []


class TestPages:
    def test_from_the_first_page_to_the_table(self, client: Client, place: SchoolClass) -> None:
        client.force_login(make_staff(Role.CARE_LEAD, place.school))
        page = client.get(reverse("children:survey_add"))
        given = {**page.context["form"].initial, "audience": "pupils", "anonymous": "on", "due_on": ""}
        shown = client.post(reverse("children:survey_add"), given, follow=True).content.decode()
        assert "还没有发放" in shown
        survey = Survey.objects.get()
        client.post(reverse("children:survey_open", args=[survey.pk]))

        teacher = make_staff(Role.HOMEROOM, place)
        make_child("石小禾", place)
        client.force_login(teacher)
        assert "问卷未录入" in client.get("/").content.decode()
        url = reverse("children:sheet_add", args=[survey.pk, place.pk])
        sheet = client.get(url)
        key = sheet.context["form"]["client_key"].value()
        answers = {"client_key": key, "group": "left_behind", "q1": "2", "q5": ["0", "4"], "q10": "2", "q11": "想妈妈"}
        client.post(url, answers)
        client.post(url, answers)
        assert survey.sheets.count() == 1
        assert "不足 5 份" in client.get(reverse("children:survey_show", args=[survey.pk])).content.decode()

    def test_a_refused_pile_keeps_its_text(self, client: Client, place: SchoolClass) -> None:
        survey = a_survey(place)
        client.force_login(make_staff(Role.HOMEROOM, place))
        url = reverse("children:sheet_lines", args=[survey.pk, place.pk])
        key = client.get(url).context["form"]["client_key"].value()
        answer = client.post(url, {"client_key": key, "lines": "留 A A 3\n留 X A 3"})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "第2行：第1题应是A至B" in text
        assert "留 X A 3" in text
        assert not survey.sheets.exists()

    def test_answered_questions_stand_still(self, client: Client, place: SchoolClass) -> None:
        survey = a_survey(place)
        type_in(survey, place, (0, None, 3, None))
        client.force_login(make_staff(Role.PRINCIPAL, place.school))
        given = {
            "title": "改名",
            "audience": "pupils",
            "questions": "1. 甲（填写）",
            "version": survey.version,
            "due_on": "",
        }
        answer = client.post(reverse("children:survey_edit", args=[survey.pk]), given)
        assert "题目不能再改" in answer.content.decode()
        client.post(reverse("children:survey_remove", args=[survey.pk]))
        survey.refresh_from_db()
        assert (survey.title, len(survey.questions)) == ("生活问卷", 4)

    def test_paper_and_workbook(self, client: Client, place: SchoolClass) -> None:
        survey = a_survey(place)
        type_in(survey, place, *[(0, [0], 4, "=1+1")] * 5)
        client.force_login(make_staff(Role.PRINCIPAL, place.school))
        blank = "".join(text_of(client.get(reverse("children:survey_print", args=[survey.pk])).content).split())
        for words in ("生活问卷", "不用写姓名", "A.爸妈", "□1分"):
            assert words in blank
        table = "".join(text_of(client.get(reverse("children:survey_result_print", args=[survey.pk])).content).split())
        for words in ("生活问卷结果", "平均4.0分", "100.0%", "单位负责人（签名）"):
            assert words in table
        answer = client.get(reverse("children:survey_export", args=[survey.pk]))
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
        assert (cells[5], cells["=1+1"]) == ("n", "s")

    def test_an_answer_that_must_be_reported_is_told_at_once(self, client: Client, place: SchoolClass) -> None:
        asked = stored(read("1. 有人欺负你吗？\nA. 没有\nB. 有★"))
        survey = a_survey(place, anonymous=False, questions=asked)
        child = make_left_behind("李小兰", at=place)
        client.force_login(make_staff(Role.HOMEROOM, place))
        url = reverse("children:sheet_add", args=[survey.pk, place.pk])
        key = client.get(url).context["form"]["client_key"].value()
        page = client.post(url, {"client_key": key, "child": child.pk, "q1": "1"}, follow=True).content.decode()
        assert "李小兰：第1题“有人欺负你吗？”答了“有”" in page
        report = f"{reverse('activities:worry_add')}?child={child.pk}"
        assert f'<a href="{report}">报告担心的事</a>' in page
        assert client.get(report).context["form"]["who"].value().startswith("李小兰")
        assert "要报告" in client.get(reverse("children:survey_class", args=[survey.pk, place.pk])).content.decode()
        assert "★" not in text_of(client.get(reverse("children:survey_print", args=[survey.pk])).content)

    def test_a_sheet_is_read_again_and_put_right(self, client: Client, place: SchoolClass) -> None:
        survey = a_survey(place, anonymous=False)
        child = make_left_behind("李小兰", at=place)
        entries = read_lines(survey, "李小兰,A,BC,4", {"李小兰": [child]}, uuid.uuid4())
        with change_by(None, "测试"):
            enter(survey=survey, school_class=place, entries=entries, on=TODAY)
        client.force_login(make_staff(Role.HOMEROOM, place))
        sheet = SurveySheet.objects.get()
        url = reverse("children:sheet_edit", args=[sheet.pk])
        form = client.get(url).context["form"]
        assert (form["q1"].value(), form["q2"].value(), form["q3"].value()) == (0, ["1", "2"], 4)
        assert AccessEntry.objects.filter(event=Event.VIEW, child_id=child.pk).exists()
        assert client.post(url, {"version": sheet.version, "q1": "1", "q2": ["0"], "q3": "5"}).status_code == 302
        sheet.refresh_from_db()
        assert answers_of(sheet) == [1, [0], 5, None]
        assert client.post(url, {"version": 1, "q1": "0"}).status_code == 409

    def test_a_sheet_by_name_is_logged_and_can_be_taken_out(self, client: Client, place: SchoolClass) -> None:
        survey = a_survey(place, anonymous=False)
        child = make_left_behind("李小兰", at=place)
        client.force_login(make_staff(Role.HOMEROOM, place))
        url = reverse("children:sheet_add", args=[survey.pk, place.pk])
        key = client.get(url).context["form"]["client_key"].value()
        client.post(url, {"client_key": key, "child": child.pk, "q1": "0"})
        assert AccessEntry.objects.filter(event=Event.WRITE, child_id=child.pk).exists()
        assert "学生填写问卷：生活问卷" in client.get(f"/students/{child.pk}/timeline/").content.decode()
        client.post(reverse("children:sheet_remove", args=[SurveySheet.objects.get().pk]))
        assert not SurveySheet.objects.exists()
