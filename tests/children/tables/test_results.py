"""Results of examinations from a school's own lists."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.models import Result
from children.tables.results import read_mark, subject_of
from tests.support.factories import make_class, make_school, make_staff, make_term


@pytest.fixture
def lead(school) -> Any:
    return make_staff(Role.CARE_LEAD, school, name="冉主任")


MARKS = ["序号", "班级", "姓名", "语文", "数学成绩", "英语（满分120）", "总分", "名次"]


@pytest.mark.data
def test_marks_by_column_and_never_a_rank(desk, lead, school, pupils) -> None:
    clerk = desk(lead, "results")
    term = str(school.terms.get(season=1).pk)
    rows = [
        [1, "四（1）班", "李小兰", 92.5, "优", 110, 290, 1],
        [2, "四（2）班", "韦小禾", "缺考", 78, None, 78, 2],
    ]
    clerk.check(MARKS, *rows, term=term, occasion="期末")
    assert clerk.counts() == (2, 0, 0, 0)
    assert any("G列“总分”、H列“名次”没有导入" in fault for fault in clerk.faults())
    clerk.confirm()
    found = {(r.child.name, r.subject): (r.mark, r.level, r.full_mark, r.entered_by) for r in Result.objects.all()}
    assert found == {
        ("李小兰", "语文"): (Decimal("92.5"), "", 100, lead),
        ("李小兰", "数学"): (None, "优", 100, lead),
        ("李小兰", "英语"): (Decimal(110), "", 120, lead),
        ("韦小禾", "数学"): (Decimal(78), "", 100, lead),
    }
    clerk.check(MARKS, *rows, term=term, occasion="期末")
    assert clerk.counts() == (0, 0, 2, 0)
    rows[0][3] = 95
    clerk.check(MARKS, *rows, term=term, occasion="期末")
    assert "<del>92.5</del>" in clerk.page("preview", "?show=changed").content.decode()
    clerk.confirm()
    assert Result.objects.get(child=pupils["lan"], subject="语文").mark == 95
    clerk.act("undo")
    assert Result.objects.get(child=pupils["lan"], subject="语文").mark == Decimal("92.5")


def test_a_mark_a_row_and_a_mark_that_replaces_a_level(desk, lead, school, pupils) -> None:
    term = school.terms.get(season=1)
    Result.objects.create(child=pupils["lan"], term=term, subject="语文", occasion="期末", level="良")
    clerk = desk(lead, "results")
    head = ["姓名", "班级", "科目", "成绩"]
    clerk.check(
        head, ["李小兰", "四1", "语文", 91], ["李小兰", "四1", "数学", "优秀"], term=str(term.pk), occasion="期末"
    )
    assert clerk.counts() == (1, 1, 0, 0)
    clerk.confirm()
    known = Result.objects.get(subject="语文")
    assert (known.mark, known.level) == (91, "")


def test_the_preview_counts_rows_a_pupil_may_have_several(desk, lead, school, pupils) -> None:
    clerk = desk(lead, "results")
    rows = [["李小兰", "四1", "语文", 91], ["李小兰", "四1", "数学", 88]]
    clerk.check(["姓名", "班级", "科目", "成绩"], *rows, term=str(school.terms.get(season=1).pk), occasion="期末")
    assert "新登记 2 行，更新 0 行" in clerk.page("preview").content.decode()


SAT = ["姓名", "班级", "学期", "考查", "语文"]


def test_each_row_is_of_the_examination_that_it_names(desk, lead, school, pupils) -> None:
    autumn, spring = school.terms.get(season=1), school.terms.get(season=2)
    clerk = desk(lead, "results")
    rows = [
        ["李小兰", "四1", "2025—2026学年第二学期", "期中考试", 91],
        ["李小兰", "四1", "", "", 93],
        ["韦小禾", "四2", str(autumn), "期末", 88],
    ]
    clerk.check(SAT, *rows, term=str(autumn.pk), occasion="期末")
    assert clerk.counts() == (3, 0, 0, 0)
    assert any("按表里写的学期和考查登记：2025—2026学年第二学期期中，" in fault for fault in clerk.faults())
    preview = clerk.page("preview", "?show=new").content.decode()
    assert "2025—2026学年第二学期期中语文" in preview
    assert "期末语文" not in preview
    clerk.confirm()
    found = {(r.child.name, r.term, r.occasion, r.mark) for r in Result.objects.select_related("term", "child")}
    assert found == {("李小兰", spring, "期中", 91), ("李小兰", autumn, "期末", 93), ("韦小禾", autumn, "期末", 88)}
    clerk.check(SAT, *rows, term=str(autumn.pk), occasion="期末")
    assert clerk.counts() == (0, 0, 3, 0)


def test_an_examination_that_nobody_names_is_asked_for(desk, lead, school, pupils) -> None:
    clerk = desk(lead, "results")
    clerk.check(SAT, ["李小兰", "四1", "", "期中", 91], ["韦小禾", "四2", "2019年春季学期", "", 88])
    words = " ".join(clerk.faults())
    assert "第2行 C列 没有写学期，请补上，或在上传时选好学期。" in words
    assert "第3行 C列 没有找到学期“2019年春季学期”" in words
    assert "第3行 D列 没有写是哪次考查" in words
    clerk.check(SAT[:2] + SAT[4:], ["李小兰", "四1", 91])
    assert clerk.counts() == (0, 0, 0, 1)


def test_results_kept_under_words_of_ones_own_are_corrected_not_doubled(desk, lead, school, pupils) -> None:
    term = school.terms.get(season=1)
    Result.objects.create(child=pupils["lan"], term=term, subject="语文", occasion="期末考试", mark=80)
    desk(lead, "results").check(SAT, ["李小兰", "四1", str(term), "期末考试", 80])
    assert desk(lead, "results").counts() == (0, 0, 1, 0)


@pytest.mark.data
def test_a_file_of_many_examinations_asks_no_more(desk, lead, school, pupils) -> None:
    clerk, term = desk(lead, "results"), school.terms.get(season=1)
    counted = []
    for rows in ([f"第{number}单元" for number in range(upto)] for upto in (1, 12)):
        with CaptureQueriesContext(connection) as asked:
            clerk.check(SAT, *(["李小兰", "四1", str(term), occasion, 90] for occasion in rows))
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_marks_out_of_range_are_told_with_the_full_mark(desk, lead, school, pupils) -> None:
    clerk = desk(lead, "results")
    term = str(school.terms.get(season=1).pk)
    clerk.check(MARKS, [1, "四1", "李小兰", 105, "很好", 121], term=term, occasion="期末")
    words = " ".join(clerk.faults())
    assert "第2行 D列 105 分超出 0–100" in words
    assert "第2行 E列 “很好”不是分数" in words
    assert "第2行 F列 121 分超出 0–120" in words


def test_marks_out_of_range_are_told_while_it_is_still_asked_whose_they_are(desk, lead, school, pupils) -> None:
    clerk = desk(lead, "results")
    term = str(school.terms.get(season=1).pk)
    clerk.check(["姓名", "语文"], ["李小兰", 101], ["韦小禾", 88], term=term, occasion="期末")
    assert clerk.last.counts["decide"] == 2, "the question stays"
    assert any(fault.startswith("第2行 B列 101 分超出 0–100") for fault in clerk.faults())
    clerk.act("answer", {"only": "1"})
    assert clerk.counts() == (1, 0, 0, 1)
    assert sum("101 分超出" in fault for fault in clerk.faults()) == 1


@pytest.mark.parametrize("day, occasion", [(dt.date(2026, 11, 20), "期中"), (dt.date(2027, 1, 8), "期末")])
def test_the_examination_of_the_time_of_year_is_preset(desk, lead, monkeypatch, day, occasion) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: day)
    form = desk(lead, "results").client.get(reverse("children:table_import", args=["results"])).context["form"]
    assert form["occasion"].value() == occasion


def test_a_subject_teacher_enters_own_marks_and_leaves_those_of_others(desk, school, lead, pupils) -> None:
    term = school.terms.get(season=1)
    Result.objects.create(
        child=pupils["lan"], term=term, subject="语文", occasion="期末", mark=88, full_mark=100, entered_by=lead
    )
    teacher = desk(make_staff(Role.TEACHER, make_class(school, 4, 1), name="覃老师"), "results")
    said = {"term": str(term.pk), "occasion": "期末"}
    teacher.check(["姓名", "班级", "数学"], ["李小兰", "四1", 90], **said)
    assert teacher.counts() == (1, 0, 0, 0)
    teacher.check(["姓名", "班级", "语文"], ["李小兰", "四1", 60], **said)
    assert "已由别的老师登记" in teacher.faults()[0]
    assert "88" not in teacher.page("preview").content.decode().split("问题清单")[-1]


def test_a_term_of_another_school_is_refused(desk, lead, school) -> None:
    other = make_term(make_school("石门村小学"))
    answer = desk(lead, "results").send(["姓名", "语文"], ["李小兰", 90], term=str(other.pk), occasion="期末")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "title, subject", [("语文", "语文"), ("数学成绩", "数学"), ("道法", "道德与法治"), ("语文排名", ""), ("座右铭", "")]
)
def test_subjects(title: str, subject: str) -> None:
    assert subject_of(title) == (f"subject.{subject}" if subject else "")


def test_levels_and_absences() -> None:
    assert read_mark("不及格").value.level == "待合格"
    assert read_mark("A").value.level == "优"
    assert read_mark("缺考").value is None
    assert not [remark for remark in read_mark("缺考").remarks if remark.level == "error"]
    assert read_mark("87.5分").value.mark == Decimal("87.5")
