"""Agreements around a change of mentor, a renewal written down late, what is listed as running out, whose scan it is."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from children.models import CareArrangement, Child, ChildFile, FamilyMember
from children.services import set_parent_status
from mentoring import signing
from mentoring.agreements import SIGNATORIES
from mentoring.handover import change_mentor
from mentoring.models import Agreement, Pairing, PaperKind
from tests.support.factories import make_left_behind, make_pairing

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def sign(children: list[Child], lead, kind: str = PaperKind.PAIRING, *, on: date = TODAY, until: date | None = None):
    return signing.sign_many(
        kind=kind, children=children, on=on, today=TODAY, until=until, version="第1版", term=None, by=lead
    )


def entrust(child: Child, until: date | None) -> None:
    CareArrangement.objects.open().filter(child=child).update(
        entrusted=True, entrusted_on=days(-60), entrusted_until=until
    )


def running_out() -> list[str]:
    found = signing.running_out(Child.objects.all(), TODAY, TODAY + signing.SOON)
    return list(found.values_list("name", flat=True))


class TestWhileAChangeIsPlanned:
    @pytest.fixture
    def planned(self, child, two, lead) -> tuple[Pairing, Pairing]:
        former = make_pairing(child, two[0])
        sign([child], lead, on=days(-5), until=days(20))
        return former, change_mentor(pairing=former, mentor=two[1], on=days(3), today=TODAY, by=lead)

    def test_what_the_page_shows_as_signed_can_be_taken_back(self, client, child, planned, lead) -> None:
        coming = Agreement.objects.create(
            child=child, pairing=planned[1], kind=Agreement.Kind.PAIRING, mentor_signed_on=TODAY
        )
        client.force_login(lead)
        page = client.get(reverse("mentoring:paper_kind", args=["pairing"]))
        assert [row["one"].by for row in page.context["signed"]] == ["石老师"]
        client.post(reverse("mentoring:paper_take_back", args=["pairing", child.pk]))
        assert list(Agreement.objects.all()) == [coming]

    def test_it_is_listed_as_running_out_as_on_the_page(self, client, child, planned, lead) -> None:
        assert running_out() == ["李小兰"]
        client.force_login(lead)
        page = client.get(reverse("mentoring:paper_kind", args=["pairing"]))
        assert [renew for _, _, renew, _ in page.context["waiting"]] == [True]

    def test_a_renewal_is_for_the_mentor_of_today(self, client, child, planned, lead) -> None:
        assert sign([child], lead, on=TODAY, until=days(200)) == (1, [])
        assert {row.pairing for row in Agreement.objects.all()} == {planned[0]}


class TestLate:
    @pytest.mark.parametrize("kind", [PaperKind.PAIRING, PaperKind.ENTRUSTMENT])
    def test_a_renewal_signed_ten_days_ago_is_written(self, client, child, school_class, two, lead, kind) -> None:
        make_pairing(child, two[0])
        entrust(child, days(25))
        sign([child], lead, on=days(-60), until=days(25))
        client.force_login(lead)
        address = f"{reverse('mentoring:paper_kind', args=[kind])}?class={school_class.pk}"
        told = {"on": days(-10).isoformat(), "until": days(300).isoformat(), "children": [child.pk]}
        page = client.post(address, told | {"parties": list(SIGNATORIES[kind])}, follow=True)
        who = "、".join(SIGNATORIES[kind].values())
        assert [str(message) for message in page.context["messages"]] == [f"四（1）班登记签订 1 人（{who}）。"]
        assert signing.signatures(kind, [child.pk], None, TODAY)[child.pk].until == days(300)

    def test_signed_before_a_change_it_is_the_new_mentors(self, child, two, lead) -> None:
        former = make_pairing(child, two[0])
        now = change_mentor(pairing=former, mentor=two[1], on=days(-3), today=TODAY, by=lead)
        assert sign([child], lead, on=days(-10)) == (1, [])
        assert Agreement.objects.get().pairing == now

    def test_without_a_mentor_nothing_is_written(self, child, lead) -> None:
        assert sign([child], lead) == (0, ["李小兰现在没有代理家长，协议没有登记。"])
        assert not Agreement.objects.exists()


class TestRunningOut:
    def test_who_owes_no_entrustment_any_more_is_not_listed(self, child, lead) -> None:
        entrust(child, days(5))
        assert running_out() == ["李小兰"]
        mother = FamilyMember.objects.get(child=child, relation="52")
        set_parent_status(member=mother, status="at_home", since=None, by=None, on=TODAY)
        assert running_out() == []

    def test_the_earliest_of_both_papers_comes_first(self, client, school_class, two, lead) -> None:
        last, first, middle = (make_left_behind(name, school_class) for name in ("韦小禾", "龙小川", "李小兰"))
        for child, until in ((last, 28), (first, 20), (middle, 10)):
            make_pairing(child, two[0])
            sign([child], lead, on=days(-60), until=days(until))
        entrust(first, days(2))
        client.force_login(lead)
        rows = client.get(reverse("mentoring:paper_ending")).context["rows"]
        assert [child.name for child, _ in rows] == ["龙小川", "李小兰", "韦小禾"]


class TestScans:
    @pytest.fixture(autouse=True)
    def _files(self, settings, tmp_path) -> None:
        settings.MEDIA_ROOT = tmp_path

    def scan(self, child: Child, kind: str, on: date, lead) -> None:
        ChildFile.objects.create(child=child, kind=kind, title=kind, file="files/x.pdf", on=on, uploaded_by=lead)

    def test_a_scan_counts_for_the_party_that_signed_it(self, child, school_class, two, lead) -> None:
        make_pairing(child, two[0])
        term = school_class.school.terms.get()
        for kind in signing.PARTIES:
            signing.sign_many(
                kind=kind, children=[child], on=TODAY, today=TODAY, until=None, version="", term=term, by=lead
            )
        self.scan(child, "pledge_carer", TODAY, lead)
        found = {
            kind: bool(signing.scans(kind, signing.signatures(kind, [child.pk], term, TODAY), lead))
            for kind in signing.PARTIES
        }
        assert found == {"pledge_carer": True, "pledge_homeroom": False, "pledge_mentor": False}

    def test_the_former_mentors_agreement_is_not_the_new_ones(self, child, two, lead) -> None:
        former = make_pairing(child, two[0])
        sign([child], lead, on=days(-30))
        self.scan(child, "pairing", days(-30), lead)
        change_mentor(pairing=former, mentor=two[1], on=days(-1), today=TODAY, by=lead)
        sign([child], lead)
        signed = signing.signatures(PaperKind.PAIRING, [child.pk], None, TODAY)
        assert signing.scans(PaperKind.PAIRING, signed, lead) == {}
        self.scan(child, "pairing", TODAY, lead)
        assert [row.on for row in signing.scans(PaperKind.PAIRING, signed, lead)[child.pk]] == [TODAY]
