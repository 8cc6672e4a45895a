"""Contact cards: versions, copies in people's hands, reprints, the card for the family."""

import zipfile
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from children.models import CardCopy, Child, ContactCard, Phone, PhoneState
from children.services import leave_school, set_parent_status
from reports.builders.card_states import CardState, card_lines, counted
from reports.builders.cards import CardSheets, SchoolLines, build_cards
from reports.bulk_papers import CARDS
from reports.printing import issue_cards
from tests.support.factories import make_left_behind, make_mentor, make_pairing, make_staff
from tests.support.paper import pages_of, silent_layout, text_of

pytestmark = pytest.mark.django_db
LIST = "reports:card_list"


@pytest.fixture
def cards(world, today, client):
    """The homeroom teacher at work on one verified child with a mentor."""
    Phone.objects.filter(child=world.child).update(verified_on=date(2026, 9, 12))
    make_pairing(world.child, make_mentor(make_staff(Role.TEACHER, world.four, name="孙立新"), world.school))
    client.force_login(world.homeroom)

    class Cards:
        child = world.child

        def line(self):
            found = Child.objects.filter(pk=world.child.pk).select_related("school", "school_class__school")
            return card_lines(found, on=today)[world.child.pk]

        def post(self, name, **data):
            with silent_layout():
                return client.post(reverse(f"reports:{name}"), {"child": [world.child.pk], "copies": 3} | data)

        def page(self, **query):
            return client.get(reverse(LIST), query).content.decode()

    return Cards()


class TestStates:
    def test_from_never_printed_to_changed(self, cards):
        assert cards.line().state == CardState.NEVER
        cards.post("card_print")
        assert cards.line().state == CardState.CURRENT
        Phone.objects.filter(child=cards.child).update(number="13800009999")
        assert cards.line().state == CardState.CHANGED
        cards.post("card_print")
        assert (cards.line().state, cards.line().card.number) == (CardState.CURRENT, 2)

    def test_an_unverified_card_is_not_counted_as_valid(self, cards):
        cards.post("card_print")
        Phone.objects.filter(child=cards.child).update(verified_on=date(2026, 5, 1))
        assert cards.line().state == CardState.UNVERIFIED
        assert counted({1: cards.line()}).current == 0

    def test_a_new_school_number_voids_every_card(self, cards, world):
        cards.post("card_print")
        world.school.duty_phone = "0851-00009999"
        world.school.save()
        assert cards.line().state == CardState.CHANGED

    def test_a_birthday_of_the_carer_voids_nothing(self, cards):
        cards.post("card_print")
        cards.child.family.filter(name="王桂英").update(age_stated=70)
        assert cards.line().state == CardState.CURRENT


class TestCopies:
    def test_three_copies_each_marked_with_its_holder(self, cards):
        shown = text_of(cards.post("card_print").content)
        assert [shown.count(f"{who}存") for who in ("学校", "班主任", "代理家长", "家庭")] == [1, 1, 1, 0]

    def test_handing_out_a_new_version_takes_the_old_one_back(self, cards):
        cards.post("card_print")
        cards.post("card_hand_out")
        assert {copy.holder for copy in cards.line().held} == {"school", "homeroom", "mentor"}
        Phone.objects.filter(child=cards.child).update(number="13800009999")
        cards.post("card_print")
        assert len(cards.line().void_out) == 3
        assert "班主任（第1版）" in cards.page(state="void_out")
        cards.post("card_hand_out")
        assert (len(cards.line().held), len(cards.line().void_out)) == (3, 0)

    def test_a_whole_class_is_handed_out_in_one_press(self, cards, world):
        other = make_left_behind("龙小喆", world.four)
        cards.post("card_print", child=[cards.child.pk, other.pk])
        cards.post("card_hand_out", child=[], all="1", school_class=str(world.four.pk))
        assert CardCopy.objects.out().filter(holder="homeroom").count() == 2

    def test_one_copy_alone_is_taken_back(self, cards, client):
        cards.post("card_print")
        cards.post("card_hand_out")
        Phone.objects.filter(child=cards.child).update(number="13800009999")
        cards.post("card_print")
        copy = CardCopy.objects.void().get(holder="mentor")
        client.post(reverse("reports:card_collect", args=[copy.pk]))
        assert {one.holder for one in cards.line().void_out} == {"school", "homeroom"}
        page = client.get(reverse("reports:card_show", args=[cards.child.pk])).content.decode()
        assert "2026年11月28日收回" in page

    def test_a_card_in_use_cannot_be_taken_back(self, cards, client):
        cards.post("card_print")
        cards.post("card_hand_out")
        client.post(reverse("reports:card_collect", args=[CardCopy.objects.first().pk]))
        assert len(cards.line().held) == 3

    def test_without_a_print_nothing_is_handed_out(self, cards):
        cards.post("card_hand_out")
        assert not CardCopy.objects.exists()


