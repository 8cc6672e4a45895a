"""Letters to families with merge fields and slips; suggestions of parents with their answers."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.family import letters
from activities.models import HomeLetter, LetterText, Suggestion
from caretrack import merging
from caretrack.jobs.models import Job
from caretrack.periods import chinese_date
from children.timeline import timeline
from tests.support.factories import TERM_START, make_child, make_class
from tests.support.paper import pages_of, text_of

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()


@pytest.fixture
def text(school_class, lead):
    row = LetterText(
        school=school_class.school, kind="other", title="家长会邀请", text="{{家长}}：\n{{ 学生 }}（{{班级}}）盼您来。",
        question="您能来吗", options=["能", "不能"],
    )  # fmt: skip
    return letters.save_text(row, replaces=None, by=lead, on=TODAY)


def test_unknown_fields_and_open_braces_are_refused():
    with pytest.raises(ValidationError, match="没有这些字段：{{排名}}"):
        merging.check("{{学生}}的{{排名}}", letters.LETTER_FIELDS)
    with pytest.raises(ValidationError, match="没写完整的括号"):
        merging.check("{{学生}的信", letters.LETTER_FIELDS)
    for shipped in letters.SHIPPED:
        merging.check(shipped.text, letters.LETTER_FIELDS)


def test_one_pair_of_braces_is_read_as_well():
    assert (
        merging.filled("{学生}在{{ 班级 }}读书。", {"学生": "李小兰", "班级": "三（1）班"}) == "李小兰在三（1）班读书。"
    )
    with pytest.raises(ValidationError, match="没有这些字段"):
        merging.check("{排名}", letters.LETTER_FIELDS)


def test_a_lead_is_told_which_field_does_not_exist_and_keeps_the_text(client, lead):
    client.force_login(lead)
    given = {"kind": "other", "title": "信", "text": "{{学生}}考了{{分数}}", "question": "", "options": ""}
    refused = client.post(reverse("activities:letter_text_add"), given)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "没有这些字段" in page
    assert "考了" in page
    assert client.post(reverse("activities:letter_text_add"), given | {"text": "{{学生}}"}).status_code == 302


def test_a_change_is_a_new_version_and_the_old_one_stays(client, lead, text):
    client.force_login(lead)
    given = {"kind": "other", "title": "家长会邀请", "text": "改过的话", "question": "您能来吗", "options": "能、不能"}
    url = reverse("activities:letter_text_change", args=[text.pk])
    assert client.post(url, given).status_code == 302
    new = LetterText.objects.current().get()
    assert (new.number, new.replaces, new.text) == (2, text, "改过的话")
    text.refresh_from_db()
    assert "盼您来" in text.text
    second = client.post(url, given | {"text": "另一位老师改的"})
    assert second.status_code == 422
    assert "刚刚被别的老师改过" in second.content.decode()


def test_the_shipped_letters_come_once(client, lead):
    client.force_login(lead)
    client.post(reverse("activities:letter_text_ship"))
    client.post(reverse("activities:letter_text_ship"))
    assert LetterText.objects.count() == len(letters.SHIPPED)


def test_a_letter_is_sent_printed_and_its_slip_comes_back(client, child, homeroom, text):
    other = make_child("罗小山", child.school_class)
    client.force_login(homeroom)
    show = reverse("activities:letter_text_show", args=[text.pk])
    assert "李小兰（四（1）班）盼您来。" in client.get(show).content.decode()
    send = reverse("activities:letter_text_send", args=[text.pk])
    given = {"to": child.school_class_id, "on": TODAY, "return_by": TODAY + timedelta(days=7)}
    assert client.post(send, given).status_code == 302
    client.post(send, given)
    assert HomeLetter.objects.count() == 2
    paper = client.post(reverse("activities:letter_text_print", args=[text.pk]))
    assert len(pages_of(paper.content)) == 2
    assert "回执" in text_of(paper.content).replace("　", "").replace(" ", "")
    row = HomeLetter.objects.get(child=child)
    slips = reverse("activities:letter_slips", args=[text.pk])
    client.post(slips, {"letter": row.pk, "on": TODAY, "choice": "能"})
    row.refresh_from_db()
    assert (row.returned_on, row.choice) == (TODAY, "能")
    missing = client.get(show, {"state": "missing"}).context["rows"]
    assert [one.child for one, _ in missing] == [other]
    told = timeline([child], homeroom, last=TODAY, kinds={"home"})
    assert [line.title for line in told] == ["致家长的信：家长会邀请"]


def test_the_answer_is_not_wanted_before_the_letter_goes(client, child, homeroom, text):
    client.force_login(homeroom)
    url = reverse("activities:letter_text_send", args=[text.pk])
    given = {"to": child.school_class_id, "on": TODAY, "return_by": TODAY - timedelta(days=1)}
    assert client.post(url, given).status_code == 422
    assert not HomeLetter.objects.exists()


def test_the_same_letter_goes_out_again_in_another_term(client, child, homeroom, text):
    assert letters.send(text, [child], on=TERM_START - timedelta(days=120), return_by=None, by=homeroom) == 1
    assert letters.send(text, [child], on=TERM_START, return_by=None, by=homeroom) == 1
    assert letters.send(text, [child], on=TERM_START + timedelta(days=3), return_by=None, by=homeroom) == 0


def test_sent_letters_stand_on_pages_and_by_class_and_the_way_back_keeps_them(client, child, lead, text, monkeypatch):
    monkeypatch.setattr("activities.views.family.letters.A_PAGE", 2)
    here = [child, *(make_child(name, child.school_class) for name in ("罗小山", "王小云"))]
    other = make_child("隔壁班同学", make_class(child.school, number=2))
    letters.send(text, [*here, other], on=TODAY, return_by=None, by=lead)
    client.force_login(lead)
    show = reverse("activities:letter_text_show", args=[text.pk])
    pages = [[row.child for row, _ in client.get(show, {"page": n}).context["rows"]] for n in (1, 2)]
    assert [len(page) for page in pages] == [2, 2]
    assert {one.pk for page in pages for one in page} == {one.pk for one in (*here, other)}
    assert 'page=2#slips"' in client.get(show).content.decode()
    asked = f"{show}?school_class={child.school_class_id}&state=missing&page=2"
    second = client.get(asked)
    assert (second.context["listed"], second.context["missing"], len(second.context["rows"])) == (3, 3, 1)
    ((row, _),) = second.context["rows"]
    form = re.search(r'<form method="post" action="([^"]+next=[^"]+)"', second.content.decode())
    answer = client.post(unescape(form[1]), {"letter": row.pk, "on": TODAY, "choice": "能"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{asked}#slips"
    assert (answer.context["missing"], answer.context["page"].number) == (2, 1)
    assert other.name not in [one.child.name for one, _ in answer.context["rows"]]


def test_a_letter_costs_the_same_for_one_and_for_twelve(client, child, lead, text):
    client.force_login(lead)
    show, counts = reverse("activities:letter_text_show", args=[text.pk]), []
    for names in ([], [f"同学{n}" for n in range(11)]):
        listed = [child, *(make_child(name, child.school_class) for name in names)]
        letters.send(text, listed, on=TODAY, return_by=None, by=lead)
        client.get(show)
        with CaptureQueriesContext(connection) as told:
            assert len(client.get(show).context["rows"]) == len(listed)
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_letters_of_many_become_background_work(client, child, homeroom, text, monkeypatch):
    monkeypatch.setattr("activities.views.family.letters.AT_ONCE", 1)
    make_child("罗小山", child.school_class)
    client.force_login(homeroom)
    client.post(reverse("activities:letter_text_send", args=[text.pk]), {"to": child.school_class_id, "on": TODAY})
    response = client.post(reverse("activities:letter_text_print", args=[text.pk]))
    assert response.url == reverse("jobs:job_show", args=[Job.objects.get().pk])


def test_a_class_teacher_writes_to_the_own_class_only(client, child, homeroom, text):
    make_child("隔壁班同学", make_class(child.school, number=2))
    client.force_login(homeroom)
    letters.send(text, [child], on=TODAY, return_by=None, by=homeroom)
    assert [c.name for c in letters.readers(homeroom, child.school)] == ["李小兰"]
    assert client.get(reverse("activities:letter_text_add")).status_code == 403


def test_a_suggestion_is_answered_told_and_printed(client, child, homeroom):
    client.force_login(homeroom)
    given = {"given_by": "父亲李大山", "on": TODAY, "about": "safety", "text": "路口装灯", "answer_by": TODAY}
    url = reverse("activities:suggestion_add", args=[child.pk])
    assert url in client.get(reverse("activities:suggestion_pick")).content.decode()
    refused = client.post(url, given | {"answer_by": TODAY - timedelta(days=1)})
    assert refused.status_code == 422
    assert "路口装灯" in refused.content.decode()
    saved = client.post(url, given, follow=True)
    assert f"的建议已保存，{chinese_date(TODAY)}前答复。" in saved.content.decode()
    row = Suggestion.objects.get()
    listed = reverse("activities:suggestion_list")
    assert "等待答复" in client.get(listed).content.decode()
    answer = reverse("activities:suggestion_answer", args=[row.pk])
    said = {"answer": "已报交警", "answered_on": TODAY, "told_on": "", "version": row.version}
    assert client.post(answer, said).status_code == 302
    assert "已答复，没告知" in client.get(listed).content.decode()
    row.refresh_from_db()
    assert client.post(answer, said | {"told_on": TODAY, "version": row.version}).status_code == 302
    assert "路口装灯" not in client.get(listed).content.decode()
    paper = text_of(client.get(reverse("activities:suggestion_print"), {"state": "all"}).content)
    assert "已报交警" in paper


def test_what_a_suggestion_is_about_is_asked_with_no_button_for_nothing(client, child, homeroom):
    client.force_login(homeroom)
    page = client.get(reverse("activities:suggestion_add", args=[child.pk])).content.decode()
    asked = page.partition('id="div_id_about"')[2].partition("</fieldset>")[0]
    assert asked.count('type="radio"') == len(Suggestion.About.choices)
    assert "---" not in asked
    assert "checked" not in asked


def test_the_second_answer_is_shown_both(client, child, homeroom):
    client.force_login(homeroom)
    row = Suggestion.objects.create(
        child=child, given_by="父亲", on=TODAY, about="care", text="多辅导", answer_by=TODAY, noted_by=homeroom
    )
    url = reverse("activities:suggestion_answer", args=[row.pk])
    said = {"answered_on": TODAY, "told_on": "", "version": row.version}
    assert client.post(url, said | {"answer": "先答的"}).status_code == 302
    second = client.post(url, said | {"answer": "后答的"})
    assert second.status_code == 409
    assert "先答的" in second.content.decode()
