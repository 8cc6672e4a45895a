"""Pledges and agreements: who has to sign, who has, and the wording with its versions."""

import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from children.models import CareArrangement, Child, ChildFile, SafetyPledge
from mentoring import paper_texts, signing
from mentoring.handover import change_mentor
from mentoring.models import Agreement, Mentor, PaperKind, PaperText
from tests.support.factories import make_child, make_class, make_left_behind, make_mentor, make_pairing, make_staff
from tests.support.paper import pages_of, text_of

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()


def page(name, kind, school_class=None):
    url = reverse(f"mentoring:{name}", args=[kind])
    return f"{url}?class={school_class.pk}" if school_class else url


def test_each_paper_is_owed_by_the_right_children(school_class):
    both, one = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class, both=False)
    home = make_child("陈小红", school_class)
    make_pairing(home, make_mentor(None, school_class.school))
    everybody = Child.objects.filter(school_class=school_class)
    owed = {kind: set(signing.owing(kind, everybody, TODAY).values_list("pk", flat=True)) for kind in PaperKind}
    assert owed[PaperKind.PLEDGE_CARER] == owed[PaperKind.PLEDGE_HOMEROOM] == {both.pk, one.pk}
    assert owed[PaperKind.PAIRING] == owed[PaperKind.PLEDGE_MENTOR] == {home.pk}
    assert owed[PaperKind.ENTRUSTMENT] == {both.pk}


def test_a_class_signs_in_one_press_and_one_is_taken_back(client, homeroom, school_class):
    first, second = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class)
    third = make_left_behind("陈小红", school_class)
    client.force_login(homeroom)
    url = page("paper_kind", "pledge_homeroom", school_class)
    assert client.post(url, {"on": TODAY, "children": [first.pk, second.pk]}).status_code == 302
    rows = SafetyPledge.objects.filter(party="homeroom")
    assert set(rows.values_list("child", "signed_by", "signed_on")) == {
        (first.pk, "韦老师", TODAY), (second.pk, "韦老师", TODAY),
    }  # fmt: skip
    text = client.get(url).content.decode()
    assert text.index("陈小红") < text.index("已签的")
    reminder = text_of(client.get(page("paper_reminder", "pledge_homeroom", school_class)).content)
    assert "陈小红" in reminder
    assert "李小兰" not in reminder
    client.post(reverse("mentoring:paper_take_back", args=["pledge_homeroom", first.pk]))
    assert list(rows.values_list("child", flat=True)) == [second.pk]
    assert third.pk


def test_who_signed_meanwhile_keeps_the_first_day(homeroom, school_class):
    child = make_left_behind("李小兰", school_class)
    term = school_class.school.terms.get()
    signs = {
        "kind": PaperKind.PLEDGE_CARER,
        "children": [child],
        "today": TODAY,
        "until": None,
        "version": "",
        "term": term,
        "by": homeroom,
    }
    signing.sign_many(on=TODAY - timedelta(days=3), **signs)
    assert signing.sign_many(on=TODAY, **signs) == (0, [])
    assert SafetyPledge.objects.get().signed_on == TODAY - timedelta(days=3)


