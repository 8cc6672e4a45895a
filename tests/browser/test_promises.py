"""Nobody is missed: from the open cell of the matrix to the kept promise, on a phone and at the care lead's desk."""

from collections.abc import Callable
from datetime import date

import pytest

from activities.models import CareRecord, Waiver
from activities.programmes import adopt
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from tests.support.factories import TERM_START, TODAY, make_class, make_left_behind, make_pairing, make_staff, make_term

NAMES = ("李小兰", "龙小川", "石小禾")


@pytest.fixture(autouse=True)
def _in_the_middle_of_a_month(stop_at: Callable[[date], None]) -> None:
    stop_at(TODAY)


@pytest.fixture
def school_class() -> SchoolClass:
    school_class = make_class()
    make_term(school_class.school)
    for name in NAMES:
        make_pairing(make_left_behind(name, school_class))
    adopt("six_ones", school_class.school, TERM_START, None)
    return school_class


@pytest.fixture
def teacher(school_class: SchoolClass) -> Staff:
    return make_staff(Role.HOMEROOM, school_class, "罗老师")


def test_a_class_teacher_on_the_phone_talks_with_three_and_sees_the_cells_fill(open_page, picture, teacher) -> None:
    page = open_page(teacher, phone=True)
    page.goto("/records/add/?kind=talk&next=/")
    for name in NAMES:
        page.locator("label.care-pill", has_text=name).click()
    page.get_by_label("说了什么").fill("一起聊了放学路上的安全。")
    page.locator("summary", has_text="另记一句").click()
    page.get_by_role("textbox", name=NAMES[0], exact=True).fill("她说晚上想妈妈。")
    picture(page, "three")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已记下").first.wait_for()
    assert CareRecord.objects.count() == 3
    assert sum("想妈妈" in record.content for record in CareRecord.objects.all()) == 1


def test_an_open_cell_opens_the_form_filled_and_is_done_afterwards(open_page, picture, teacher) -> None:
    page = open_page(teacher, phone=True)
    page.goto("/records/programmes/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row = page.get_by_role("row").filter(has_text=NAMES[0])
    row.get_by_role("link", name="待做").first.click()
    page.get_by_role("heading", name=NAMES[0]).wait_for()
    page.locator("textarea").first.fill("按方案做了。")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已记下").first.wait_for()
    row.get_by_text("1/5").wait_for()
    picture(page, "matrix")
    assert CareRecord.objects.get().child.name == NAMES[0]


def test_the_care_lead_goes_from_the_longest_silence_to_an_excuse(open_page, picture, school_class) -> None:
    lead = make_staff(Role.CARE_LEAD, school_class.school, "潘主任")
    page = open_page(lead)
    page.goto("/records/silence/")
    assert page.get_by_role("row").filter(has_text=NAMES[0]).count() == 1
    page.goto("/records/programmes/")
    page.get_by_role("row").filter(has_text=NAMES[0]).get_by_role("link", name=NAMES[0]).click()
    page.get_by_role("link", name="免做").first.click()
    page.get_by_label("原因").fill("住院手术")
    page.get_by_role("button", name="批准免做").click()
    page.get_by_text("住院手术（潘主任批准）").wait_for()
    picture(page, "excused")
    waiver = Waiver.objects.get()
    assert (waiver.child.name, waiver.granted_by) == (NAMES[0], lead)
