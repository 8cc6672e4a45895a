"""Several pupils in one incident file, each with its own guardian and its own sight; photos and PDFs of the file."""

import io
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from activities.alerts.facts import known_of
from activities.incidents.attachments import attach
from activities.incidents.chain import Mark, clocks
from activities.incidents.involved import involve, put_right, take_out
from activities.incidents.paper import incident_paper
from activities.incidents.services import close_incident, name_member, open_incident, report_to
from activities.incidents.suspects import clear, suspect
from activities.models import CareRules, Incident, IncidentFile, IncidentNote
from caretrack.access.history import Stale
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import Child
from children.timeline import timeline
from tests.support.factories import TODAY, make_class, make_left_behind, make_school, make_staff, make_term
from tests.support.paper import text_of
from tests.support.windows import opened

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=timezone.get_default_timezone())
FOUND = NOW - timedelta(minutes=20)


@pytest.fixture
def four():
    return make_class()


@pytest.fixture
def pair(four):
    """One who was hurt, one of another class who did it."""
    return make_left_behind("李小兰", four), make_left_behind("龙小川", make_class(four.school, grade=5))


@pytest.fixture
def people(four, pair):
    return SimpleNamespace(
        lead=make_staff(Role.CARE_LEAD, four.school, "覃主任"),
        homeroom=make_staff(Role.HOMEROOM, four, "石老师"),
        counsellor=make_staff(Role.COUNSELLOR, four.school, "黄老师"),
    )


@pytest.fixture
def incident(pair, people) -> Incident:
    return open_incident(
        school=pair[0].school, children=pair, by=people.lead, kind="bullying", found_at=FOUND, now=NOW,
        account="龙小川多次向李小兰索要零花钱",
    )  # fmt: skip


def part_of(incident, child):
    return incident.involved.get(child=child)


def told(incident, minutes, by, **kw):
    return report_to(incident=incident, to="guardian", at=FOUND + timedelta(minutes=minutes), by=by, now=NOW, **kw)


def photo(size=(40, 20)) -> SimpleUploadedFile:
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "村口拍的"
    Image.new("RGB", size, "white").save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("IMG_0001.jpg", made.getvalue(), "image/jpeg")


def close(incident, by) -> None:
    close_incident(
        incident=incident, outcome="已调解", aftercare="无需，双方和好", unreported="普通口角", by=by, now=NOW
    )


def test_each_guardian_has_a_clock_of_its_own(incident, pair, people) -> None:
    with pytest.raises(ValidationError, match="哪名学生"):
        told(incident, 5, people.lead)
    told(incident, 5, people.lead, about=part_of(incident, pair[0]))
    found = {
        clock.label: clock.mark
        for clock in clocks(incident, incident.reports.all(), CareRules(school=incident.school), NOW)
        if clock.to == "guardian"
    }
    assert found == {"通知李小兰的监护人": Mark.IN_TIME, "通知龙小川的监护人": Mark.RUNNING}
    with pytest.raises(ValidationError, match="没有登记报告：校长、龙小川的监护人。"):
        close(incident, people.lead)
    told(incident, 8, people.lead, about=part_of(incident, pair[1]))
    report_to(incident=incident, to="head", at=FOUND, by=people.lead, now=NOW)
    close(incident, people.lead)


def test_one_suspected_guardian_does_not_keep_the_other_from_knowing(incident, pair, people) -> None:
    first = part_of(incident, pair[0])
    who = {"by": people.lead, "now": NOW}
    put_right(incident=incident, row=first, version=1, part="harmed", guardian_suspected=True, reason="孩子说的", **who)
    with pytest.raises(ValidationError, match="有侵害嫌疑"):
        told(incident, 5, people.lead, about=first)
    assert told(incident, 5, people.lead, about=part_of(incident, pair[1])).about.child == pair[1]
    note = IncidentNote.objects.get()
    assert note.text == ("更正原因：孩子说的\n李小兰：涉及情况原为“当事学生”，改为“受到伤害”；监护人改为有侵害嫌疑")


def test_who_only_saw_it_is_not_asked_after_and_weighs_nothing(incident, pair, people) -> None:
    make_term(incident.school)
    put_right(
        incident=incident, row=part_of(incident, pair[1]), version=1, part="witness", guardian_suspected=False,
        reason="只是看见",
        by=people.lead, now=NOW,
    )  # fmt: skip
    labels = [c.label for c in clocks(incident, [], CareRules(school=incident.school), NOW) if c.to == "guardian"]
    assert labels == ["通知李小兰的监护人"]
    known = {one.child_id: one.incidents for one in known_of(Child.objects.all(), TODAY)}
    assert known == {pair[0].pk: {"bullying"}, pair[1].pk: frozenset()}