class TestNoLongerNeeded:
    @pytest.fixture
    def left(self, cards, world, client):
        """The child has left while three copies of its card are out; the registrar is at work."""
        cards.post("card_print")
        cards.post("card_hand_out")
        leave_school(child=cards.child, on=date(2026, 11, 20), kind="out_transfer", by=None)
        client.force_login(make_staff(Role.REGISTRAR, world.school, name="岑老师"))
        return cards

    def test_a_leavers_copies_are_still_to_come_back(self, left):
        assert "已离校，请收回" in left.page(state="void_out")
        assert "班主任（第1版）" in left.page(state="not_needed")
        counts = counted({left.child.pk: left.line()})
        assert (counts.needed, counts.not_needed, counts.void_copies) == (0, 1, 3)

    def test_the_own_page_takes_back_and_prints_nothing(self, left, client):
        page = reverse("reports:card_show", args=[left.child.pk])
        text = client.get(page).content.decode()
        assert "学生已离校" in text
        assert "全部已收回" in text
        assert reverse("reports:card_print") not in text
        first = CardCopy.objects.get(holder="school")
        client.post(reverse("reports:card_collect", args=[first.pk]))
        assert [copy.holder for copy in left.line().void_out] == ["homeroom", "mentor"]
        left.post("card_hand_out", child_page="1")
        assert not CardCopy.objects.out().exists()
        assert "都已收回" in client.get(page).content.decode()
        assert left.child.name not in left.page()

    def test_a_leavers_card_is_not_printed_again(self, left, client):
        left.post("card_print")
        client.post(reverse("reports:child_card", args=[left.child.pk]))
        assert ContactCard.objects.count() == 1

    def test_a_class_of_leavers_is_taken_back_in_one_press(self, left):
        left.post("card_hand_out", child=[], all="1", state="not_needed")
        assert not CardCopy.objects.out().exists()

    def test_with_the_parents_home_it_comes_back_too(self, cards, client):
        cards.post("card_print")
        cards.post("card_hand_out")
        for parent in cards.child.family.parents():
            set_parent_status(member=parent, status="at_home", since=date(2026, 11, 20), by=None, on=date(2026, 11, 28))
        assert "已不留守，请收回" in cards.page(state="void_out")
        cards.post("card_hand_out")
        assert not CardCopy.objects.out().exists()


class TestList:
    def test_figures_and_rate(self, cards):
        cards.post("card_print")
        page = cards.page()
        assert "（1/1）" in page
        assert "第1版，有效" in page
        assert "陈欣怡" not in cards.page(state="to_print")

    def test_all_that_is_needed_in_one_print(self, cards, world):
        make_left_behind("龙小喆", world.four)
        cards.post("card_print")
        answer = cards.post("card_print", child=[], needed="1", copies=1, school_class=str(world.four.pk))
        shown = text_of(answer.content)
        assert "龙小喆" in shown
        assert "陈欣怡" not in shown

    def test_children_out_of_sight_are_not_printed(self, cards, world):
        answer = cards.post("card_print", child=[world.other.pk])
        assert answer.status_code == 302
        assert not ContactCard.objects.exists()

    @pytest.mark.parametrize("children", [1, 12])
    def test_the_list_asks_the_same_for_one_and_twelve(
        self, cards, world, client, children, django_assert_max_num_queries
    ):
        for number in range(children):
            make_left_behind(f"学生{number}", world.four)
        cards.page()
        with django_assert_max_num_queries(45):
            cards.page()


class TestMany:
    def test_a_large_print_becomes_a_job_with_a_file_for_each_class(self, cards, world, monkeypatch):
        make_left_behind("龙小喆", world.four)
        monkeypatch.setitem(CARDS, 3, replace(CARDS[3], at_once=1))
        answer = cards.post("card_print", child=list(world.four.children.values_list("pk", flat=True)))
        job = Job.objects.get()
        assert answer.url == reverse("jobs:job_show", args=[job.pk])
        run(job.pk)
        job.refresh_from_db()
        assert (job.status, job.done, job.total) == ("done", 2, 2)
        with zipfile.ZipFile(job.file_path) as packed:
            assert packed.namelist() == ["四（1）班联系卡.pdf"]
            shown = text_of(packed.read("四（1）班联系卡.pdf"))
        assert "龙小喆" in shown
        assert "陈欣怡" in shown
        assert AccessEntry.objects.filter(event=Event.PRINT, page="job").count() == 2


def test_a_card_says_of_a_dead_number_that_it_is_dead(cards, today):
    def shown() -> str:
        child = Child.objects.select_related("school", "school_class__school").get(pk=cards.child.pk)
        sheets = CardSheets(SchoolLines(child.school.name), build_cards([child], on=today))
        return render_to_string("print/cards.html", {"cards": sheets, "imprint": None, "title": "联系卡"})

    assert "停机或空号，请核实" not in shown()
    Phone.objects.filter(child=cards.child).update(state=PhoneState.DEAD)
    assert "停机或空号，请核实" in shown()