class TestWhoSigned:
    """A pledge is a person's word: it does not hold for who comes after."""

    @pytest.fixture
    def sign(self, lead, school_class):
        def sign(kind, child, on):
            term = school_class.school.terms.get()
            told = {"until": None, "version": "", "term": term, "by": lead}
            return signing.sign_many(kind=kind, children=[child], on=on, today=TODAY, **told)

        return sign

    @pytest.fixture
    def missing(self, school_class):
        def missing(kind):
            children, term = Child.objects.filter(school_class=school_class), school_class.school.terms.get()
            rows = signing.unsigned_pledges(children, term.pk, TODAY)
            names = {name for name, *open_ones in rows if open_ones[list(signing.PARTIES).index(kind)]}
            owed = signing.owing(kind, children, TODAY)
            open_ones = signing.open_ones(kind, owed.select_related("school"), TODAY)
            assert names == {child.name for child in open_ones}
            return names

        return missing

    @pytest.mark.data
    def test_a_new_mentor_has_not_signed(self, lead, school_class, sign, missing):
        kind, school = PaperKind.PLEDGE_MENTOR, school_class.school
        child, start = make_left_behind("李小兰", school_class), TODAY - timedelta(days=20)
        old, new = (make_mentor(make_staff(Role.TEACHER, school_class, name), school) for name in ("石老师", "覃老师"))
        pairing = make_pairing(child, old, on=start)
        sign(kind, child, start + timedelta(days=2))
        assert missing(kind) == set()
        change_mentor(pairing=pairing, mentor=new, on=TODAY, today=TODAY, by=lead)
        assert missing(kind) == {"李小兰"}
        sign(kind, child, TODAY)
        assert missing(kind) == set()
        assert SafetyPledge.objects.get().signed_by == "覃老师"

    @pytest.mark.data
    def test_a_new_class_teacher_has_not_signed(self, homeroom, school_class, sign, missing):
        kind, child = PaperKind.PLEDGE_HOMEROOM, make_left_behind("李小兰", school_class)
        sign(kind, child, TODAY - timedelta(days=3))
        assert missing(kind) == set()
        homeroom.appointments.update(ends_on=TODAY - timedelta(days=1))
        make_staff(Role.HOMEROOM, school_class, name="覃老师").appointments.update(starts_on=TODAY)
        assert missing(kind) == {"李小兰"}
        sign(kind, child, TODAY)
        assert missing(kind) == set()

    def test_who_signed_before_the_post_was_entered_has_signed(self, homeroom, school_class, sign, missing):
        child = make_left_behind("李小兰", school_class)
        sign(PaperKind.PLEDGE_HOMEROOM, child, TODAY - timedelta(days=3))
        homeroom.appointments.update(starts_on=TODAY)
        assert missing(PaperKind.PLEDGE_HOMEROOM) == set()


def test_nothing_chosen_or_a_day_to_come_is_refused(client, homeroom, school_class):
    child = make_left_behind("李小兰", school_class)
    client.force_login(homeroom)
    url = page("paper_kind", "pledge_carer", school_class)
    nothing = client.post(url, {"on": TODAY})
    assert nothing.status_code == 422
    assert "请勾选已经签好的学生" in nothing.content.decode()
    tomorrow = client.post(url, {"on": TODAY + timedelta(days=1), "children": [child.pk]})
    assert tomorrow.status_code == 422
    assert "不能在今天以后" in tomorrow.content.decode()
    assert "checked" in tomorrow.content.decode()


def test_an_agreement_that_has_run_out_is_owed_again(lead, school_class):
    child = make_left_behind("李小兰", school_class)
    make_pairing(child, make_mentor(None, school_class.school))
    children = Child.objects.filter(pk=child.pk)
    start = TODAY - timedelta(days=60)
    signing.sign_many(
        kind=PaperKind.PAIRING,
        children=[child],
        on=start,
        today=TODAY,
        until=TODAY,
        version="第1版",
        term=None,
        by=lead,
    )
    assert signing.standing(PaperKind.PAIRING, children, None, TODAY) == signing.Standing(1, 1, 1)
    assert signing.standing(PaperKind.PAIRING, children, None, TODAY + timedelta(days=1)).signed == 0
    assert Agreement.objects.get().template_version == "第1版"


