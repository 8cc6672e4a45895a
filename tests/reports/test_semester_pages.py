from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.models import CareArrangement
from reports.models import ReportState, SemesterSummary
from reports.services import take_snapshot
from tests.support.factories import make_record, make_school, make_staff, make_term
from tests.support.paper import silent_layout, text_of


def page(name, term):
    return reverse(f"reports:{name}", args=[term.pk])


@pytest.fixture
def summary(world):
    make_record(world.child, world.homeroom, date(2026, 11, 3))
    return take_snapshot(
        school=world.school, term=world.term, cut_off=date(2026, 11, 25), definition="lb_seed", by=world.care_lead
    )


def test_before_a_snapshot_the_page_says_what_to_do(client, world):
    client.force_login(world.principal)
    assert "还没有固定学期数据" in client.get(page("semester", world.term)).content.decode()
    assert client.get(page("semester_pdf", world.term)).status_code == 302


def test_the_snapshot_is_taken_by_form(client, world):
    client.force_login(world.care_lead)
    refused = client.post(page("semester_take", world.term), {"cut_off": "2027-01-10", "definition": "lb_seed"})
    assert refused.status_code == 422
    assert "不能在今天以后" in refused.content.decode()
    client.post(page("semester_take", world.term), {"cut_off": "2026-11-25", "definition": "lb_edu"})
    summary = SemesterSummary.objects.get()
    assert (summary.definition, summary.cut_off) == ("lb_edu", date(2026, 11, 25))
    assert summary.figures["register"] == 2


def test_the_page_shows_figures_charts_and_gaps(client, world, summary):
    client.force_login(world.principal)
    text = client.get(page("semester", world.term)).content.decode()
    assert text.count("<svg") == 3
    assert "还有 6 处文字没有填写" in text
    assert "待填写：" in text


def test_page_and_paper_of_a_running_term_name_the_day_and_not_its_end(client, world, summary):
    client.force_login(world.principal)
    text = client.get(page("semester", world.term)).content.decode()
    assert "截至11月25日" in text
    assert "期末数" not in text
    assert "本学期的次数只统计到11月25日" in text
    assert f"{timezone.localtime(summary.frozen_at):%H:%M} ·" in text
    assert "+00:00" not in text
    with silent_layout():
        paper = text_of(client.get(page("semester_pdf", world.term)).content)
    assert "截至11月25日（人）" in paper
    assert "本学期末" not in paper


def test_text_is_written_and_printed(client, world, summary):
    client.force_login(world.care_lead)
    address = page("semester_text", world.term)
    version = client.get(address).context["form"]["version"].value()
    assert client.post(address, {"version": version, "plans": "下学期每周三家访。"}).status_code == 302
    client.force_login(world.principal)
    with silent_layout():
        text = text_of(client.get(page("semester_pdf", world.term)).content)
    assert "下学期每周三家访。" in text
    assert text.count("（此处由学校填写：") == 5
    assert "征求意见稿" in text
    assert "陈欣怡" not in text


def test_a_second_writer_sees_both_texts(client, world, summary):
    client.force_login(world.care_lead)
    address = page("semester_text", world.term)
    version = client.get(address).context["form"]["version"].value()
    SemesterSummary.objects.filter(pk=summary.pk).update(texts={"plans": "先存的打算"})
    answer = client.post(address, {"version": version, "plans": "后写的打算"})
    assert answer.status_code == 409
    assert "先存的打算" in answer.content.decode()
    assert "后写的打算" in answer.content.decode()


def test_approval_dates_the_paper(client, world, summary):
    client.force_login(world.principal)
    client.post(page("semester_submit", world.term))
    client.post(page("semester_approve", world.term))
    summary.refresh_from_db()
    assert summary.state == ReportState.APPROVED
    text = text_of(client.get(page("semester_pdf", world.term)).content)
    assert "征求意见稿" not in text
    assert "二〇二六年十一月二十八日" in text


def test_a_summary_is_not_dated_before_its_figures_were_fixed(client, world, summary):
    client.force_login(world.principal)
    client.post(page("semester_submit", world.term))
    client.post(page("semester_approve", world.term))
    fixed_later = summary.figures | {"taken_on": "2026-11-29"}
    SemesterSummary.objects.filter(pk=summary.pk).update(figures=fixed_later)
    text = text_of(client.get(page("semester_pdf", world.term)).content)
    assert "二〇二六年十一月二十八日" not in text
    assert "年月日" in "".join(text.split())


def test_the_paper_says_what_was_missing_as_the_page_does(client, world, summary):
    world.other.sex = "9"
    world.other.save()
    take_snapshot(school=world.school, term=world.term, cut_off=summary.cut_off, definition="lb_seed", by=None)
    client.force_login(world.principal)
    warnings = client.get(page("semester", world.term)).context["figures"].warnings
    assert warnings
    with silent_layout():
        paper = "".join(text_of(client.get(page("semester_pdf", world.term)).content).split())
    assert "固定数据时登记不全" in paper
    assert all(words in paper for words in warnings)


def test_the_shares_of_care_are_shares_of_the_whole_register(client, world, summary):
    CareArrangement.objects.filter(child=world.other).delete()
    take_snapshot(school=world.school, term=world.term, cut_off=summary.cut_off, definition="lb_seed", by=None)
    client.force_login(world.principal)
    figures = client.get(page("semester", world.term)).context["figures"]
    shares = dict(zip(figures.charts[2].labels, figures.charts[2].series[0].values, strict=True))
    assert shares["没有登记"] >= 1
    assert sum(shares.values()) == figures.register


def test_only_the_principal_approves(client, world, summary):
    client.force_login(world.care_lead)
    client.post(page("semester_submit", world.term))
    assert client.post(page("semester_approve", world.term)).status_code == 403


@pytest.mark.parametrize("role", [Role.HOMEROOM, Role.TEACHER, Role.REGISTRAR, Role.SUPERIOR])
def test_other_roles_are_refused(client, world, summary, role):
    client.force_login(make_staff(role, world.four))
    for name in ("semester", "semester_pdf", "semester_text", "semester_take"):
        assert client.get(page(name, world.term)).status_code == 403


def test_another_school_is_not_there(client, world, summary):
    client.force_login(make_staff(Role.PRINCIPAL, make_school("另一所小学")))
    for name in ("semester", "semester_pdf", "semester_text", "semester_take"):
        assert client.get(page(name, world.term)).status_code == 404
    assert client.post(page("semester_submit", world.term)).status_code == 404


def test_the_list_shows_the_own_terms(client, world, summary):
    make_term(make_school("另一所小学"))
    client.force_login(world.principal)
    answer = client.get(reverse("reports:semester_list"))
    assert [row["term"] for row in answer.context["rows"]] == [world.term]