def test_the_page_of_a_card_warns_of_numbers_that_are_dead(cards, world, client):
    client.force_login(world.homeroom)
    address = reverse("reports:card_show", args=[cards.child.pk])
    assert "登记的号码打不通了" not in client.get(address).content.decode()
    Phone.objects.filter(child=cards.child).update(state=PhoneState.DEAD)
    text = client.get(address).content.decode()
    assert "登记的号码打不通了" in text
    assert f"{reverse('children:child_show', args=[cards.child.pk])}#calling" in text


class TestFamilyCard:
    def test_it_carries_every_number_the_family_needs(self, cards, world, client):
        world.school.duty_phone, world.school.helper_name = "0851-00001230", "杨乡干"
        world.school.helper_phone, world.school.clinic_phone = "13600005555", "0851-00001120"
        world.school.police_phone = "0851-00001110"
        world.school.save()
        with silent_layout():
            answer = client.get(reverse("reports:child_family_card", args=[world.child.pk]))
        shown = text_of(answer.content)
        for word in ("便民服务联系卡", "陈欣怡", "孙立新", "包片干部杨乡干", "13600005555", "0851-00001120",
                     "0851-00001110", "0851-00001230", "12345", "110"):  # fmt: skip
            assert word in shown
        for secret in ("王桂英", "13800001111", "999999"):
            assert secret not in shown

    def test_a_class_prints_four_on_a_sheet(self, cards, world, client):
        for number in range(4):
            make_left_behind(f"学生{number}", world.four)
        answer = client.get(reverse("reports:class_family_cards", args=[world.four.pk]))
        assert len(pages_of(answer.content)) == 2


def test_printing_twice_at_once_makes_one_version(cards, today, world):
    child = Child.objects.select_related("school", "school_class__school").get(pk=world.child.pk)
    for _ in range(2):
        issue_cards(children=[child], by=world.homeroom, on=today, at=timezone.now())
    assert ContactCard.objects.count() == 1


class TestWhatHasChanged:
    def test_list_and_page_name_it_with_masked_numbers(self, cards, client):
        cards.post("card_print")
        Phone.objects.filter(child=cards.child, member__relation="51").update(number="13900002222")
        cards.child.family.filter(name="王桂英").update(name="王桂兰")
        page = client.get(reverse("reports:card_show", args=[cards.child.pk])).content.decode()
        for text in (cards.page(), page):
            assert "父亲的电话：138****1111 → 139****2222" in text
            assert "实际监护人：王桂英" in text
            assert "→ 王桂兰" in text
        assert "13900002222" not in cards.page()

    def test_nothing_is_named_that_is_as_printed(self, cards):
        cards.post("card_print")
        assert " → " not in cards.page()

    def test_a_card_of_before_contents_were_kept_only_says_that_it_changed(self, cards):
        cards.post("card_print")
        ContactCard.objects.update(content="", fingerprint="x" * 64)
        assert "内容已变，须换发" in cards.page()

    def test_what_was_on_the_card_is_sealed(self, cards):
        cards.post("card_print")
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM children_contactcard")
            [(kept,)] = cursor.fetchall()
        assert kept.startswith("v1.")
        assert "陈欣怡" not in kept


class TestButtonsSayWhatTheyDo:
    def test_the_print_button_counts_and_prints_what_is_listed(self, cards, world):
        make_left_behind("龙小喆", world.four)
        cards.post("card_print")
        assert "打印列出的未打印、须换发 1 人" in cards.page()
        assert "打印列出的" not in cards.page(state="current")
        before = ContactCard.objects.count()
        assert cards.post("card_print", child=[], needed="1", state="current").status_code == 302
        assert ContactCard.objects.count() == before

    def test_handing_out_all_counts_printed_cards_only(self, cards, world):
        other = make_left_behind("龙小喆", world.four)
        make_left_behind("韦小山", world.four)
        cards.post("card_print", child=[cards.child.pk, other.pk])
        assert "列出的已打印 2 人全部已发放" in cards.page()
        cards.post("card_hand_out", child=[], all="1")
        assert CardCopy.objects.filter(holder="homeroom").count() == 2

    def test_a_figure_opens_the_children_behind_it(self, cards, world, client):
        make_left_behind("龙小喆", world.four)
        cards.post("card_print")
        assert f'href="?school_class={world.four.pk}&amp;state=never"' in cards.page(school_class=world.four.pk)
        listed = cards.page(school_class=world.four.pk, state="never")
        assert "龙小喆" in listed
        assert "陈欣怡" not in listed
