"""工作手册: one press, every record of the term in order, with cover, contents and pages; what is confidential stays out."""

import re
import zipfile
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.services import Contact, record_contact
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.jobs.models import Job, JobStatus
from caretrack.jobs.services import run
from reports.builders import workbook
from reports.builders.workbook import class_book, mentor_book
from tests.support.factories import (
    appoint,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
    make_term,
)
from tests.support.paper import pages_of, silent_layout

pytestmark = pytest.mark.django_db


@pytest.fixture
def mate(world):
    return make_left_behind("龙小喆", world.four)


@pytest.fixture
def lived(world, mate):
    """A term in two months with talks of one, a talk with both, and what no book binds."""
    child, homeroom = world.child, world.homeroom
    make_record(child, homeroom, date(2026, 11, 2), content="十一月谈了成绩")
    make_record(child, homeroom, date(2026, 9, 10), content="九月谈了想家")
    make_record(mate, homeroom, date(2026, 9, 20), kind="home_visit", content="家里有电脑")
    together = Contact(kind="talk", on=date(2026, 10, 12), content="聊了假期安全。")
    record_contact(
        children=[child, mate], contact=together, by=homeroom, today=date(2026, 10, 12),
        private_lines={mate.pk: "单独提醒不下河。"},
    )  # fmt: skip
    make_record(child, homeroom, date(2026, 11, 3), content="只给少数人看", visibility="restricted")
    make_record(child, make_staff(Role.COUNSELLOR, world.school), date(2026, 11, 4), kind="counselling", content="")
    make_record(world.other, homeroom, date(2026, 11, 5), content="别班的孩子")
    return child


def bind(client, staff, owner, **more):
    client.force_login(staff)
    answer = client.post(reverse("reports:workbooks"), {"owner": owner} | more)
    job = Job.objects.get()
    assert answer.url == reverse("jobs:job_show", args=[job.pk])
    with silent_layout():
        run(job.pk)
    job.refresh_from_db()
    return job


def pages(client, job):
    answer = client.get(reverse("jobs:job_download", args=[job.pk]))
    return pages_of(b"".join(answer.streaming_content))


