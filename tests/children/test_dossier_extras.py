"""What hangs on a dossier: phones, care warnings, papers, siblings, standing, pledges, the counsellor's note."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.care_watch import care_warnings
from children.contacts import calling_order, check_phone, move_phone
from children.files import check_pdf, keep_file, opens, remove_file
from children.models import (
    CareArrangement,
    Child,
    ChildFile,
    FamilyMember,
    MindNote,
    Phone,
    SafetyPledge,
    SiblingLink,
    SpecialStanding,
)
from children.siblings import household, say_sibling
from children.sight import sight_of
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def child() -> Child:
    made = make_left_behind()
    make_term(made.school)
    return made


@pytest.fixture
def homeroom(child: Child) -> Staff:
    return make_staff(Role.HOMEROOM, child.school_class, name="罗春燕")


def dossier(client: Client, staff: Staff, child: Child) -> str:
    client.force_login(staff)
    return client.get(f"/students/{child.pk}/").content.decode()


# Phones


def test_one_press_says_that_somebody_got_through(client: Client, child: Child, homeroom: Staff) -> None:
    phone = Phone.objects.get(child=child)
    client.force_login(homeroom)
    answer = client.post(f"/students/{child.pk}/phones/{phone.pk}/check/ok/", follow=True)
    phone.refresh_from_db()
    assert (phone.state, phone.verified_on, phone.tried_on) == ("ok", TODAY, TODAY)
    text = answer.content.decode()
    assert text.count("已打通，记为今天核实") == 1
    assert "已打通，记为今天核实" in text.split('id="calling"')[1].split("</section>")[0], "said where it was pressed"


def test_from_the_list_of_contacts_it_is_said_on_that_page(client: Client, child: Child, homeroom: Staff) -> None:
    phone = Phone.objects.get(child=child)
    client.force_login(homeroom)
    page = reverse("children:contact_list")
    check = f"/students/{child.pk}/phones/{phone.pk}/check/no_answer/"
    answer = client.post(check, follow=True, headers={"referer": f"http://testserver{page}"})
    assert answer.redirect_chain[-1][0] == page
    assert "没有打通，已记下今天打过" in answer.content.decode()


def test_a_call_in_vain_keeps_the_earlier_proof(child: Child) -> None:
    phone = Phone.objects.get(child=child)
    check_phone(phone=phone, outcome="ok", on=date(2026, 9, 5))
    phone = check_phone(phone=phone, outcome="no_answer", on=TODAY)
    assert (phone.state, phone.verified_on, phone.tried_on) == ("no_answer", date(2026, 9, 5), TODAY)
    with pytest.raises(ValidationError):
        check_phone(phone=phone, outcome="unverified", on=TODAY)


def test_phones_move_over_all_members(client: Client, child: Child, homeroom: Staff) -> None:
    mother = child.family.get(relation="52")
    second = Phone.objects.create(child=child, member=mother, number="13900001111")
    third = Phone.objects.create(child=child, member=mother, number="13900002222")
    client.force_login(homeroom)
    client.post(f"/students/{child.pk}/phones/{third.pk}/move/up/")
    client.post(f"/students/{child.pk}/phones/{third.pk}/move/up/")
    order = [phone.number for phone in calling_order(list(Phone.objects.filter(child=child)))]
    assert order == ["13900002222", "13800001111", "13900001111"]
    move_phone(phone=third, up=True)
    assert calling_order(list(Phone.objects.filter(child=child)))[0] == third
    second.refresh_from_db()
    assert second.order == 3


def test_a_mentor_sees_phones_and_presses_nothing(client: Client, child: Child) -> None:
    staff = make_staff()
    make_pairing(child, make_mentor(staff, child.school))
    text = dossier(client, staff, child)
    assert "138****1111" in text
    assert "已打通" not in text
    phone = Phone.objects.get(child=child)
    assert client.post(f"/students/{child.pk}/phones/{phone.pk}/check/ok/").status_code == 403


def test_contacts_to_verify_vanish_from_the_list_when_reached(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    assert child.name in client.get("/students/contacts/").content.decode()
    phone = Phone.objects.get(child=child)
    page = client.post(
        f"/students/{child.pk}/phones/{phone.pk}/check/ok/",
        headers={"referer": "http://testserver/students/contacts/?whom=all"},
    )
    assert page.url == "/students/contacts/?whom=all"
    assert "都核实过了" in client.get(page.url).content.decode()


@pytest.mark.parametrize("rows", [1, 10])
def test_the_contact_list_stays_flat(client: Client, homeroom: Staff, rows: int, django_assert_max_num_queries) -> None:
    at = homeroom.posts()[0].school_class
    for number in range(rows):
        make_left_behind(f"学生{number}", at)
    client.force_login(homeroom)
    with django_assert_max_num_queries(22):
        assert client.get("/students/contacts/").status_code == 200


# Gaps by class


def test_the_gap_table_opens_its_numbers(client: Client, child: Child, homeroom: Staff) -> None:
    make_child("安小禾", child.school_class)
    client.force_login(homeroom)
    text = client.get("/students/gaps/").content.decode()
    assert "（0/1）" in text
    assert f"school_class={child.school_class_id}&amp;missing=address" in text
    everybody = client.get("/students/gaps/?whom=all").content.decode()
    assert "（0/2）" in everybody
    listed = client.get("/students/?away=left&missing=address").content.decode()
    assert "李小兰" in listed
    assert "安小禾" not in listed


@pytest.mark.parametrize("what", ["classes", "children"])
def test_gaps_as_a_workbook_are_logged(client: Client, child: Child, homeroom: Staff, what: str) -> None:
    client.force_login(homeroom)
    answer = client.get(f"/students/gaps/export/{what}/")
    assert answer.content[:2] == b"PK"
    assert AccessEntry.objects.filter(event=Event.EXPORT, detail__startswith=f"gaps {what}").exists()


# Care


def care(child: Child, **kw) -> CareArrangement:
    row = child.care.get()
    for name, value in kw.items():
        setattr(row, name, value)
    row.save()
    return row


def said(row: CareArrangement | None, papers=(), **kw) -> str:
    given = {"both_away": True, "papers": papers, "on": TODAY} | kw
    return " ".join(warning.text for warning in care_warnings(row, **given))


def test_both_parents_away_want_a_written_entrustment(child: Child) -> None:
    row = child.care.get()
    assert "还没有登记委托照护协议" in said(row)
    assert "书面告知学校" in said(row)
    assert "委托照护协议" not in said(row, both_away=False)


@pytest.mark.parametrize(
    "days,words", [(-1, "到期，请尽快续签"), (10, "还有10天"), (60, "")], ids=["over", "soon", "far"]
)
def test_an_entrustment_that_ends_is_told_in_time(child: Child, days: int, words: str) -> None:
    row = care(child, entrusted=True, entrusted_on=date(2026, 1, 5), entrusted_until=TODAY + timedelta(days=days))
    text = said(row, papers={"entrustment"})
    assert words in text
    assert ("到期" in text) is bool(words)


def test_nothing_is_left_to_say_when_all_is_there(child: Child) -> None:
    row = care(
        child,
        entrusted=True,
        entrusted_on=date(2026, 9, 1),
        entrusted_until=date(2027, 8, 31),
        school_told_on=date(2026, 9, 1),
        excluded_checked_on=date(2026, 9, 1),
    )
    assert said(row, papers={"entrustment"}) == ""


def test_what_excludes_a_carer_is_for_those_who_care_only(client: Client, child: Child, homeroom: Staff) -> None:
    care(child, exclusions=["vice"], excluded_checked_on=TODAY, entrusted=True)
    assert "吸毒、酗酒、赌博" in dossier(client, homeroom, child)
    mentor = make_staff()
    make_pairing(child, make_mentor(mentor, child.school))
    for staff in (mentor, make_staff(Role.REGISTRAR, child.school)):
        text = dossier(client, staff, child)
        assert "酗酒" not in text
        assert "不得委托其照护" not in text


def test_a_registrar_saves_the_care_without_touching_the_check(client: Client, child: Child) -> None:
    row = care(child, exclusions=["vice"], excluded_checked_on=TODAY)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert "不得委托情形核查" not in client.get(f"/students/{child.pk}/care/").content.decode()
    data = {"carer": row.carer_id, "care_type": "grandparent", "rating": "good", "opened_version": row.version}
    assert client.post(f"/students/{child.pk}/care/", data).status_code == 302
    row.refresh_from_db()
    assert (row.rating, row.exclusions) == ("good", ["vice"])


# Papers


def picture() -> SimpleUploadedFile:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "家门口拍的"
    Image.new("RGB", (3000, 1500), "white").save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("协议.jpg", made.getvalue(), "image/jpeg")


def upload(client: Client, child: Child, **kw):
    data = {"kind": "entrustment", "file": picture(), "title": "", "on": "2026-09-01"} | kw
    return client.post(f"/students/{child.pk}/files/new/", data)


def test_a_picture_is_written_anew_and_served_in_the_page(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    assert upload(client, child).status_code == 302
    row = ChildFile.objects.get(child=child)
    assert (row.title, row.uploaded_by, row.care) == ("委托照护协议", homeroom, child.care.get())
    answer = client.get(f"/students/{child.pk}/files/{row.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    kept = Image.open(io.BytesIO(answer.content))
    assert max(kept.size) == 2000
    assert not kept.getexif()
    assert AccessEntry.objects.filter(event=Event.EXPORT, child_id=child.pk, detail__startswith="file").exists()


def test_a_pdf_leaves_as_a_download(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    upload(client, child, file=SimpleUploadedFile("x.jpg", PDF), title="告知书", kind="notice")
    row = ChildFile.objects.get(child=child)
    answer = client.get(f"/students/{child.pk}/files/{row.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content == PDF


@pytest.mark.parametrize(
    "content,words",
    [
        (b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF", "脚本"),
        (b"%PDF-1.4\n1 0 obj<</S/J#61vaScript>>endobj\n%%EOF", "脚本"),
        (b"%PDF-1.4\n1 0 obj<</Encrypt 2 0 R>>endobj\n%%EOF", "密码"),
        (b"%PDF-1.4\n1 0 obj", "不完整"),
    ],
)
def test_a_pdf_that_acts_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        check_pdf(content)


def test_a_script_packed_in_a_pdf_is_found() -> None:
    import zlib

    packed = zlib.compress(b"<</S/JavaScript/JS(x)>>")
    with pytest.raises(ValidationError, match="脚本"):
        check_pdf(b"%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + packed + b"\nendstream\n%%EOF")


@pytest.mark.parametrize(
    "file,words",
    [
        (SimpleUploadedFile("a.docx", b"PK\x03\x04" + b"0" * 50), "另存为 PDF"),
        (SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>"), "不是照片"),
    ],
)
def test_other_files_are_refused_with_what_to_do(client: Client, child: Child, homeroom: Staff, file, words) -> None:
    client.force_login(homeroom)
    file.seek(0)
    answer = upload(client, child, file=file)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_opens_what(child: Child, homeroom: Staff) -> None:
    """The page's rule and the database's rule are one."""
    people = {
        "homeroom": homeroom,
        "lead": make_staff(Role.CARE_LEAD, child.school),
        "registrar": make_staff(Role.REGISTRAR, child.school),
        "counsellor": make_staff(Role.COUNSELLOR, child.school),
        "teacher": make_staff(Role.TEACHER, child.school_class),
        "stranger": make_staff(Role.PRINCIPAL, make_class()),
    }
    files = [
        ChildFile.objects.create(child=child, kind=kind, title=kind, on=TODAY, restricted=hidden, uploaded_by=homeroom)
        for kind in ("entrustment", "certificate", "health", "talks")
        for hidden in (False, True)
    ]
    found = {}
    for name, staff in people.items():
        sight = sight_of(staff, child)
        by_rule = {row.pk for row in files if opens(row, sight, staff)}
        assert by_rule == set(ChildFile.objects.visible_to(staff).values_list("pk", flat=True)), name
        found[name] = {(row.kind, row.restricted) for row in files if row.pk in by_rule}
    assert len(found["homeroom"]) == len(found["lead"]) == 8
    assert found["registrar"] == {("entrustment", False), ("certificate", False), ("health", False)}
    assert found["counsellor"] == {("entrustment", False), ("health", False), ("talks", False)}
    assert found["teacher"] == found["stranger"] == set()


def test_a_paper_goes_with_a_reason_and_its_bytes(
    client: Client, child: Child, homeroom: Staff, django_capture_on_commit_callbacks
) -> None:
    row = keep_file(child=child, file=picture(), kind="work", title="作文", on=TODAY, by=homeroom)
    name, storage = row.file.name, row.file.storage
    client.force_login(homeroom)
    assert client.post(f"/students/{child.pk}/files/{row.pk}/remove/", {"reason": ""}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(row=row, reason="放错了档案", on=TODAY)
    assert not storage.exists(name)
    assert client.get(f"/students/{child.pk}/files/{row.pk}/").status_code == 404
    assert "作文" not in client.get(f"/students/{child.pk}/files/").content.decode()


# Siblings


def test_a_shared_phone_proposes_and_a_person_says(client: Client, child: Child, homeroom: Staff) -> None:
    brother = make_left_behind("李小强", child.school_class)
    text = dossier(client, homeroom, child)
    assert "可能是兄弟姐妹" in text
    client.post(f"/students/{child.pk}/siblings/{brother.pk}/yes/")
    assert household(child, homeroom, TODAY, propose=True)[0][0].child == brother
    assert household(brother, homeroom, TODAY, propose=True)[0][0].child == child
    client.post(f"/students/{brother.pk}/siblings/{child.pk}/no/")
    assert household(child, homeroom, TODAY, propose=True) == ([], [])
    assert SiblingLink.objects.count() == 1


def test_a_sibling_out_of_sight_is_not_told(client: Client, child: Child, homeroom: Staff) -> None:
    other = make_left_behind("李小强", make_class(child.school, number=2))
    principal = make_staff(Role.PRINCIPAL, child.school)
    say_sibling(child=child, other=other, confirmed=True, by=principal, on=TODAY)
    assert "李小强" in dossier(client, principal, child)
    assert "李小强" not in dossier(client, homeroom, child)
    assert client.post(f"/students/{child.pk}/siblings/{other.pk}/yes/").status_code == 404


# 三特生, pledge, the counsellor's note


def test_standing_is_as_confidential_as_the_fact_behind_it(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = {"kind": "poor", "note": "低保户，父亲患病", "starts_on": "2026-09-10"}
    assert client.post(f"/students/{child.pk}/special/new/", data).status_code == 302
    client.post(f"/students/{child.pk}/special/new/", data | {"kind": "gifted", "note": "书法好"})
    again = client.post(f"/students/{child.pk}/special/new/", data)
    assert "已经登记在这一类里" in again.content.decode()
    assert "低保户，父亲患病" in dossier(client, homeroom, child)
    teacher = make_staff(Role.TEACHER, child.school_class)
    text = dossier(client, teacher, child)
    assert "书法好" in text
    assert "低保户" not in text
    listed = client.get("/students/special/").content.decode()
    assert "书法好" in listed
    assert "低保户" not in listed


def test_a_standing_ends_with_a_date(client: Client, child: Child, homeroom: Staff) -> None:
    row = SpecialStanding.objects.create(child=child, kind="poor", note="低保户", starts_on=date(2026, 9, 1))
    client.force_login(homeroom)
    data = {"kind": "poor", "note": "低保户", "starts_on": "2026-09-01", "ends_on": "2026-11-01", "opened_version": 1}
    assert client.post(f"/students/{child.pk}/special/{row.pk}/", data).status_code == 302
    assert not SpecialStanding.objects.on(TODAY).exists()


def test_a_pledge_opened_again_is_corrected(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    address = f"/students/{child.pk}/pledge/carer/"
    for opened, name in enumerate(("王桂英", "李大山")):
        data = {"signed_by": name, "signed_on": "2026-09-05", "opened_version": opened}
        assert client.post(address, data).status_code == 302
    assert SafetyPledge.objects.get(child=child).signed_by == "李大山"
    assert "李大山，2026年9月5日签" in dossier(client, homeroom, child)
    late = client.post(address, {"signed_by": "王秀英", "signed_on": "2026-09-06", "opened_version": 0})
    assert late.status_code == 409
    assert "李大山" in late.content.decode()
    assert SafetyPledge.objects.get(child=child).signed_by == "李大山"


def test_the_counsellor_s_note_is_the_counsellor_s_alone(client: Client, child: Child, homeroom: Staff) -> None:
    counsellor = make_staff(Role.COUNSELLOR, child.school)
    client.force_login(counsellor)
    assert client.post(f"/students/{child.pk}/mind/", {"text": "睡不好，想妈妈"}).status_code == 302
    assert MindNote.objects.get(child=child).text == "睡不好，想妈妈"
    assert "睡不好，想妈妈" in dossier(client, counsellor, child)
    for staff in (homeroom, make_staff(Role.PRINCIPAL, child.school)):
        text = dossier(client, staff, child)
        assert "睡不好" not in text
        assert "心理状况" not in text
        assert client.get(f"/students/{child.pk}/mind/").status_code == 403


# The timeline


def test_the_timeline_page_filters_by_kind_and_span(client: Client, child: Child, homeroom: Staff) -> None:
    SpecialStanding.objects.create(child=child, kind="gifted", note="书法好", starts_on=date(2026, 9, 20))
    client.force_login(homeroom)
    text = client.get(f"/students/{child.pk}/timeline/").content.decode()
    for words in ("登记为特长生", "父亲外出务工", "照护安排：祖辈", "新生入学"):
        assert words in text
    only = client.get(f"/students/{child.pk}/timeline/?kind=special").content.decode()
    assert "登记为特长生" in only
    assert "照护安排：祖辈" not in only
    late = client.get(f"/students/{child.pk}/timeline/?first=2026-09-19&last=2026-09-21").content.decode()
    assert "登记为特长生" in late
    assert "新生入学" not in late
    wrong = client.get(f"/students/{child.pk}/timeline/?first=2026-09-21&last=2026-09-01")
    assert "结束日期不能早于开始日期" in wrong.content.decode()


def test_a_teacher_s_timeline_holds_no_family(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    text = client.get(f"/students/{child.pk}/timeline/").content.decode()
    assert "建立档案" in text
    assert "外出务工" not in text
    assert "祖辈" not in text


@pytest.mark.parametrize("rows", [1, 12])
def test_the_dossier_and_its_timeline_stay_flat(
    client: Client, child: Child, rows: int, django_assert_max_num_queries
) -> None:
    staff = make_staff(Role.PRINCIPAL, child.school)
    for number in range(rows):
        ChildFile.objects.create(child=child, kind="work", title=f"作文{number}", on=TODAY)
        FamilyMember.objects.create(child=child, relation="97", name=f"亲戚{number}")
        say_sibling(
            child=child, other=make_child(f"弟弟{number}", child.school_class), confirmed=True, by=None, on=TODAY
        )
    client.force_login(staff)
    with django_assert_max_num_queries(44):
        client.get(f"/students/{child.pk}/")
    with django_assert_max_num_queries(44):
        client.get(f"/students/{child.pk}/timeline/")
