"""A registrar completes a dossier from the list of what is missing until it counts as 已建档, on desktop and phone."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from children.completeness import completeness
from children.models import Child, Phone
from tests.support.factories import (
    TERM_START,
    TODAY,
    id_number,
    make_class,
    make_left_behind,
    make_staff,
    make_term,
)

NUMBER = id_number(date(2016, 5, 4), male=False)


def fix(page: Page, gap: str, fields: dict[str, str]) -> None:
    """Follow one link of the list to its field, fill in what is asked there, and come back."""
    page.locator(".care-gaps").get_by_role("link", name=gap).click()
    for name, value in fields.items():
        field = page.locator(f"#id_{name}")
        expect(field).to_be_visible()
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".care-dossier-head")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_until_it_is_complete(open_page, picture, stop_at, transactional_db: None, phone: bool) -> None:
    stop_at(TODAY)
    at = make_class()
    make_term(at.school)
    child = make_left_behind("李小兰", at)
    page = open_page(make_staff(Role.REGISTRAR, at.school, "岑老师"), phone=phone)
    page.goto(f"/students/gaps/?school_class={at.pk}")
    expect(page.get_by_text("（0/1）").first).to_be_visible()
    picture(page, "before")
    page.goto(f"/students/{child.pk}/")
    fix(page, "民族", {"ethnic": "汉族", "id_no": NUMBER, "student_no": f"G{NUMBER}"})
    fix(page, "家庭住址", {"address": "青榕村三组12号"})
    fix(page, "就读方式", {"boarding": "走读", "commute": "步行"})
    fix(page, "身体情况", {"body_state": "健康"})
    fix(page, "家长或监护人确认", {"family_confirmed_on": str(TODAY), "family_confirmed_by": "祖母王桂英"})
    page.locator(".care-gaps").get_by_role("link", name="本学期核实过的联系电话").click()
    page.locator("#calling").get_by_role("button", name="已打通").first.click()
    expect(page.get_by_text("档案齐全，可以计入已建档。")).to_be_visible()
    picture(page, "after")
    now = Child.objects.get(pk=child.pk)
    assert completeness([now], since=TERM_START)[now.pk].done
    assert Phone.objects.get(child=child).verified_on == TODAY
    page.goto("/students/gaps/")
    expect(page.get_by_text("（1/1）").first).to_be_visible()