@pytest.mark.data
def test_the_second_of_two_corrections_is_asked(incident, pair, people) -> None:
    row = part_of(incident, pair[0])
    who = {"incident": incident, "row": row, "guardian_suspected": False, "by": people.lead, "now": NOW}
    put_right(version=1, part="harmed", reason="核实", **who)
    with pytest.raises(Stale):
        put_right(version=1, part="acted", reason="核实", **who)


def test_a_second_child_comes_in_and_out_with_a_line_each(incident, four, people) -> None:
    third = make_left_behind("蒙小燕", four)
    who = {"by": people.lead, "now": NOW}
    row = involve(incident=incident, child=third, part="concerned", guardian_suspected=False, **who)
    with pytest.raises(ValidationError, match="已经在"):
        involve(incident=incident, child=third, part="concerned", guardian_suspected=False, **who)
    other = make_left_behind("外校学生", make_class(make_school("栗坪小学")))
    with pytest.raises(ValidationError, match="本校"):
        involve(incident=incident, child=other, part="concerned", guardian_suspected=False, **who)
    take_out(incident=incident, row=row, reason="认错人", **who)
    assert [note.text for note in IncidentNote.objects.all()] == [
        "涉及学生增加蒙小燕（当事学生）",
        "更正原因：认错人\n涉及学生移出蒙小燕",
    ]
    told(incident, 3, people.lead, about=incident.involved.first())
    with pytest.raises(ValidationError, match="不能再移出"):
        take_out(incident=incident, row=incident.involved.first(), reason="认错人", **who)


def test_a_pupil_whose_family_is_suspected_is_not_taken_out_first(incident, pair, people) -> None:
    who = {"incident": incident, "by": people.lead, "now": NOW}
    row = suspect(member=pair[0].family.first(), **who)
    with pytest.raises(ValidationError, match="有嫌疑的家人"):
        take_out(row=part_of(incident, pair[0]), reason="认错人", **who)
    clear(row=row, reason="查明无关", **who)
    take_out(row=part_of(incident, pair[0]), reason="认错人", **who)
    assert list(incident.children.all()) == [pair[1]]


def test_each_child_has_the_file_in_its_own_timeline(incident, pair, people) -> None:
    for child in pair:
        (line,) = timeline([child], people.lead, last=date(2026, 12, 31), kinds={"incident"})
        assert line.title == "事件报告：欺凌（已报告）"
    (line,) = timeline([pair[0]], people.homeroom, last=date(2026, 12, 31), kinds={"incident"})
    assert (line.title, line.sealed) == ("事件报告", True)


def test_a_named_person_opens_the_dossier_of_its_own_child_only(client, incident, pair, people) -> None:
    name_member(incident=incident, staff=people.homeroom, part="", by=people.lead, now=NOW)
    client.force_login(people.homeroom)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "李小兰、龙小川" in page
    assert reverse("children:child_show", args=[pair[0].pk]) in page
    assert reverse("children:child_show", args=[pair[1].pk]) not in page
    looked = AccessEntry.objects.filter(event=Event.VIEW, staff_id=people.homeroom.pk, detail=f"incident {incident.pk}")
    assert set(looked.values_list("child_id", flat=True)) == {child.pk for child in pair}


def test_several_names_are_typed_at_once_and_a_wrong_one_loses_nothing(client, pair, people) -> None:
    client.force_login(people.lead)
    sent = {
        "kind": "bullying",
        "children": "李小兰、龙大川\n龙小川",
        "found_at": f"{timezone.localtime() - timedelta(minutes=3):%Y-%m-%dT%H:%M}",
        "account": "索要零花钱",
        "guardian_suspected": "on",
    }
    refused = client.post(reverse("activities:incident_add"), sent)
    assert refused.status_code == 422
    assert "没有找到叫“龙大川”的学生" in refused.content.decode()
    assert "李小兰、龙大川" in refused.content.decode()
    made = client.post(reverse("activities:incident_add"), sent | {"children": "李小兰，龙小川；李小兰"})
    assert made.status_code == 302
    rows = Incident.objects.get().involved.values_list("child__name", "guardian_suspected")
    assert list(rows) == [("李小兰", True), ("龙小川", True)]