class TestParties:
    """An agreement is signed when all have signed it; each renewal is a paper of its own."""

    ALL = ("school_signed_on", "mentor_signed_on", "carer_signed_on")

    @pytest.fixture
    def child(self, school_class):
        child = make_left_behind("李小兰", school_class)
        make_pairing(child, make_mentor(None, school_class.school))
        return child

    def state(self, child, kind=PaperKind.PAIRING):
        return signing.standing(kind, Child.objects.filter(pk=child.pk), None, TODAY).signed

    @pytest.mark.data
    def test_each_party_is_ticked_on_the_page(self, client, homeroom, school_class, child):
        client.force_login(homeroom)
        url = page("paper_kind", "pairing", school_class)
        told = {"on": TODAY - timedelta(days=2), "children": [child.pk]}
        assert "请勾选这次由谁签字" in client.post(url, told).content.decode()
        first = client.post(url, told | {"parties": ["school_signed_on", "mentor_signed_on"]}, follow=True)
        shown = " ".join(first.content.decode().split())
        assert "登记签订 1 人（学校、代理家长）。" in shown
        assert "还缺监护人" in shown
        assert "只签了一部分的" in shown
        assert self.state(child) == 0
        client.post(url, told | {"on": TODAY, "parties": list(self.ALL)})
        assert self.state(child) == 1
        row = Agreement.objects.get()
        assert (row.mentor_signed_on, row.carer_signed_on) == (TODAY - timedelta(days=2), TODAY)
        assert row.template_version == paper_texts.current(school_class.school, PaperKind.PAIRING).label
        assert "只签了一部分的" not in client.get(url).content.decode()

    def test_nobody_is_ticked_unless_one_alone_is_missing(self, client, homeroom, school_class, child):
        client.force_login(homeroom)
        url = page("paper_kind", "pairing", school_class)

        def ticked() -> list[str]:
            return client.get(url).context["form"]["parties"].value()

        assert ticked() == []
        client.post(url, {"on": TODAY, "children": [child.pk], "parties": ["school_signed_on", "mentor_signed_on"]})
        assert ticked() == ["carer_signed_on"]
        make_pairing(make_left_behind("王大明", school_class), Mentor.objects.get())
        assert ticked() == []

    def test_a_paper_that_is_not_complete_is_taken_back(self, client, homeroom, school_class, child):
        client.force_login(homeroom)
        url = page("paper_kind", "pairing", school_class)
        client.post(url, {"on": TODAY, "children": [child.pk], "parties": ["carer_signed_on"]})
        client.post(reverse("mentoring:paper_take_back", args=["pairing", child.pk]))
        assert not Agreement.objects.exists()

    @pytest.mark.data
    def test_a_renewal_keeps_the_old_paper_and_taken_back_it_holds_again(self, lead, child):
        sign = {"kind": PaperKind.PAIRING, "children": [child], "today": TODAY, "term": None, "by": lead}
        soon, later = TODAY + timedelta(days=9), TODAY + timedelta(days=300)
        signing.sign_many(on=TODAY - timedelta(days=90), until=soon, version="第1版", **sign)
        signing.sign_many(on=TODAY, until=later, version="第2版", parties=["carer_signed_on"], **sign)
        assert signing.signatures(PaperKind.PAIRING, [child.pk], None, TODAY)[child.pk].until == soon
        assert signing.running_out(Child.objects.all(), TODAY, soon).get().pairing_until == soon
        signing.sign_many(on=TODAY, until=later, version="第2版", **sign)
        found = signing.signatures(PaperKind.PAIRING, [child.pk], None, TODAY)[child.pk]
        assert (found.until, found.version) == (later, "第2版")
        assert not signing.running_out(Child.objects.all(), TODAY, soon).exists()
        assert list(Agreement.objects.order_by("pk").values_list("template_version", flat=True)) == ["第1版", "第2版"]
        signing.take_back(kind=PaperKind.PAIRING, child=child, term=None, today=TODAY)
        assert signing.signatures(PaperKind.PAIRING, [child.pk], None, TODAY)[child.pk].until == soon

    def test_an_entrustment_is_entered_with_the_care_when_all_have_signed(self, lead, child):
        kind = PaperKind.ENTRUSTMENT
        sign = {
            "kind": kind,
            "children": [child],
            "today": TODAY,
            "until": None,
            "version": "第3版",
            "term": None,
            "by": lead,
        }
        signing.sign_many(on=TODAY - timedelta(days=5), parties=["parent_signed_on"], **sign)
        assert self.state(child, kind) == 0
        signing.sign_many(on=TODAY, **sign)
        assert self.state(child, kind) == 1
        found = signing.signatures(kind, [child.pk], None, TODAY)[child.pk]
        assert (found.on, found.version) == (TODAY, "第3版")


def test_an_entrustment_stands_with_the_care_and_needs_a_carer(lead, school_class):
    with_carer = make_left_behind("李小兰", school_class)
    without = make_left_behind("王大明", school_class)
    CareArrangement.objects.filter(child=without).delete()
    done, refused = signing.sign_many(
        kind=PaperKind.ENTRUSTMENT, children=[with_carer, without], on=TODAY, today=TODAY, until=TODAY + timedelta(days=365),
        version="", term=None, by=lead,
    )  # fmt: skip
    care = CareArrangement.objects.open().filter(child=with_carer, carer__isnull=False)
    assert done == care.filter(entrusted=True, entrusted_on=TODAY).count()
    assert "王大明还没有登记由谁照顾，请先在档案的“照护”里登记。" in refused


def test_a_paper_names_the_child_and_the_blank_one_nobody(client, homeroom, school_class):
    make_left_behind("李小兰", school_class)
    make_left_behind("王大明", school_class)
    client.force_login(homeroom)
    sheets = pages_of(client.get(page("paper_print", "pledge_homeroom", school_class)).content)
    assert sum("学生李小兰" in sheet for sheet in sheets) == 1
    assert sum("韦老师" in sheet for sheet in sheets) == 2
    blank = text_of(client.get(page("paper_print", "pledge_homeroom") + "?blank=1").content)
    assert "李小兰" not in blank
    assert "安全责任书" in blank
    assert f"{school_class.school.name}：" in blank


