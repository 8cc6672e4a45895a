"""What a form asks can be seen: no page is refused for a box that it does not show."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from activities.models import Activity, Campaign, InterestGroup, Meeting
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from caretrack.web.lists import FormPage
from children.models import Child
from tests.support.factories import appoint, make_class, make_left_behind, make_mentor, make_staff, make_term
from tests.support.windows import on_screen

pytestmark = pytest.mark.django_db


def form_pages(patterns: Any, space: str = "") -> list[tuple[str, bool]]:
    """URL names of the pages with a form that need no argument, or only a child (True)."""
    found: list[tuple[str, bool]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = space + (f"{pattern.namespace}:" if pattern.namespace else "")
            found += form_pages(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            arguments = set(pattern.pattern.converters)
            page = getattr(pattern.callback, "view_class", None)
            if page is not None and issubclass(page, FormPage) and arguments <= {"child"}:
                found.append((space + pattern.name, bool(arguments)))
    return found


#: They open before the first account, or only from a page that says for what.
ELSEWHERE = {"setup", "activities:waiver_add", "activities:feedback_sent", "children:transfer_accept_many"}
PAGES = [page for page in form_pages(get_resolver().url_patterns) if page[0] not in ELSEWHERE]


@pytest.fixture
def child(db: None) -> Child:
    four = make_class()
    make_term(four.school)
    return make_left_behind("李小兰", four)


@pytest.fixture
def people(child: Child) -> list[Client]:
    """Browsers of a class teacher, of somebody with every other post of the school, and of a mentor."""
    four: SchoolClass = child.school_class
    teacher, leader = make_staff(Role.HOMEROOM, four, "韦老师"), make_staff(Role.CARE_LEAD, four.school, "潘主任")
    for role in (Role.REGISTRAR, Role.COUNSELLOR, Role.SYSADMIN, Role.PRINCIPAL):
        appoint(leader, role, four.school)
    mentor = make_mentor(make_staff(Role.TEACHER, four, "黄老师"), four.school)
    browsers = [Client() for _ in range(3)]
    for browser, person in zip(browsers, (teacher, leader, mentor.staff), strict=True):
        browser.force_login(person)
    return browsers


@pytest.mark.parametrize("name, about_child", PAGES, ids=[name for name, _ in PAGES])
def test_a_page_saved_as_it_was_opened_is_refused_only_for_what_it_shows(name, about_child, people, child):
    address = reverse(name, args=[child.pk] if about_child else [])
    opened = 0
    for browser in people:
        page = browser.get(address)
        if page.status_code != 200:
            continue
        opened += 1
        held, shown = on_screen(page.content.decode())
        answer = browser.post(address, held)
        if answer.status_code != 422:
            continue
        unseen = {name: list(errors) for name, errors in answer.context["form"].errors.items() if name not in shown}
        unseen.pop("__all__", None)
        assert not unseen, f"{name} asks for what nobody can see"
    assert opened, f"nobody can open {name}"


@pytest.mark.parametrize(
    "name, who, model, typed",
    [
        ("event_add", 0, Activity, {"name": "防溺水讲座", "kind": "lecture"}),
        ("event_add", 1, Activity, {"name": "防溺水讲座", "kind": "lecture"}),
        ("meeting_add", 0, Meeting, {"kind": "class"}),
        ("meeting_add", 1, Meeting, {"kind": "mentors"}),
        ("group_add", 0, InterestGroup, {"name": "合唱组", "kind": "interest"}),
        ("group_add", 1, InterestGroup, {"name": "合唱组", "kind": "interest"}),
        ("campaign_add", 1, Campaign, {"name": "寒假家访", "kind": "summer_visits", "ends_on": "2099-01-01"}),
    ],
)
def test_what_a_school_sets_up_is_saved_from_its_own_page(name, who, model, typed, people, child):
    address = reverse(f"activities:{name}")
    held, _ = on_screen(people[who].get(address).content.decode())
    answer = people[who].post(address, held | typed)
    assert answer.status_code == 302, answer.context["form"].errors
    assert model.objects.get().school == child.school
