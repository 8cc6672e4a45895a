"""The growth file and the timeline on paper: what is bound, what never is, and what outsiders may read."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from activities.models import CareRecord
from activities.record_photos import keep_record_photo
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from children.models import Award, Consent, HealthCheck, Result
from children.sight import sight_of
from reports.builders.growth_file import build_growth_file
from reports.models import MonthlyForm
from tests.support.factories import make_left_behind, make_mentor, make_pairing, make_record, make_staff
from tests.support.paper import pages_of, pictures_in, silent_layout, text_of

pytestmark = pytest.mark.django_db
PURPOSE = "市妇联调研"


@pytest.fixture
def lived(world):
    """A child with something of many kinds, some of it confidential."""
    child = world.child
    make_record(child, world.homeroom, date(2026, 10, 12), content="聊了和同桌的矛盾")
    make_record(child, world.homeroom, date(2026, 10, 15), kind="letter", content="",
                detail={"direction": "寄出", "occasion": "传统节日"})  # fmt: skip
    make_record(child, world.homeroom, date(2026, 11, 2), content="只给少数人看", visibility="restricted")
    make_record(child, make_staff(Role.COUNSELLOR, world.school), date(2026, 11, 3), kind="counselling", content="")
    HealthCheck.objects.create(child=child, on=date(2026, 9, 3), height_cm="131.5", finding="龋齿一颗")
    Award.objects.create(child=child, title="自强少年", scope="school", on=date(2026, 10, 30))
    Result.objects.create(child=child, term=world.term, subject="语文", level="A")
    child.wishes = "想去看海"
    child.save()
    return child


def photo_file():
    out = BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return SimpleUploadedFile("talk.jpg", out.getvalue(), "image/jpeg")


def binder(client, child):
    with silent_layout():
        return client.get(reverse("reports:child_growth_file", args=[child.pk])).content


class TestGrowthFile:
    def test_cover_contents_and_twelve_kinds(self, client, world, lived):
        client.force_login(world.principal)
        pages = pages_of(binder(client, lived))
        assert "留守儿童成长档案" in pages[0]
        contents = pages[1]
        for number, kind in ((1, "自我介绍"), (6, "作业作品"), (12, "代理家长活动材料")):
            assert f"{number}{kind}" in contents
        assert "作业作品暂无" in contents
        whole = "".join(pages)
        for word in ("聊了和同桌的矛盾", "龋齿一颗", "自强少年", "语文A", "想去看海", "时机：传统节日"):
            assert word in whole.replace("写信时机", "时机")

    def test_no_day_stands_there_that_has_not_come(self, world, lived, today):
        MonthlyForm.objects.create(child=lived, month="2026-11", conduct="开朗了")
        file = build_growth_file(lived, staff=world.principal, sight=sight_of(world.principal, lived), on=today)
        rows = [row for part in file.parts for row in part.rows]
        undated = {row.title for row in rows if row.on is None}
        assert undated == {f"{world.term} 期末", "2026年11月小结"}
        assert all(row.on <= today for row in rows if row.on)

    def test_sentences_are_joined_with_one_stop(self, client, world, lived):
        make_record(lived, world.homeroom, date(2026, 10, 20), kind="letter", content="", advice="多写几句。",
                    detail={"direction": "寄出", "occasion": "问候父母。"})  # fmt: skip
        client.force_login(world.principal)
        whole = "".join(pages_of(binder(client, lived)))
        assert "问候父母；" in whole
        assert "多写几句。" in whole
        assert "。；" not in whole
        assert "法定监护人" in whole

    def test_page_numbers_in_the_contents_are_right(self, client, world, lived):
        client.force_login(world.principal)
        pages = pages_of(binder(client, lived))
        at = next(number for number, page in enumerate(pages, start=1) if "8获奖证书" in page and number > 2)
        line = pages[1][pages[1].index("8获奖证书") :]
        assert line.startswith(f"8获奖证书1条{at}")

    def test_counselling_and_restricted_are_counted_and_not_bound(self, client, world, lived):
        client.force_login(world.principal)
        shown = text_of(binder(client, lived))
        assert "只给少数人看" not in shown
        assert "另有2条心理辅导和限知情人记录" in shown
        assert "心理辅导（" not in shown

    def test_a_mentor_binds_what_a_mentor_sees(self, client, world, lived):
        mentor = make_mentor(make_staff(Role.TEACHER, world.five), world.school)
        make_pairing(lived, mentor)
        make_record(lived, mentor.staff, date(2026, 11, 4), content="代理家长写的")
        client.force_login(mentor.staff)
        shown = text_of(binder(client, lived))
        assert "代理家长写的" in shown
        for word in ("聊了和同桌的矛盾", "龋齿一颗", "语文A"):
            assert word not in shown
        assert "未装订" in shown

    def test_an_empty_child_has_twelve_sheets_to_fill(self, client, world):
        client.force_login(world.principal)
        assert text_of(binder(client, world.other)).count("暂无") >= 24

    def test_the_checklist_says_what_is_missing(self, client, world, lived):
        client.force_login(world.homeroom)
        page = client.get(reverse("reports:child_papers", args=[lived.pk])).content.decode()
        assert "十二类材料" in page
        assert page.count("暂无") >= 5

    def test_the_dossier_and_its_papers_say_that_they_count_uploads_only(self, client, world, lived):
        client.force_login(world.homeroom)
        for name in ("child_show", "file_list"):
            page = client.get(reverse(f"children:{name}", args=[lived.pk])).content.decode()
            assert "类上传了附件" in page
            assert "谈心、家访等记录不用再上传" in page

    def test_a_class_is_packed_child_by_child(self, client, world, lived):
        make_left_behind("龙小喆", world.four)
        client.force_login(world.homeroom)
        answer = client.post(reverse("reports:class_papers", args=[world.four.pk]), {"paper": "growth_files"})
        job = Job.objects.get()
        assert answer.url == reverse("jobs:job_show", args=[job.pk])
        run(job.pk)
        job.refresh_from_db()
        with zipfile.ZipFile(job.file_path) as packed:
            assert packed.namelist() == ["四（1）班/01 陈欣怡.pdf", "四（1）班/02 龙小喆.pdf"]

    def test_sight_decides(self, client, world):
        client.force_login(world.homeroom)
        for name in ("child_growth_file", "child_papers"):
            assert client.get(reverse(f"reports:{name}", args=[world.other.pk])).status_code == 404


class TestHistory:
    def post(self, client, child, **data):
        with silent_layout():
            return client.post(
                reverse("reports:child_papers", args=[child.pk]), {"variant": "summary", "last": "2026-11-28"} | data
            )

    def test_the_summary_lists_without_content(self, client, world, lived):
        client.force_login(world.principal)
        shown = text_of(self.post(client, lived).content)
        assert "成长与关爱大事记" in shown
        assert "2026-10-12" in shown
        assert "聊了和同桌的矛盾" not in shown

    def test_the_full_one_carries_words_and_entry_days_but_nothing_restricted(self, client, world, lived):
        client.force_login(world.principal)
        shown = text_of(self.post(client, lived, variant="full").content)
        assert "聊了和同桌的矛盾" in shown
        assert "只给少数人看" not in shown
        assert "另有1项限知情人的记录没有打印" in shown

    def test_the_full_one_alone_carries_the_pictures_of_what_it_tells(self, client, world, lived):
        Consent.objects.create(
            child=lived, purpose=Consent.Purpose.PHOTO, given_by="王桂英", relation="62", given_on=date(2026, 9, 1)
        )
        talk, secret = (CareRecord.objects.get(child=lived, on=on) for on in (date(2026, 10, 12), date(2026, 11, 2)))
        for record in (talk, secret):
            keep_record_photo(record=record, file=photo_file(), words=f"照片{record.pk}", by=record.author)
        client.force_login(world.principal)
        full = self.post(client, lived, variant="full").content
        assert pictures_in(full) == 1
        assert f"照片{talk.pk}（2026年10月12日）" in text_of(full)
        for more in ({}, {"variant": "outside", "purpose": PURPOSE}):
            assert pictures_in(self.post(client, lived, **more).content) == 0

    def test_outsiders_read_no_name_and_no_word(self, client, world, lived):
        client.force_login(world.principal)
        shown = text_of(self.post(client, lived, variant="outside", purpose=PURPOSE).content)
        for word in ("儿童A", "女，10岁", "父母双方外出务工", "2026年10月", "工作人员甲"):
            assert word in shown
        for secret in (
            "陈欣怡",
            "罗老师",
            "韦校长",
            world.school.name,
            "四（1）班",
            "同桌",
            "13800001111",
            "2026-10-12",
        ):
            assert secret not in shown
        assert PURPOSE in AccessEntry.objects.get(event=Event.PRINT).detail

    def test_outsiders_read_nothing_of_health_marks_or_money_and_no_name_in_a_title(self, client, world, lived):
        Award.objects.create(child=lived, title="陈欣怡小标兵", scope="class", on=date(2026, 11, 5))
        client.force_login(world.principal)
        shown = text_of(self.post(client, lived, variant="outside", purpose=PURPOSE).content)
        assert "自强少年" in shown
        assert "某小标兵" in shown
        for kind in ("健康检查", "学习成绩", "心理辅导", "资助"):
            assert kind not in shown.replace("不列健康、经济、成绩和事件", "")

    def test_outsiders_paper_needs_a_purpose(self, client, world, lived):
        client.force_login(world.principal)
        answer = self.post(client, lived, variant="outside")
        assert answer.status_code == 422
        assert "须写明用途" in answer.content.decode()

    def test_a_mentor_makes_no_paper_for_outsiders(self, client, world, lived):
        mentor = make_mentor(make_staff(Role.TEACHER, world.five), world.school)
        make_pairing(lived, mentor)
        client.force_login(mentor.staff)
        assert self.post(client, lived, variant="outside", purpose=PURPOSE).status_code == 403

    def test_days_and_kinds_narrow(self, client, world, lived):
        client.force_login(world.principal)
        shown = text_of(self.post(client, lived, first="2026-07-01", last="2026-07-02").content)
        assert "这段时间没有记录" in shown
        refused = self.post(client, lived, first="2026-12-01")
        assert "结束日期不能早于开始日期" in refused.content.decode()