def test_a_school_words_its_own_text_and_old_versions_stay(client, lead, school_class):
    client.force_login(lead)
    url = page("paper_text", "pledge_carer")
    unknown = client.post(url, {"title": "责任书", "text": "我保证{{宠物}}平安。", "seen": 0})
    assert unknown.status_code == 422
    assert "没有这些字段：{{宠物}}" in unknown.content.decode()
    assert "我保证" in unknown.content.decode()
    assert client.post(url, {"title": "责任书", "text": "我保证{{学生}}平安。", "seen": 0}).status_code == 302
    assert paper_texts.current(school_class.school, PaperKind.PLEDGE_CARER).text == "我保证{{学生}}平安。"
    late = client.post(url, {"title": "责任书", "text": "别的文字{{学生}}。", "seen": 0})
    assert late.status_code == 422
    assert "刚刚有人保存了第1版" in late.content.decode()
    assert [w.number for w in paper_texts.wordings(school_class.school, PaperKind.PLEDGE_CARER)] == [1, 0]
    assert PaperText.objects.count() == 1


@pytest.mark.parametrize("kind", PaperKind)
def test_every_text_that_ships_uses_known_fields(kind):
    wording = paper_texts.shipped(kind)
    paper_texts.check_text(wording.text)
    facts = dict.fromkeys(paper_texts.FIELDS, "某某")
    assert "{" not in "".join(paper_texts.paragraphs(wording.text, facts))


def test_a_broken_field_is_refused():
    with pytest.raises(ValidationError, match="没写完整的括号"):
        paper_texts.check_text("我保证{{学生平安。")


def test_scans_stand_beside_the_signature(client, lead, homeroom, school_class, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with_scan, without = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class)
    term = school_class.school.terms.get()
    signing.sign_many(
        kind=PaperKind.PLEDGE_CARER,
        children=[with_scan, without],
        on=TODAY,
        today=TODAY,
        until=None,
        version="",
        term=term,
        by=lead,
    )
    for day, title in ((TODAY, "奶奶签的"), (term.starts_on - timedelta(days=1), "上学期的")):
        ChildFile.objects.create(
            child=with_scan, kind="pledge_carer", title=title, file="files/x.pdf", on=day, uploaded_by=lead
        )
    client.force_login(homeroom)
    shown = client.get(page("paper_kind", "pledge_carer", school_class))
    text = shown.content.decode()
    assert shown.context["without_scan"] == 1
    assert "奶奶签的" in text
    assert "上学期的" not in text
    add = reverse("children:file_add", args=[without.pk]) + "?kind=pledge_carer"
    assert add in text
    assert client.get(add).context["form"]["kind"].value() == "pledge_carer"


def test_the_whole_school_prints_a_file_for_each_class(client, lead, school_class, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    other = make_class(school_class.school, grade=6)
    for number in range(31):
        make_left_behind(f"学生{number}", school_class if number % 2 else other)
    client.force_login(lead)
    answer = client.post(reverse("reports:sign_print", args=["pledge_carer"]))
    job = Job.objects.get()
    assert answer["Location"] == reverse("jobs:job_show", args=[job.pk])
    run(job.pk)
    job.refresh_from_db()
    with zipfile.ZipFile(job.file_path) as bundle:
        texts = {name: text_of(bundle.read(name)) for name in bundle.namelist()}
    assert set(texts) == {f"{c.name_on(TODAY)}安全责任书（监护人）.pdf" for c in (school_class, other)}
    assert "学生0" in texts[f"{other.name_on(TODAY)}安全责任书（监护人）.pdf"]
    assert sum(text.count("学校（盖章）") for text in texts.values()) == 31


def test_only_those_not_signed_are_printed_when_asked(client, lead, school_class):
    signed, waiting = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class)
    term = school_class.school.terms.get()
    signing.sign_many(
        kind=PaperKind.PLEDGE_CARER,
        children=[signed],
        on=TODAY,
        today=TODAY,
        until=None,
        version="",
        term=term,
        by=lead,
    )
    client.force_login(lead)
    text = text_of(client.post(reverse("reports:sign_print", args=["pledge_carer"]), {"open": "1"}).content)
    assert waiting.name in text
    assert signed.name not in text
    assert client.post(reverse("reports:sign_print", args=["nothing"])).status_code == 404
