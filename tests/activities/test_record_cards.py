"""记录卡 on paper: the fields of the form, one card a record, nobody else's name on it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.kinds import COMMON, spec_of
from activities.models import CareRecord, RecordAddendum
from activities.occasion_papers import occasion_cards
from activities.record_papers import cards_of, title_of
from activities.services import Contact, record_contact
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from tests.support.factories import TODAY, make_left_behind, make_record, make_staff
from tests.support.paper import pages_of, silent_layout, text_of

pytestmark = pytest.mark.django_db


def printed(client, staff, name, *args, query="") -> str:
    client.force_login(staff)
    return text_of(client.get(reverse(f"activities:{name}", args=args) + query).content)


def test_the_card_holds_the_fields_of_the_form_and_lines_to_sign(client, child, homeroom) -> None:
    record = make_record(
        child, homeroom, content="想妈妈。", topics=["mood"], detail={"effect": "笑了", "type": "心理疏导"}
    )
    RecordAddendum.objects.create(record=record, text="第二天又聊了。", reason="补记", author=homeroom)
    paper = printed(client, homeroom, "record_card", record.pk)
    told = (
        "与留守儿童谈心记录卡",
        "李小兰",
        "四（1）班",
        "韦老师",
        "想妈妈。",
        "笑了",
        "心理疏导",
        "第二天又聊了。",
        "教师签字",
    )
    for words in told:
        assert words in paper


def test_the_card_of_a_restricted_record_says_so(client, child, homeroom) -> None:
    restricted = make_record(child, homeroom, visibility="restricted", content="家里的事")
    paper = printed(client, homeroom, "record_card", restricted.pk)
    assert "知情范围" in paper
    assert "限知情人" in paper
    assert "限知情人" not in printed(client, homeroom, "record_card", make_record(child, homeroom).pk)


def test_classmates_are_counted_and_not_named(client, child, homeroom) -> None:
    mate = make_left_behind("龙小川", child.school_class)
    contact = Contact(kind="talk", on=TODAY, content="聊了安全。")
    records, _ = record_contact(children=[child, mate], contact=contact, by=homeroom, today=TODAY)
    mine = next(record for record in records if record.child == child)
    paper = printed(client, homeroom, "record_card", mine.pk)
    assert "集体（2人）" in paper
    assert "龙小川" not in paper


def test_the_list_prints_as_it_is_filtered(client, child, homeroom) -> None:
    other = make_left_behind("龙小川", child.school_class)
    make_record(child, homeroom, content="第一次。")
    make_record(other, homeroom, content="另一个孩子。")
    paper = printed(client, homeroom, "record_cards", query=f"?child={child.pk}")
    assert "第一次。" in paper
    assert "另一个孩子" not in paper


def test_counselling_of_others_has_no_card(client, child, homeroom) -> None:
    counsellor = make_staff(Role.COUNSELLOR, child.school, "沈老师")
    record = make_record(child, counsellor, kind="counselling", content="")
    client.force_login(homeroom)
    assert client.get(reverse("activities:record_card", args=[record.pk])).status_code == 404


def test_only_what_was_printed_is_logged_as_printed(client, child, homeroom) -> None:
    talk = make_record(child, homeroom, content="想妈妈。")
    make_record(child, make_staff(Role.COUNSELLOR, child.school, "沈老师"), kind="counselling", content="")
    printed(client, homeroom, "record_cards")
    told = AccessEntry.objects.filter(event=Event.PRINT).values_list("child_id", "detail")
    assert list(told) == [(child.pk, f"record {talk.pk}")]


def test_nothing_to_print_leads_back_with_a_word(client, homeroom) -> None:
    client.force_login(homeroom)
    answer = client.get(reverse("activities:record_cards"), follow=True)
    assert "没有可以打印的记录" in answer.content.decode()


def test_an_empty_card_asks_for_everything(client, homeroom) -> None:
    paper = printed(client, homeroom, "record_card_blank")
    assert "谈话缘由" in paper
    assert "□纪律教育" in paper
    assert "教师签字" in paper


@pytest.mark.parametrize("kind", COMMON)
def test_every_common_kind_has_an_empty_card_on_one_sheet(client, homeroom, kind) -> None:
    client.force_login(homeroom)
    with silent_layout():
        (sheet,) = pages_of(client.get(reverse("activities:record_card_blank"), {"kind": kind}).content)
    assert title_of(kind) in sheet
    for ask in spec_of(kind).asks:
        assert ask.label in sheet


@pytest.mark.parametrize("kind", ["counselling", "letter", "nonsense"])
def test_of_what_is_not_written_down_there_is_no_empty_card(client, homeroom, kind) -> None:
    client.force_login(homeroom)
    assert client.get(reverse("activities:record_card_blank"), {"kind": kind}).status_code == 404


def test_many_cards_cost_no_more_statements(child, homeroom) -> None:
    counts = []
    for _ in range(2):
        for _ in range(1 if not counts else 9):
            make_record(child, homeroom)
        records = list(
            CareRecord.objects.filter(child=child).select_related("child", "school", "author", "school_class__school")
        )
        with CaptureQueriesContext(connection) as told:
            assert len(cards_of(records, homeroom)) == len(records)
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_a_card_of_many_leaves_out_nothing_that_only_one_of_them_has(child, homeroom) -> None:
    mate = make_left_behind("王小明", child.school_class)
    contact = Contact(kind="talk", on=TODAY, way="face", content="聊了安全。")
    record_contact(children=[child, mate], contact=contact, by=homeroom, today=TODAY)
    CareRecord.objects.filter(child=mate).update(with_whom="奶奶")
    records = CareRecord.objects.select_related("child", "school", "author", "school_class__school").order_by("pk")
    [card] = occasion_cards(records, homeroom)
    assert "王小明：奶奶" in str(card.card.texts)
