"""Who answers for an item and whose records count for it: the pages say it in the same words."""

from datetime import date

import pytest

from activities.models import CareRecord, ProgrammeItem
from caretrack.access.policy import Role
from mentoring.services import mentor_for
from tests.activities.compliance.test_pages import (  # noqa: F401
    cells,
    child,
    four,
    homeroom,
    lead,
    page,
    programme,
    recorded,
    school,
)
from tests.support.factories import make_class, make_left_behind, make_pairing, make_staff

pytestmark = pytest.mark.django_db


def test_a_class_teachers_talk_counts_for_the_mentors_item_and_is_called_so(client, homeroom, school, four, programme):  # noqa: F811
    other = make_left_behind("罗小山", four)
    make_pairing(other, mentor_for(make_staff(Role.TEACHER, make_class(school, 5), name="田老师"), school))
    shown = page(client, homeroom, "duty_matrix")
    assert "其他老师登记的也算" in cells(shown, "罗小山")["谈一次心"]["why"]
    assert "写明由代理家长或班主任做的，其他老师登记的也算。" in shown.content.decode()
    recorded(other, homeroom, date(2026, 11, 3))
    assert cells(page(client, homeroom, "duty_matrix"), "罗小山")["谈一次心"]["state"] == "done"
    assert "11月3日 罗老师代做" in page(client, homeroom, "child_duties", other.pk).content.decode()


def test_what_the_mentor_did_is_not_called_done_for_him(client, homeroom, child, programme):  # noqa: F811
    record = recorded(child, homeroom, date(2026, 11, 3))
    CareRecord.objects.filter(pk=record.pk).update(mentor=mentor_for(homeroom, child.school))
    text = page(client, homeroom, "child_duties", child.pk).content.decode()
    assert "11月3日 罗老师</a>" in text


def test_the_settings_say_whose_records_count(client, lead, school, programme):  # noqa: F811
    shown = page(client, lead, "programme_list").content.decode()
    assert shown.count("其他老师登记的也算") == 5
    item = ProgrammeItem.objects.filter(programme=programme).first()
    assert "其他老师登记的也算" in page(client, lead, "item_edit", item.pk).content.decode()
