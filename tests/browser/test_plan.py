"""The lead changes a draft of pairings by hand: going on to the next step without saving asks first."""

from datetime import date

from django.urls import reverse

from caretrack.access.policy import Role
from children.models import Child
from mentoring.planning import make_plan
from tests.support.factories import make_class, make_left_behind, make_mentor, make_staff


def test_a_changed_mentor_is_not_lost_on_the_way_to_the_principal(open_page) -> None:
    school_class = make_class()
    lead = make_staff(Role.CARE_LEAD, school_class.school, "杨主任")
    for name in ("石老师", "韦老师"):
        make_mentor(make_staff(Role.TEACHER, school_class, name))
    make_left_behind("李小兰", school_class)
    plan = make_plan(
        school=school_class.school,
        children=Child.objects.all(),
        title="秋季结对",
        starts_on=date(2026, 11, 23),
        by=lead,
    )
    page = open_page(lead)
    shown = reverse("mentoring:plan_show", args=[plan.pk])
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))

    page.goto(shown)
    page.get_by_label("李小兰的代理家长").select_option("")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="交校长公布").click()
    assert asked == ["beforeunload"]
    assert page.url.endswith(shown)

    page.get_by_role("button", name="保存本页的调整").click()
    page.get_by_text("已保存，改了 1 条").wait_for()
    page.get_by_role("link", name="交校长公布").click()
    page.get_by_text("校长公布时上面 1 名学生只能跳过").wait_for()
    assert asked == ["beforeunload"]


def test_nothing_lies_over_the_lines_until_one_is_changed(open_page) -> None:
    school_class = make_class()
    lead = make_staff(Role.CARE_LEAD, school_class.school, "杨主任")
    make_mentor(make_staff(Role.TEACHER, school_class, "石老师"))
    for number in range(12):
        make_left_behind(f"学生{number}", school_class)
    plan = make_plan(
        school=school_class.school,
        children=Child.objects.all(),
        title="秋季结对",
        starts_on=date(2026, 11, 23),
        by=lead,
    )
    page = open_page(lead)
    page.goto(reverse("mentoring:plan_show", args=[plan.pk]))
    save = page.get_by_role("button", name="保存本页的调整")
    for width, height in ((1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("window.scrollTo(0, 0)")
        assert save.bounding_box()["y"] > height
    chosen = page.get_by_label("学生0的代理家长")
    suggested = chosen.input_value()
    assert suggested
    chosen.scroll_into_view_if_needed()
    page.evaluate("window.scrollBy(0, 300)")
    chosen.select_option("")
    assert save.bounding_box()["y"] < 844
    chosen.select_option(suggested)
    page.evaluate("window.scrollTo(0, 0)")
    assert save.bounding_box()["y"] > 844
