"""A suggestion, an agreement or a check entered by mistake is taken back with a reason, and what counted it counts again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.check_ins import Promise, check_in
from activities.follow_ups import close_follow_up
from activities.models import CheckIn, FollowUp, ParentPromise, Suggestion
from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, ChangeSet
from caretrack.access.policy import Role
from caretrack.web.drafts import open_drafts
from tests.support.factories import make_class, make_left_behind, make_staff

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
REASON = {"reason": "登错了学生"}


def suggestion(child, by):
    return Suggestion.objects.create(
        child=child, given_by="父亲", on=TODAY, about="care", text="多辅导", answer_by=TODAY - timedelta(days=1),
        noted_by=by,
    )  # fmt: skip


def checked(child, by, promise=None):
    facts = {"on": TODAY, "asked_child": True, "child_said": "上周没有来", "finding": "partly"}
    return check_in(child=child, by=by, today=TODAY, facts=facts, promise=promise)


def entered_days_ago(row, days):
    ChangeSet.objects.filter(pk=row.change_id).update(made_at=timezone.now() - timedelta(days=days))


def history(client, child):
    return client.get(reverse("children:child_history", args=[child.pk])).content.decode()


def test_a_suggestion_of_another_family_is_taken_back_and_no_longer_late(client, child, homeroom):
    row = suggestion(child, homeroom)
    client.force_login(homeroom)
    url = reverse("activities:suggestion_take_back", args=[row.pk])
    assert url in client.get(reverse("activities:suggestion_answer", args=[row.pk])).content.decode()
    assert "多辅导" in client.get(url).content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    assert Suggestion.objects.exists()
    client.post(url, REASON)
    assert not Suggestion.objects.exists()
    assert "过了答复期限" not in client.get("/").content.decode()
    assert AccessEntry.objects.filter(child_id=child.pk, detail=f"suggestion {row.pk} withdrawn").exists()
    assert "删除了家长建议" in history(client, child)
    assert "登错了学生" in history(client, child)


def test_a_suggestion_of_another_family_goes_on_in_the_form_of_the_right_child(client, child, homeroom, school_class):
    right = make_left_behind("龙小川", school_class)
    row = suggestion(child, homeroom)
    Suggestion.objects.update(answer_by=TODAY + timedelta(days=3))
    client.force_login(homeroom)
    url = reverse("activities:suggestion_take_back", args=[row.pk])
    moved = client.post(url, REASON | {"to": "龙小川"}, follow=True)
    add = reverse("activities:suggestion_add", args=[right.pk])
    assert moved.redirect_chain[-1][0].startswith(f"{add}?draft=")
    assert "内容已填好，请写上是这名学生的哪位家长提的，核对后保存。" in moved.content.decode()
    assert not Suggestion.objects.exists()
    form = moved.context["form"]
    said = {name: form[name].value() for name in form.fields if name != "given_by"}
    said["care_sheet"] = form.sheet.token()
    assert not form["given_by"].value()
    assert client.post(add, said).status_code == 422
    client.post(add, said | {"given_by": "外婆"})
    assert Suggestion.objects.values_list("child", "given_by", "on", "about", "text", "answer_by").get() == (
        right.pk, "外婆", TODAY, "care", "多辅导", TODAY + timedelta(days=3)
    )  # fmt: skip
    assert not open_drafts(homeroom)


@pytest.mark.parametrize(
    "name, words",
    [
        ("李小兰", "写的还是原来这名学生"),
        ("杨小花", "没有找到叫“杨小花”的学生"),
    ],
)
def test_a_suggestion_goes_to_no_child_out_of_sight_nor_to_the_same(client, child, homeroom, name, words):
    make_left_behind("杨小花", make_class(child.school, 6))
    row = suggestion(child, homeroom)
    client.force_login(homeroom)
    refused = client.post(reverse("activities:suggestion_take_back", args=[row.pk]), REASON | {"to": name})
    text = refused.content.decode()
    assert refused.status_code == 422
    assert words in text
    assert f'value="{name}"' in text
    assert "登错了学生" in text
    assert Suggestion.objects.exists()
    assert not open_drafts(homeroom)


def test_whom_a_suggestion_was_meant_of_is_tapped_among_the_class_or_found_by_half_a_name(
    client, child, homeroom, school_class
):
    right = make_left_behind("林佳怡", school_class)
    make_left_behind("林佳文", make_class(child.school, 6))
    row = suggestion(child, homeroom)
    client.force_login(homeroom)
    url = reverse("activities:suggestion_take_back", args=[row.pk])
    page = client.get(url).content.decode()
    written = f"{right.name} {right.class_name(TODAY)}"
    assert f'<option value="{written}">' in page
    assert '<option value="李小兰' not in page
    assert "林佳文" not in page
    refused = client.post(url, REASON | {"to": "林佳"}).content.decode()
    assert f"没有找到叫“林佳”的学生，名字相近的有：{written}。请写上全名。" in refused
    assert "林佳文" not in refused
    assert client.post(url, REASON | {"to": written}).status_code == 302
    assert not Suggestion.objects.exists()


def test_after_the_window_or_the_answer_a_lead_takes_a_suggestion_back(client, child, homeroom, lead):
    old, answered = suggestion(child, homeroom), suggestion(child, homeroom)
    with change_by(homeroom, "another request"):
        old = suggestion(child, homeroom)
    entered_days_ago(old, child.school.edit_days + 1)
    answered.answer, answered.answered_on = "好的", TODAY
    answered.save()
    client.force_login(homeroom)
    for row in (old, answered):
        assert client.post(reverse("activities:suggestion_take_back", args=[row.pk]), REASON).status_code == 403
        page = client.get(reverse("activities:suggestion_answer", args=[row.pk])).content.decode()
        assert "记错了，撤回" not in page
    client.force_login(lead)
    for row in (old, answered):
        assert client.post(reverse("activities:suggestion_take_back", args=[row.pk]), REASON).status_code == 302
    assert Suggestion.objects.count() == 1


def test_another_teacher_of_the_class_takes_nothing_back(client, child, homeroom, school_class):
    row = suggestion(child, homeroom)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    assert client.post(reverse("activities:suggestion_take_back", args=[row.pk]), REASON).status_code == 403
    assert Suggestion.objects.exists()


def test_a_family_that_agreed_to_nothing_counts_as_such_again(client, child, homeroom):
    row = ParentPromise.objects.create(child=child, agreed_on=TODAY, noted_by=homeroom)
    client.force_login(homeroom)
    listed = reverse("activities:promise_list")
    page = client.get(listed)
    assert page.context["number_agreed"] == 1
    url = reverse("activities:promise_take_back", args=[row.pk])
    assert url in page.content.decode()
    back = f"{listed}?school_class={child.school_class_id}"
    answer = client.post(f"{url}?next={back}", REASON)
    assert answer.url == back
    assert client.get(listed).context["number_agreed"] == 0
    assert "登错了学生" in history(client, child)


def test_a_check_taken_back_counts_no_more_and_its_task_goes(client, child, homeroom, lead):
    row = checked(child, lead, Promise("补一次家访", homeroom, TODAY))
    assert row.follow_up.owner == homeroom
    client.force_login(lead)
    url = reverse("activities:check_in_take_back", args=[row.pk])
    assert url in client.get(reverse("activities:check_in_show", args=[row.pk])).content.decode()
    listed = reverse("activities:check_in_list")
    assert client.get(listed).context["checked"] == 1
    client.post(url, REASON)
    assert not CheckIn.objects.exists()
    assert not FollowUp.objects.exists()
    assert client.get(listed).context["checked"] == 0


def test_what_was_done_about_a_check_meanwhile_stays(child, homeroom, lead, client):
    row = checked(child, lead, Promise("补一次家访", homeroom, TODAY))
    close_follow_up(follow_up=row.follow_up, on=TODAY, by=homeroom, outcome="去过了")
    client.force_login(lead)
    client.post(reverse("activities:check_in_take_back", args=[row.pk]), REASON)
    assert not CheckIn.objects.exists()
    assert FollowUp.objects.get().outcome == "去过了"


def test_that_a_check_was_taken_back_is_told_to_the_leads_alone(client, child, homeroom, lead):
    row = checked(child, lead)
    client.force_login(lead)
    client.post(reverse("activities:check_in_take_back", args=[row.pk]), REASON)
    assert "删除了督查记录" in history(client, child)
    assert "登错了学生" in history(client, child)
    client.force_login(homeroom)
    assert "督查" not in history(client, child)


def test_the_long_words_of_a_check_go_on_in_the_form_of_the_right_child(client, child, lead, school_class):
    right = make_left_behind("龙小川", school_class)
    promise = Promise("家访", lead, TODAY + timedelta(days=3))
    facts = {
        "on": TODAY, "asked_child": True, "child_said": "上周没有来", "asked_carer": True, "carer_said": "来过一次",
        "finding": "partly", "note": "两边说的不一样",
    }  # fmt: skip
    row = check_in(child=child, by=lead, today=TODAY, facts=facts, promise=promise)
    client.force_login(lead)
    moved = client.post(reverse("activities:check_in_take_back", args=[row.pk]), REASON | {"to": "龙小川"}, follow=True)
    add = reverse("activities:check_in_add", args=[right.pk])
    assert moved.redirect_chain[-1][0].startswith(f"{add}?draft=")
    text = moved.content.decode()
    assert "内容已填好，请核对后保存" in text
    assert "照片和文件需要重新选择" not in text, "the form has none"
    assert not CheckIn.objects.exists()
    form = moved.context["form"]
    said = {name: value for name in form.fields if (value := form[name].value())}
    client.post(add, said | {"care_sheet": form.sheet.token()})
    kept = CheckIn.objects.get()
    assert (kept.child, kept.child_said, kept.carer_said, kept.note) == (
        right,
        "上周没有来",
        "来过一次",
        "两边说的不一样",
    )
    assert (kept.asked_mentor, kept.finding, kept.follow_up) == (False, "partly", None)
    assert not open_drafts(lead)
