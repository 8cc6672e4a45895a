"""匿名材料: nobody and no place can be known from it, a person reads it before it is printed, nothing of it is kept."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.incidents.nameless import scrubber
from activities.incidents.services import add_step, open_incident, reopen, report_to
from activities.models import Incident
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import Child, FamilyMember, codes
from tests.support.factories import make_child, make_class, make_left_behind, make_school, make_staff
from tests.support.paper import text_of
from tests.support.windows import opened

pytestmark = pytest.mark.django_db
ACCOUNT = (
    "四（2）班的田依诺今天说肚子疼，班主任吴建平和吴老师问了几句。依诺说爷爷田茂林打了她，小诺手臂有淤青。"
    "她住大沙坝村柳林组，爷爷电话13900001234。韦校长给大沙坝镇派出所打了电话，民警记下身份证999999201605040027。"
    "同班的石小禾也看见了，她家在红岩村。中心小学四年级2班的几个孩子在201宿舍等着，QQ：123456789。"
)
TELLING = (
    "田依诺", "依诺", "小诺", "吴建平", "吴老师", "田茂林", "茂林", "四（2）班", "四年级2班", "大沙坝", "柳林", "1390000",
    "韦校长", "999999", "石小禾", "红岩", "中心小学", "201", "123456789",
)  # fmt: skip


@pytest.fixture
def school(db):
    return make_school("云禾县大沙坝镇中心小学")


@pytest.fixture
def child(school):
    child = make_left_behind(
        "田依诺",
        make_class(school, number=2),
        address="云禾县大沙坝镇大沙坝村柳林组12号",
        village_group="柳林组",
        hukou_place="贵州省云禾县",
    )
    FamilyMember.objects.create(child=child, name="田茂林", relation="61")
    FamilyMember.objects.filter(child=child, relation__in=codes.FATHERS).update(work_place="广东东莞")
    make_child("石小禾", make_class(school, number=2), address="云禾县大沙坝镇红岩村3组")
    return Child.objects.select_related("school").get(pk=child.pk)


@pytest.fixture
def lead(school):
    make_staff(Role.HOMEROOM, make_class(school, number=2), "吴建平")
    return make_staff(Role.CARE_LEAD, school, "潘秀英")


@pytest.fixture
def incident(child, lead):
    now = timezone.now()
    incident = open_incident(
        school=child.school, children=[child], by=lead, found_at=now - timedelta(minutes=30), now=now, account=ACCOUNT,
        kind="violence", injury="依诺的左臂有淤青",
    )  # fmt: skip
    report_to(incident=incident, to="guardian", at=now, by=lead, now=now, skipped_reason="田茂林是监护人，有嫌疑")
    add_step(incident=incident, text="潘秀英送依诺回柳林组外婆家", at=now, by=lead, now=now)
    return incident


def test_names_classes_places_and_numbers_are_taken_out(incident, child) -> None:
    told = scrubber(incident, [child])(ACCOUNT)
    assert [word for word in TELLING if word in told] == []
    assert told.startswith("某班的某学生今天说肚子疼，班主任某老师和某老师问了几句。某学生说爷爷家人打了她")
    assert "给某地派出所打了电话" in told
    assert "说肚子疼" in told


@pytest.mark.parametrize(
    "text, told",
    [
        ("4（2）班", "某班"),
        ("402班", "某班"),
        ("３班的学生", "某班的学生"),
        ("大一班", "某班"),
        ("0855-1234567", "某号码"),
        ("139 0000 1234", "某号码"),
        ("G999999201605040027", "某号码"),
        ("微信号：abc_12345", "微信号：某号码"),
        ("贵H·A1234", "某车牌"),
        ("2026年11月20日15时10分，家长到校", "2026年11月20日，家长到校"),
        ("11月20日下午3点半左右受伤，晚上八点十五分送医", "11月20日受伤，某时送医"),
        ("15:10报警，16时民警到", "某时报警，某时民警到"),
        (
            "24小时内两点要求，有一点疼，时间紧，3点意见，比分3:2",
            "24小时内两点要求，有一点疼，时间紧，3点意见，比分3:2",
        ),
        ("爸爸在广东省打工，妈妈在贵州", "爸爸在外省打工，妈妈在省内"),
        ("父母在广西壮族自治区和广东东莞打工", "父母在外省和外省打工"),
        ("在河南边玩", "在河南边玩"),
        ("向老师报告后上班，班主任老师在场", "向老师报告后上班，班主任老师在场"),
    ],
)
def test_what_has_the_shape_of_a_class_or_a_number_goes_and_ordinary_words_stay(incident, child, text, told) -> None:
    assert scrubber(incident, [child])(text) == told


def test_offices_and_parts_in_the_chain_are_not_taken_for_names(incident, child, lead) -> None:
    for to, received_by in (("education", "县教育局"), ("police", "何警官"), ("head", "照护人")):
        report_to(incident=incident, to=to, at=timezone.now(), by=lead, now=timezone.now(), received_by=received_by)
    told = scrubber(incident, [child])("已报县教育局，何警官到场，通知双方监护人。")
    assert told == "已报县教育局，某人到场，通知双方监护人。"


@pytest.mark.parametrize("found_by", ["班主任", "主任", "班主任陈文彬", "四年级班主任陈文彬老师", "班大山"])
def test_the_class_teachers_title_is_never_cut(incident, child, found_by) -> None:
    make_staff(Role.TEACHER, child.school_class, "陈文彬")
    incident.found_by, incident.others = found_by, f"云禾县大沙坝镇主任陈文彬，{found_by}"
    told = scrubber(incident, [child])("班主任陈文彬老师问了，又告诉班主任。")
    assert told == "班主任某老师问了，又告诉班主任。"


@pytest.mark.parametrize("written", ["五组", "第五组", "5组", "第5村民小组", "大沙坝村五组", "大沙坝村 第五组"])
def test_the_numbered_group_of_a_village_is_taken_out_however_it_is_written(incident, child, written) -> None:
    child.address, child.village_group = "云禾县大沙坝镇大沙坝村五组", "第五组"
    told = scrubber(incident, [child])(f"她住{written}，老师把全班分成三组。")
    assert told.replace(" ", "").replace("某地某地", "某地") == "她住某地，老师把全班分成三组。"
    assert scrubber(incident, [child])("同学家在红岩村3组。") == "同学家在某地。"


def test_a_person_reads_the_texts_and_what_they_change_is_printed_but_not_kept(client, incident, lead) -> None:
    client.force_login(lead)
    url = reverse("activities:incident_anonymous", args=[incident.pk])
    page = client.get(url)
    assert "先逐段读一遍" in page.content.decode()
    texts = {key: page.context["form"].fields[key].initial for key in page.context["form"].texts}
    assert [word for word in TELLING if word in "".join(texts.values())] == []
    changed = texts | {"account": "某学生说肚子疼。豆豆姑妈来过。"}

    refused = client.post(url, changed)
    assert refused.status_code == 422
    assert "豆豆姑妈来过" in refused.content.decode()

    answer = client.post(url, changed | {"crossed": "豆豆、卫生院", "has_read": "on"})
    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    assert "某某姑妈来过" in text
    assert [word for word in (*TELLING, "潘秀英", "豆豆") if word in text] == []
    assert re.findall(r"\d+时|\d:\d\d", text) == []
    found = timezone.localdate(incident.found_at)
    assert f"{found.year}年{found.month}月{found.day}日" in text
    assert Incident.objects.get(pk=incident.pk).account == ACCOUNT
    assert AccessEntry.objects.filter(event=Event.PRINT, detail=f"incident {incident.pk} anonymous").exists()


def test_a_line_emptied_by_the_reader_is_not_printed(client, incident, lead) -> None:
    client.force_login(lead)
    url = reverse("activities:incident_anonymous", args=[incident.pk])
    form = client.get(url).context["form"]
    texts = {key: form.fields[key].initial for key in form.texts}
    answer = client.post(url, texts | {"course_0": "", "has_read": "on"})
    assert "外婆家" not in text_of(answer.content)


def test_the_written_report_says_what_was_not_filled_in(client, incident, lead) -> None:
    Incident.objects.filter(pk=incident.pk).update(injury="")
    client.force_login(lead)
    text = text_of(client.get(reverse("activities:incident_print", args=[incident.pk])).content)
    assert "伤情未填" in text


def test_the_paper_of_a_file_reopened_after_a_long_outcome_prints(client, incident, lead) -> None:
    now = timezone.now()
    Incident.objects.filter(pk=incident.pk).update(
        state="closed", closed_at=now, outcome="谈" * 4000, aftercare="陪" * 4000
    )
    reopen(incident=incident, reason="有新情况", by=lead, now=now)
    client.force_login(lead)
    url = reverse("activities:incident_anonymous", args=[incident.pk])
    answer = client.post(url, opened(client, url) | {"has_read": "on"})
    assert answer["Content-Type"] == "application/pdf"
