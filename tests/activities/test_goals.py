"""五个一（学生）: the goals of a class in a term, set for many, looked at, printed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.goals import aims_of, figures_of, goal_children, lines_of, not_looked_at, set_goals, without_goal
from activities.models import ChildGoal
from activities.programmes import adopt
from caretrack.access.history import Stale
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import Child
from children.timeline import timeline
from tests.support.factories import make_child, make_class, make_left_behind, make_staff, make_term
from tests.support.paper import text_of
from tests.support.windows import on_screen, opened

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
NAMES = ["改正一个缺点", "交一份好答卷", "做一个好学生"]


@pytest.fixture
def four():
    found = make_class()
    term = make_term(found.school, starts_on=TODAY - timedelta(days=80), ends_on=TODAY + timedelta(days=50))
    adopt("five_ones_pupils", found.school, term.starts_on, None)
    return found


@pytest.fixture
def term(four):
    return four.school.terms.get()


@pytest.fixture
def homeroom(four):
    return make_staff(Role.HOMEROOM, four, name="韦老师")


def goal(child, term, by, aim="上课不做小动作", at=0, on=None, **kw):
    item = aims_of(child.school, term)[at].item
    return ChildGoal.objects.create(child=child, item_id=item, aim=aim, set_on=on or TODAY, set_by=by, **kw)


def url_of(page, four, query=""):
    return reverse(f"activities:{page}", args=[four.pk]) + query


def test_only_items_that_ask_for_a_goal_are_columns(four, term):
    assert [aim.name for aim in aims_of(four.school, term)] == NAMES


def test_a_class_is_entered_in_one_press(client, four, term, homeroom):
    lan, ming = make_left_behind("李小兰", four), make_left_behind("王大明", four)
    make_child("石小军", four)
    old = goal(ming, term, homeroom)
    client.force_login(homeroom)
    page = url_of("goals_set", four)
    form = opened(client, page)
    assert f"aim_{lan.pk}_0" in form
    assert len([name for name in form if name.startswith("aim_")]) == 6, (
        "left behind and key pupils unless asked for all"
    )
    sent = form | {f"aim_{lan.pk}_0": "按时睡觉", f"aim_{lan.pk}_2": "每天扫地", f"aim_{ming.pk}_0": "上课举手"}
    answer = client.post(page, sent, follow=True)
    assert "新定 2 个，改写 1 个" in answer.content.decode()
    old.refresh_from_db()
    assert old.aim == "上课举手"
    assert [line.aim for line in ChildGoal.objects.filter(child=lan).order_by("pk")] == ["按时睡觉", "每天扫地"]
    assert ChildGoal.objects.filter(child=lan, set_by=homeroom, set_on=TODAY).count() == 2
    assert f"aim_{Child.objects.get(name='石小军').pk}_0" in opened(client, url_of("goals_set", four, "?who=all"))


def test_an_emptied_box_strikes_the_goal_out(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    goal(child, term, homeroom)
    client.force_login(homeroom)
    page = url_of("goals_set", four)
    client.post(page, opened(client, page) | {f"aim_{child.pk}_0": ""})
    assert not ChildGoal.objects.exists()


def boxes(client, page):
    """The page as a browser holds it: what is sent must be drawn, not only known to the form."""
    return {name: values[-1] for name, values in on_screen(client.get(page).content.decode())[0].items()}


def test_a_box_left_alone_keeps_what_another_wrote_into_it_meanwhile(client, four, term, homeroom):
    lan, ming = make_left_behind("李小兰", four), make_left_behind("王大明", four)
    struck = goal(ming, term, homeroom, "旧的", at=1)
    client.force_login(homeroom)
    page = url_of("goals_set", four)
    form = boxes(client, page)
    theirs = goal(lan, term, homeroom, "别人刚写的")
    struck.delete()
    answer = client.post(page, form | {f"aim_{ming.pk}_0": "上课举手"}, follow=True)
    assert "新定 1 个" in answer.content.decode()
    theirs.refresh_from_db()
    assert theirs.aim == "别人刚写的"
    assert [row.aim for row in ChildGoal.objects.filter(child=ming)] == ["上课举手"], "what was struck out stays away"


@pytest.mark.parametrize("mine", ["按时睡觉", ""])
def test_two_who_write_into_one_box_are_shown_both_texts(client, four, term, homeroom, mine):
    child = make_left_behind("李小兰", four)
    row = goal(child, term, homeroom, "原来的") if not mine else None
    client.force_login(homeroom)
    page = url_of("goals_set", four)
    form = boxes(client, page) | {f"aim_{child.pk}_0": mine}
    if row is None:
        goal(child, term, homeroom, "别人刚写的")
    else:
        row.aim = "别人刚写的"
        row.save()
    answer = client.post(page, form)
    assert answer.status_code == 422
    assert "现在是“别人刚写的”" in answer.content.decode()
    again, _ = on_screen(answer.content.decode())
    assert again[f"aim_{child.pk}_0"] == [mine]
    assert ChildGoal.objects.get().aim == "别人刚写的"
    client.post(page, {name: values[-1] for name, values in again.items()})
    assert [row.aim for row in ChildGoal.objects.all()] == ([mine] if mine else [])


def test_what_was_typed_over_a_goal_looked_at_meanwhile_is_told(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    row = goal(child, term, homeroom)
    client.force_login(homeroom)
    page = url_of("goals_set", four)
    form = boxes(client, page) | {f"aim_{child.pk}_0": "上课举手"}
    row.looked_on = TODAY
    row.save()
    answer = client.post(page, form)
    assert answer.status_code == 422
    assert "您填的是“上课举手”" in answer.content.decode()
    row.refresh_from_db()
    assert row.aim == "上课不做小动作"


@pytest.mark.data
def test_the_same_entry_twice_sets_each_goal_once(four, term, homeroom):
    child = make_left_behind("李小兰", four)
    aim = aims_of(four.school, term)[0]

    def press(words="按时睡觉"):
        new = ChildGoal(child=child, item_id=aim.item, aim=words, set_on=TODAY)
        return set_goals([new], (), (), school_class=four, term=term, by=homeroom)

    assert (press().new, press().new) == (1, 0)
    with pytest.raises(Stale):
        press("别的")
    row = ChildGoal.objects.get()
    earlier = ChildGoal.objects.get()
    row.aim = "改过的"
    row.save()
    with pytest.raises(Stale):
        set_goals((), (), [earlier], school_class=four, term=term, by=homeroom)
    assert ChildGoal.objects.get().aim == "改过的"


@pytest.mark.data
def test_of_two_goals_under_one_aim_the_newest_counts(four, term, homeroom):
    child = make_left_behind("李小兰", four)
    goal(child, term, homeroom, on=TODAY - timedelta(days=2))
    goal(child, term, homeroom, looked_on=TODAY)
    told = figures_of(goal_children(homeroom), term)
    assert (told.goals, told.looked_at) == (1, 1)
    assert not not_looked_at(goal_children(homeroom), term).exists()


def test_a_day_out_of_the_term_is_refused_and_the_text_stays(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    client.force_login(homeroom)
    page = url_of("goals_set", four)
    answer = client.post(page, {"set_on": term.starts_on - timedelta(days=3), f"aim_{child.pk}_0": "按时睡觉"})
    assert answer.status_code == 422
    assert "按时睡觉" in answer.content.decode()
    assert not ChildGoal.objects.exists()


@pytest.mark.data
def test_looking_at_the_goals_together(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    reached, trying = goal(child, term, homeroom), goal(child, term, homeroom, "期末及格", at=1)
    client.force_login(homeroom)
    page = url_of("goals_look", four)
    sent = opened(client, page) | {
        f"state_{reached.pk}": "reached", f"result_{reached.pk}": "同桌作证",
        f"state_{trying.pk}": "trying", f"result_{trying.pk}": "还差五分",
    }  # fmt: skip
    client.post(page, sent)
    reached.refresh_from_db()
    trying.refresh_from_db()
    assert (reached.state, reached.reached_on, reached.result) == ("reached", TODAY, "同桌作证")
    assert (trying.state, trying.reached_on, trying.looked_on) == ("trying", None, TODAY)
    titles = {line.title for line in timeline([child], homeroom, last=TODAY, kinds={"goal"})}
    assert titles == {
        "定下目标：改正一个缺点", "定下目标：交一份好答卷", "达成目标：改正一个缺点", "回顾目标：交一份好答卷",
    }  # fmt: skip
    assert f"aim_{child.pk}_0" not in opened(client, url_of("goals_set", four)), "what was looked at is not reworded"
    client.post(page, opened(client, page) | {f"state_{reached.pk}": "set", f"result_{reached.pk}": ""})
    reached.refresh_from_db()
    assert (reached.state, reached.looked_on, reached.reached_on) == ("set", None, None)


def test_the_second_of_two_is_asked(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    row = goal(child, term, homeroom)
    client.force_login(homeroom)
    page = url_of("goals_look", four)
    form = opened(client, page)
    row.aim = "上课举手"
    row.save()
    answer = client.post(page, form | {f"state_{row.pk}": "reached"})
    assert answer.status_code == 422
    assert "李小兰的目标刚刚由别人改过" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "set"
    meant = answer.context["form"].data.dict() | {f"state_{row.pk}": "reached"}
    assert client.post(page, meant).status_code == 302
    row.refresh_from_db()
    assert row.state == "reached"


def test_a_look_left_alone_takes_what_another_wrote(client, four, term, homeroom):
    lan, ming = make_left_behind("李小兰", four), make_left_behind("王大明", four)
    row, mine = goal(lan, term, homeroom), goal(ming, term, homeroom)
    client.force_login(homeroom)
    page = url_of("goals_look", four)
    form = boxes(client, page)
    row.looked_on, row.result = TODAY, "差一点"
    row.save()
    later = goal(ming, term, homeroom, "期末及格", at=1)
    assert client.post(page, form | {f"state_{mine.pk}": "reached"}).status_code == 302
    for found in (row, mine, later):
        found.refresh_from_db()
    assert (row.state, row.result, mine.state, later.state) == ("trying", "差一点", "reached", "set")


def test_a_goal_is_not_looked_at_before_it_is_set(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    row = goal(child, term, homeroom)
    client.force_login(homeroom)
    page = url_of("goals_look", four)
    sent = opened(client, page) | {"looked_on": TODAY - timedelta(days=2), f"state_{row.pk}": "reached"}
    answer = client.post(page, sent)
    assert answer.status_code == 422
    assert "回顾日期不能更早" in answer.content.decode()


@pytest.mark.data
def test_the_list_tells_who_has_none_and_what_waits(client, four, term, homeroom):
    lan, ming, hong = (make_left_behind(name, four) for name in ("李小兰", "王大明", "陈小红"))
    goal(lan, term, homeroom, looked_on=TODAY, reached_on=TODAY)
    goal(ming, term, homeroom)
    goal(hong, term, homeroom, "上学期的", on=term.starts_on - timedelta(days=40))
    mine = goal_children(homeroom)
    assert set(without_goal(mine, term)) == {hong}
    assert set(not_looked_at(mine, term)) == {ming}
    told = figures_of(mine, term)
    assert (told.pupils, told.with_goal, told.goals, told.looked_at, told.reached) == (3, 2, 2, 1, 1)
    assert [line.lacks for line in lines_of([lan, hong], aims_of(four.school, term), term)] == [2, 3]
    client.force_login(homeroom)
    page = client.get(reverse("activities:goal_list"), {"state": "none"})
    assert [row["child"] for row in page.context["rows"]] == [hong]


def test_goals_of_another_class_stay_away(client, four, homeroom):
    other = make_class(four.school, 5, 1)
    make_left_behind("王大明", other)
    make_left_behind("李小兰", four)
    client.force_login(homeroom)
    assert client.get(url_of("goals_set", other)).status_code == 404
    assert "王大明" not in client.get(reverse("activities:goal_list"), {"who": "all"}).content.decode()


@pytest.mark.parametrize("role,may_adopt", [(Role.CARE_LEAD, True), (Role.HOMEROOM, False)])
def test_without_a_programme_the_page_says_only_who_may_start_one(client, role, may_adopt):
    school_class = make_class()
    make_term(school_class.school, starts_on=TODAY - timedelta(days=80), ends_on=TODAY + timedelta(days=50))
    make_left_behind("李小兰", school_class)
    client.force_login(make_staff(role, school_class if role is Role.HOMEROOM else school_class.school))
    answer = client.get(reverse("activities:goal_list"), {"who": "all"})
    page = answer.content.decode()
    assert page.count("没有启用") == 1
    assert "由德育主任或校长启用" in page
    assert ("去启用" in page and reverse("activities:programme_list") in page) is may_adopt
    assert "李小兰" not in page
    assert answer.context["filter_form"] is None


def test_an_earlier_term_with_goals_stays_within_reach_when_the_programme_has_ended(client, four, term, homeroom):
    child = make_left_behind("李小兰", four)
    goal(child, term, homeroom, on=term.starts_on)
    four.school.programmes.update(ends_on=term.starts_on + timedelta(days=9))
    term.starts_on, term.ends_on = term.starts_on - timedelta(days=20), term.starts_on + timedelta(days=10)
    term.save()
    make_term(four.school, starts_on=TODAY - timedelta(days=60), ends_on=TODAY + timedelta(days=50), season=2)
    client.force_login(homeroom)
    now = client.get(reverse("activities:goal_list"))
    assert "没有启用" in now.content.decode()
    assert now.context["filter_form"] is not None
    assert "上课不做小动作" in client.get(reverse("activities:goal_list"), {"term": term.pk}).content.decode()


def test_the_paper_has_names_goals_and_lines_to_sign(client, four, term, homeroom):
    lan = make_left_behind("李小兰", four)
    make_left_behind("王大明", four)
    goal(lan, term, homeroom, looked_on=TODAY, reached_on=TODAY, result="同桌作证")
    client.force_login(homeroom)
    text = text_of(client.get(url_of("goals_print", four)).content)
    for words in ("四（1）班", *NAMES, "李小兰", "上课不做小动作", "达成：同桌作证", "王大明", "班主任（签名）"):
        assert words in text, words
    assert AccessEntry.objects.filter(event=Event.PRINT, child_id=lan.pk).count() == 1


@pytest.mark.parametrize("page", ["goal_list", "goals_set", "goals_look"])
def test_pages_ask_the_same_for_one_and_for_twelve(client, four, term, homeroom, page):
    client.force_login(homeroom)
    address = reverse("activities:goal_list") if page == "goal_list" else url_of(page, four)

    def ask():
        client.get(address)  # the log writes whom one sees for the first time
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    goal(make_left_behind("李小兰", four), term, homeroom)
    one = ask()
    for at in range(11):
        goal(make_left_behind(f"学生{at}", four), term, homeroom)
    assert ask() == one