class TestClassBook:
    def test_one_press_binds_the_running_term_in_order(self, client, world, lived):
        job = bind(client, world.homeroom, f"c{world.four.pk}")
        assert job.file_name == "四（1）班班主任工作手册（2026—2027学年第一学期）.pdf"
        read = pages(client, job)
        for words in (
            "班主任工作手册",
            world.school.name,
            "四（1）班",
            "罗老师",
            "2026—2027学年第一学期",
            "学生人数2人",
        ):
            assert words in read[0]
        whole = "".join(read[2:])
        order = [whole.index(text) for text in ("九月谈了想家", "家里有电脑", "聊了假期安全", "十一月谈了成绩")]
        assert order == sorted(order)
        assert "别班的孩子" not in whole

    def test_the_contents_lead_to_the_right_pages(self, client, world, lived):
        read = pages(client, bind(client, world.homeroom, f"c{world.four.pk}"))
        for month in ("2026年9月", "2026年10月", "2026年11月"):
            (told,) = re.findall(rf"{month}工作记录\d份(\d+?)(?=2026年|共收录)", read[1])
            assert f"{month}工作记录" in read[int(told) - 1]
            assert f"第{told}页" in read[int(told) - 1]

    def test_confidential_records_are_counted_and_left_out(self, client, world, lived):
        whole = "".join(pages(client, bind(client, world.principal, f"c{world.four.pk}")))
        assert "只给少数人看" not in whole
        assert "心理辅导记录卡" not in whole
        assert "另有2条心理辅导和限知情人记录" in whole

    def test_a_talk_with_many_is_one_card_with_the_line_for_one(self, client, world, lived):
        book = class_book(world.four, world.term, staff=world.homeroom, on=date(2026, 11, 28))
        assert (book.records, book.cards) == (5, 4)
        whole = "".join(pages(client, bind(client, world.homeroom, f"c{world.four.pk}")))
        assert whole.count("聊了假期安全。") == 1
        assert "龙小喆：单独提醒不下河。" in whole
        assert "集体（2人）" in whole

    def test_the_list_counts_by_kind_and_says_who_has_nothing(self, world, lived):
        make_left_behind("宋无记", world.four)
        book = class_book(world.four, world.term, staff=world.homeroom, on=date(2026, 11, 28))
        told = {child.name: child.counts for child in book.children}
        assert told == {"陈欣怡": (3, 0, 0, 0, 0), "龙小喆": (1, 1, 0, 0, 0), "宋无记": (0, 0, 0, 0, 0)}

    def test_a_thick_book_is_cut_into_volumes_of_whole_months(self, client, world, lived, mate, monkeypatch):
        monkeypatch.setattr(workbook, "MOST_CARDS", 2)
        job = bind(client, world.homeroom, f"c{world.four.pk}")
        with zipfile.ZipFile(job.file_path) as packed:
            names = packed.namelist()
            read = ["".join(pages_of(packed.read(name))) for name in names]
        assert [name.rpartition("第")[2] for name in names] == ["1册（共2册）.pdf", "2册（共2册）.pdf"]
        assert ["家里有电脑" in text for text in read] == [True, False]
        assert ["聊了假期安全" in text for text in read] == [False, True]
        assert all("全套收录记录5条，本册装订2份" in text for text in read)

    def test_a_month_that_is_too_thick_is_cut_in_its_order(self, world, lived, monkeypatch):
        monkeypatch.setattr(workbook, "MOST_CARDS", 1)
        book = class_book(world.four, world.term, staff=world.homeroom, on=date(2026, 11, 28))
        bound = workbook.volumes(book)
        labels = [chapter.label for volume in bound for chapter in volume.chapters]
        assert labels == ["2026年9月（1）", "2026年9月（2）", "2026年10月", "2026年11月"]
        assert [volume.cards for volume in bound] == [1, 1, 1, 1]
        assert sum(volume.cards for volume in bound) == book.cards

    def test_the_holiday_belongs_to_the_term_before_it(self, world, lived):
        make_record(lived, world.homeroom, date(2027, 2, 5), content="寒假家访")
        make_term(world.school, season=2, starts_on=date(2027, 3, 1), ends_on=date(2027, 7, 5))
        book = class_book(world.four, world.term, staff=world.homeroom, on=date(2027, 3, 20))
        assert book.chapters[-1].key == "month-2027-02"
        assert dict(book.about)["收录日期"].endswith("2027年2月28日（含假期）")

    def test_the_lead_binds_the_books_of_all_classes_at_once(self, client, world, lived):
        client.force_login(world.care_lead)
        address = reverse("reports:workbooks")
        assert "全部班级，每班一册" in client.get(address).content.decode()
        job = bind(client, world.care_lead, f"s{world.school.pk}c")
        assert job.status == JobStatus.DONE
        with zipfile.ZipFile(job.file_path) as packed:
            names = packed.namelist()
        assert [("四（1）班" in name, "五（1）班" in name) for name in sorted(names, key=lambda n: "五" in n)] == [
            (True, False),
            (False, True),
        ]
        client.force_login(world.homeroom)
        assert "全部班级，每班一册" not in client.get(address).content.decode()
        assert client.post(address, {"owner": f"s{world.school.pk}c"}).status_code == 422

    def test_who_teaches_two_classes_is_not_offered_all_of_the_school(self, client, world, lived):
        appoint(world.homeroom, Role.HOMEROOM, world.five)
        client.force_login(world.homeroom)
        address = reverse("reports:workbooks")
        offered = dict(client.get(address).context["form"].fields["owner"].choices)
        assert len(offered["班主任工作手册"]) == 2
        assert "一次全部装订" not in offered
        assert client.post(address, {"owner": f"s{world.school.pk}c"}).status_code == 422

    def test_the_page_of_a_class_asks_for_its_own_book_alone(self, client, world, lived):
        client.force_login(world.care_lead)
        address = reverse("reports:print_class", args=[world.four.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert f'value="c{world.four.pk}"' in client.get(address).content.decode()
        assert not any('ORDER BY "mentoring_mentor"."pinyin"' in one["sql"] for one in asked.captured_queries)

    def test_each_child_is_in_the_access_log_and_the_download_too(self, client, world, lived, mate):
        pages(client, bind(client, world.homeroom, f"c{world.four.pk}"))
        told = AccessEntry.objects.filter(event=Event.PRINT)
        assert set(told.exclude(child_id=None).values_list("child_id", flat=True)) == {lived.pk, mate.pk}
        assert told.filter(child_id=None).count() == 1

    @pytest.mark.parametrize("heads", [1, 9])
    def test_more_children_cost_no_more_statements(self, world, heads, django_assert_max_num_queries):
        for number in range(heads):
            make_record(make_left_behind(f"李小{number}", world.four), world.homeroom)
        with django_assert_max_num_queries(20):
            class_book(world.four, world.term, staff=world.homeroom, on=date(2026, 11, 28))


class TestMentorBook:
    @pytest.fixture
    def mentor(self, world, lived):
        mentor = make_mentor(make_staff(Role.TEACHER, world.five, name="莫老师"), world.school)
        make_pairing(lived, mentor)
        make_record(lived, mentor.staff, date(2026, 11, 6), content="代理家长写的")
        return mentor

    def test_a_mentor_binds_what_the_mentor_did(self, client, world, mentor):
        read = pages(client, bind(client, mentor.staff, f"m{mentor.pk}"))
        for words in ("代理家长工作手册", "莫老师", "学生人数1人"):
            assert words in read[0]
        whole = "".join(read)
        assert "代理家长写的" in whole
        assert "2026年9月1日起" in whole
        assert "好保姆" in read[1]
        assert "九月谈了想家" not in whole

    def test_an_ended_pairing_is_in_the_leads_book_only(self, world, mentor, lived):
        mentor.pairings.update(ends_on=date(2026, 11, 10), end_reason="expired")
        day = date(2026, 11, 28)
        assert mentor_book(mentor, world.term, staff=world.care_lead, on=day).records == 1
        assert mentor_book(mentor, world.term, staff=mentor.staff, on=day).records == 0

    def test_of_two_mentors_of_the_same_name_each_has_a_file(self, client, world, mentor, mate):
        namesake = make_mentor(make_staff(Role.TEACHER, world.five, name="莫老师"), world.school)
        make_pairing(mate, namesake)
        make_record(mate, namesake.staff, date(2026, 11, 7), content="另一位莫老师写的")
        job = bind(client, world.care_lead, f"s{world.school.pk}m")
        with zipfile.ZipFile(job.file_path) as packed:
            names, books = packed.namelist(), [packed.read(name) for name in packed.namelist()]
        assert len(set(names)) == 2
        assert sum("（2）.pdf" in name for name in names) == 1
        whole = ["".join(pages_of(book)) for book in books]
        assert [[text in one for one in whole].count(True) for text in ("代理家长写的", "另一位莫老师写的")] == [1, 1]

    def test_no_mentor_binds_the_book_of_another(self, client, world, mentor):
        other = make_mentor(make_staff(Role.TEACHER, world.five, name="覃老师"), world.school)
        make_pairing(world.other, other)
        client.force_login(other.staff)
        answer = client.post(reverse("reports:workbooks"), {"owner": f"m{mentor.pk}"})
        assert answer.status_code == 422
        assert not Job.objects.exists()


class TestGraduates:
    """From 1 August their class is taught no more; its last book is bound in the holidays and the year after."""

    @pytest.fixture
    def sixth(self, world):
        sixth = make_class(world.school, grade=6)
        child = make_left_behind("石梓桐", sixth)
        make_record(child, make_staff(Role.HOMEROOM, sixth), date(2026, 11, 12), content="谈了升学")
        return sixth

    @pytest.mark.parametrize(
        "day, there", [(date(2027, 8, 5), True), (date(2028, 6, 30), True), (date(2028, 8, 1), False)]
    )
    def test_the_leads_bind_it_for_a_year(self, client, world, sixth, monkeypatch, day, there):
        monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: day)
        client.force_login(world.care_lead)
        offered = dict(client.get(reverse("reports:workbooks")).context["form"].fields["owner"].choices)
        classes = dict(offered.get("班主任工作手册", []))
        assert classes.get(f"c{sixth.pk}") == ("2027届（1）班" if there else None)
        button = f'value="c{sixth.pk}"'
        assert (button in client.get(reverse("reports:print_class", args=[sixth.pk])).content.decode()) == there
        if there:
            read = pages(client, bind(client, world.care_lead, f"c{sixth.pk}", term=world.term.pk))
            assert "谈了升学" in "".join(read)


class TestRefusals:
    def test_who_lost_the_class_meanwhile_gets_no_book(self, client, world, lived):
        client.force_login(world.homeroom)
        client.post(reverse("reports:workbooks"), {"owner": f"c{world.four.pk}"})
        world.homeroom.appointments.update(ends_on=date(2026, 11, 27))
        job = Job.objects.get()
        run(job.pk)
        job.refresh_from_db()
        assert (job.status, job.file) == (JobStatus.FAILED, "")

    def test_a_class_without_children_and_records_is_told(self, client, world):
        empty = make_class(world.school, grade=3)
        job = bind(client, world.care_lead, f"c{empty.pk}")
        assert job.status == JobStatus.FAILED
        assert "没有可以装订的" in job.message

    def test_a_term_of_another_school_is_refused(self, client, world, lived):
        stranger = make_term(make_staff(Role.PRINCIPAL).appointments.get().school)
        client.force_login(world.homeroom)
        answer = client.post(reverse("reports:workbooks"), {"owner": f"c{world.four.pk}", "term": stranger.pk})
        assert answer.status_code == 422

    @pytest.mark.parametrize("page", ["class", "mentor", "centre"])
    def test_the_pages_lead_there(self, client, world, lived, page):
        mentor = make_mentor(make_staff(Role.TEACHER, world.five), world.school)
        make_pairing(lived, mentor)
        at, owner = {
            "class": (reverse("reports:print_class", args=[world.four.pk]), f'value="c{world.four.pk}"'),
            "mentor": (reverse("mentoring:mentor_show", args=[mentor.pk]), f'value="m{mentor.pk}"'),
            "centre": (reverse("reports:print_centre"), reverse("reports:workbooks")),
        }[page]
        client.force_login(world.care_lead)
        shown = client.get(at).content.decode()
        assert reverse("reports:workbooks") in shown
        assert owner in shown