def test_a_suspicion_without_a_name_is_kept_in_words(people, four) -> None:
    made = open_incident(
        school=four.school, by=people.lead, found_at=FOUND, now=NOW, account="一名学生有伤", guardian_suspected=True
    )
    assert made.account == "一名学生有伤（登记时注明：监护人有侵害嫌疑，不通知其本人。）"


def test_the_pages_of_a_pupil_in_a_file(client, incident, pair, people) -> None:
    client.force_login(people.lead)
    row = part_of(incident, pair[1])
    url = reverse("activities:incident_child_amend", args=[incident.pk, row.pk])
    sent = opened(client, url) | {"part": "acted", "reason": "本人承认"}
    assert client.post(url, sent)["Location"] == reverse("activities:incident_show", args=[incident.pk])
    late = client.post(url, sent | {"part": "witness", "reason": "听说只是看见"})
    assert late.status_code == 409
    assert "听说只是看见" in late.content.decode()
    client.post(reverse("activities:incident_child_remove", args=[incident.pk, row.pk]), {"reason": "认错人"})
    assert list(incident.children.all()) == [pair[0]]


def test_a_photo_is_written_anew_and_for_the_eyes_of_the_file(client, incident, people) -> None:
    client.force_login(people.counsellor)
    url = reverse("activities:incident_file_add", args=[incident.pk])
    assert client.post(url, {"file": photo((3000, 1500)), "title": "现场照片"}).status_code == 302
    row = IncidentFile.objects.get()
    address = reverse("activities:incident_file_open", args=[incident.pk, row.pk])
    answer = client.get(address)
    kept = Image.open(io.BytesIO(answer.content))
    assert max(kept.size) == 2000
    assert not kept.getexif()
    assert "sandbox" in answer["Content-Security-Policy"]
    opened_by = AccessEntry.objects.filter(event=Event.EXPORT, staff_id=people.counsellor.pk)
    assert opened_by.count() == 2  # one for each pupil of the file
    client.force_login(people.homeroom)
    assert client.get(address).status_code == 404


def test_what_is_no_paper_is_refused_and_a_closed_file_takes_none(client, incident, pair, people) -> None:
    client.force_login(people.lead)
    url = reverse("activities:incident_file_add", args=[incident.pk])
    refused = client.post(url, {"file": SimpleUploadedFile("证明.docx", b"PK\x03\x04abc"), "title": "诊断证明"})
    assert refused.status_code == 422
    assert "另存为 PDF" in refused.content.decode()
    assert "诊断证明" in refused.content.decode()
    for child in pair:
        told(incident, 5, people.lead, about=part_of(incident, child))
    report_to(incident=incident, to="head", at=FOUND, by=people.lead, now=NOW)
    close(incident, people.lead)
    with pytest.raises(ValidationError, match="已结案"):
        attach(incident=incident, file=photo(), title="照片", by=people.lead)


def test_a_paper_taken_out_is_gone_and_its_line_stays(
    client, incident, people, django_capture_on_commit_callbacks
) -> None:
    row = attach(incident=incident, file=photo(), title="现场照片", by=people.lead)
    name, storage = row.file.name, row.file.storage
    client.force_login(people.lead)
    url = reverse("activities:incident_file_remove", args=[incident.pk, row.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"reason": "放错了档案"})
    assert not storage.exists(name)
    row.refresh_from_db()
    assert (row.removed_reason, row.file.name) == ("放错了档案", "")
    assert client.get(reverse("activities:incident_file_open", args=[incident.pk, row.pk])).status_code == 404


def test_the_report_names_each_pupil_and_lists_the_papers(client, incident, pair, people) -> None:
    attach(incident=incident, file=photo(), title="李小兰的诊断证明", by=people.lead)
    told(incident, 5, people.lead, about=part_of(incident, pair[0]), way="电话")
    whole = incident_paper(incident, CareRules(school=incident.school), anonymous=False, on=TODAY)
    assert [(one.name, one.guardian) for one in whole.pupils] == [
        ("李小兰", "2026年11月20日15时15分通知（电话）"),
        ("龙小川", "尚未通知"),
    ]
    assert [line.to for line in whole.chain] == ["李小兰的监护人"]
    hidden = incident_paper(incident, CareRules(school=incident.school), anonymous=True, on=TODAY)
    assert (hidden.account, hidden.files) == ("学生乙多次向学生甲索要零花钱", ())
    assert ([one.name for one in hidden.pupils], hidden.chain[0].to) == (["学生甲", "学生乙"], "学生甲的监护人")
    assert "李小兰" not in str(hidden)
    client.force_login(people.lead)
    paper = text_of(client.get(reverse("activities:incident_print", args=[incident.pk])).content)
    assert "附件清单" in paper
    assert "李小兰的诊断证明" in paper


