"""What a class teacher types in a census, and what is not taken."""

import pytest

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.census.rounds import open_round
from children.forms.census import FactsForm
from children.models import FamilyMember
from tests.support.factories import TODAY, make_class, make_left_behind, make_staff, make_term

pytestmark = pytest.mark.django_db


def form_for(data: dict[str, str], *, both: bool = True) -> FactsForm:
    """The form about a child who is cared for by the grandmother, or by the mother at home if not `both`."""
    with change_by(None, "测试"):
        place = make_class()
        make_term(place.school)
        make_staff(Role.HOMEROOM, place)
        child = make_left_behind(at=place, both=both)
        if not both:
            child.care.update(carer=child.family.get(relation="52"))
        census = open_round(school=place.school, kind="annual", cut_off=TODAY, due_on=None, by=None, today=TODAY)
    data = {"version": "1", **data}
    family = list(FamilyMember.objects.filter(child=child))
    return FactsForm(data, row=census.rows.get(), family=family, today=TODAY)


@pytest.mark.parametrize("number", ["1380000", "138000012345", "8590000005"])
def test_a_number_that_cannot_be_called_is_refused(number: str) -> None:
    form = form_for({"mother_status": "away_work", "mother_phone": number})
    assert "手机号应是11位数字" in form.errors["mother_phone"][0]


def test_a_whole_number_is_taken() -> None:
    form = form_for({"mother_status": "away_work", "mother_phone": "138-0000 1234", "father_phone": ""})
    assert form.is_valid(), form.errors
    assert form.proposed()["mother"]["phone"] == "13800001234"


def test_a_carer_who_leaves_needs_a_successor() -> None:
    form = form_for({"mother_status": "away_work"}, both=False)
    assert "现在登记的实际监护人就是母亲" in form.errors["carer"][0]


def test_a_second_father_is_not_written_beside_the_first() -> None:
    new = {"carer": "new", "carer_relation": "51", "carer_name": "田大水", "carer_type": "one_parent"}
    assert "已经登记过了" in form_for(new).errors["carer"][0]


def test_days_have_a_calendar() -> None:
    assert form_for({}).fields["father_since"].widget.input_type == "date"