def test_the_list_costs_the_same_for_one_pupil_and_for_twelve(
    client, four, people, django_assert_max_num_queries
) -> None:
    client.force_login(people.lead)
    url = reverse("activities:incident_list")
    many = [make_left_behind(f"学生{number}", four) for number in range(12)]
    facts = {"school": four.school, "by": people.lead, "found_at": FOUND, "now": NOW, "account": "食物中毒"}
    open_incident(children=many[:1], **facts)
    client.get(url)
    with django_assert_max_num_queries(60) as before:
        client.get(url)
    open_incident(children=many, **facts)
    with django_assert_max_num_queries(len(before)):
        assert "学生0等12人" in client.get(url).content.decode()


def test_who_needs_legal_aid_is_found_and_whether_it_was_given(client, incident, four, people) -> None:
    """The share of those who got it is counted over those who need it (domain §13, row 85)."""
    others = {
        aid: open_incident(
            school=four.school, by=people.lead, kind="rights", found_at=FOUND, now=NOW, account="追讨抚养费",
            legal_aid=aid,
        )
        for aid in ("wanted", "given", "not_needed")
    }  # fmt: skip
    client.force_login(people.lead)

    def listed(aid: str) -> set[int]:
        rows = client.get(reverse("activities:incident_list"), {"aid": aid}).context["page"].object_list
        return {row.pk for row in rows}

    assert listed("needed") == {others["wanted"].pk, others["given"].pk}
    assert listed("given") == {others["given"].pk}
    assert listed("") == {incident.pk, *(row.pk for row in others.values())}
    assert "（1/2）" in client.get(reverse("activities:incident_list")).content.decode()
    url = reverse("activities:incident_amend", args=[others["wanted"].pk])
    sent = opened(client, url) | {"legal_aid": "given", "reason": "司法所已受理"}
    sent["found_at"] = f"{timezone.localtime(FOUND):%Y-%m-%dT%H:%M}"
    assert client.post(url, sent).status_code == 302
    text = others["wanted"].notes.get().text
    assert text == "更正原因：司法所已受理\n法律援助：原为“需要，还没有得到”，改为“已得到”"
    paper = client.get(reverse("activities:incident_print", args=[others["wanted"].pk])).content
    assert "已得到" in text_of(paper)


def test_of_two_who_put_facts_right_the_second_is_asked(client, incident, people) -> None:
    """A report made meanwhile is nobody's clash; another word on the same fact is."""
    client.force_login(people.lead)
    url = reverse("activities:incident_amend", args=[incident.pk])
    first = opened(client, url) | {"place": "校门口", "reason": "问清了"}
    second = first | {"place": "村口小桥", "reason": "学生说的"}
    report_to(incident=incident, to="head", at=NOW, by=people.lead, now=NOW)
    assert client.post(url, first).status_code == 302
    asked = client.post(url, second)
    assert asked.status_code == 409
    assert "校门口" in asked.content.decode()
    assert "村口小桥" in asked.content.decode()
    incident.refresh_from_db()
    assert incident.place == "校门口"
    again = second | {"version": asked.context["form"]["version"].value()}
    assert client.post(url, again).status_code == 302
    incident.refresh_from_db()
    assert (incident.place, incident.kind) == ("村口小桥", "bullying")
    assert incident.notes.last().text == "更正原因：学生说的\n地点：原为“校门口”，改为“村口小桥”"


def test_who_is_put_into_a_file_on_the_page_stands_in_the_log(client, incident, people, four) -> None:
    third = make_left_behind("石小禾", four)
    client.force_login(people.lead)
    url = reverse("activities:incident_child_add", args=[incident.pk])
    assert client.post(url, {"child": "石小禾", "part": "witness"}).status_code == 302
    assert AccessEntry.objects.filter(event=Event.WRITE, child_id=third.pk).exists()
