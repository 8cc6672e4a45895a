"""Base views, parts, error pages and headers."""

import pytest
from django import forms
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from caretrack.access.policy import Act, Role
from caretrack.masking import mask_id_number, mask_numbers, mask_phone, mask_text
from caretrack.schools.models import Staff
from caretrack.web import components, errors, navigation
from caretrack.web.forms import CareForm
from tests.support.factories import make_class, make_school, make_staff
from tests.web import pages
from tests.web.conftest import Browser


def draw(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


# Parts


@pytest.mark.parametrize(
    "source",
    [
        '{% notice "loud" "x" %}',
        '{% notice "info" "x" colour="red" %}',
        '{% badge "green" "x" %}',
        '{% state "almost" %}',
        '{% figure "x" 1 tone="urgent" %}',
        '{% icon "x y" %}',
        '{% one_of "c" "a" "b" %}',
        '{% act_button "/" "x" look="huge" %}',
        '{% timeline_item "x" "y" tone="loud" %}{% endtimeline_item %}',
        "{% facts columns=3 %}{% endfacts %}",
        '{% card titel="x" %}{% endcard %}',
        "{% steps labels 3 %}",
    ],
)
def test_a_part_refuses_what_it_does_not_know(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(source, labels=["a", "b"])


def test_a_tab_refuses_an_unknown_option() -> None:
    with pytest.raises(TypeError):
        draw('{% tabs items label="x" %}', items=[{"label": "a", "url": "/", "colour": "red"}])


@pytest.mark.parametrize(
    "numerator,denominator,shown",
    [(82, 89, "92.1% （82/89）"), (0, 0, "— （0/0）"), (0, 5, "0.0% （0/5）"), (None, None, "— （0/0）")],
    ids=str,
)
def test_a_rate_shows_both_numbers_and_nothing_of_nothing(
    numerator: int | None, denominator: int | None, shown: str
) -> None:
    html = draw("{% rate a b %}", a=numerator, b=denominator)
    assert shown == " ".join(html.replace("<span", " <span").split(">", 1)[1].replace("</span>", "").split()).replace(
        '<span class="care-rate-parts">', ""
    )


def test_what_is_typed_is_shown_as_typed() -> None:
    evil = '"><script>alert(1)</script>'
    for source in ("{% notice 'info' x %}", "{% badge 'info' x %}", "{% fact x x %}", "{% figure x x %}"):
        assert "<script" not in draw(source, x=evil)
    assert "<script" not in draw("{% card title=x %}{{ x }}{% endcard %}", x=evil)


def test_every_state_has_words_and_an_icon() -> None:
    for name, (tone, mark, words) in components.STATES.items():
        html = draw("{% state name %}", name=name)
        assert words in html
        assert f"bi-{mark}" in html
        assert f"care-tone-{tone}" in html


@pytest.mark.parametrize(
    "number,shown",
    [
        ("999999201605040012", "999***********0012"),
        ("", ""),
        ("12345", "*****"),
        ("99999920160504001X", "999***********001X"),
    ],
    ids=str,
)
def test_an_id_number_keeps_its_ends_only(number: str, shown: str) -> None:
    assert mask_id_number(number) == shown


@pytest.mark.parametrize(
    "text,shown",
    [
        ("4.5122620160312e+17", "4.5************e+17"),
        ("身份证 9.99999E+17", "身份证 ***********"),
        ("1.3900000001E+10", "1.3*********E+10"),
        ("成绩 92.5，路程 1.25", "成绩 92.5，路程 1.25"),
    ],
)
def test_a_number_that_excel_made_a_power_of_ten_is_masked_too(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown


@pytest.mark.parametrize(
    "number,shown",
    [("13800000001", "138****0001"), ("", ""), ("5551", "**51"), ("08550000001", "085****0001")],
    ids=str,
)
def test_a_phone_number_keeps_its_ends_only(number: str, shown: str) -> None:
    assert mask_phone(number) == shown
    assert mask_text("三组12号") == "三***"


# Menu


def test_the_menu_shows_what_a_person_may_and_marks_the_longest_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_ENTRIES", {})
    navigation.register("工作台", "workbench", "house", None, 1)
    navigation.register("学校", "school_list", "people", Act.CHILD_LIST, 2)
    navigation.register("部件", "web:components", "grid", Act.SYSTEM, 3)
    with pytest.raises(ValueError, match="already"):
        navigation.register("别的", "workbench", "house")

    class Person:
        def may(self, act: Act) -> bool:
            return act is Act.CHILD_LIST

    items = navigation.menu_for(Person(), "/schools/12/")
    assert [(item.label, item.active) for item in items] == [("工作台", False), ("学校", True)]
    navigation.register("账号", "login", "key", None, 4, covers=("school_list",))
    assert [item.label for item in navigation.menu_for(Person(), "/schools/12/") if item.active] == ["学校"]
    navigation.register("没有", "nowhere", "x", None, 9)
    assert [entry.label for entry in navigation.missing_urls()] == ["没有"]


def test_pages_under_one_entry_are_tabs_and_lead_to_the_first_that_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_ENTRIES", {})
    pages = (
        navigation.Leaf("学校名单", "school_list", Act.SYSTEM),
        navigation.Leaf("部件", "web:components", Act.CHILD_LIST),
        navigation.Leaf("首页", "workbench", None),
    )
    navigation.register("学校", "school_list", "people", Act.SYSTEM, 2, leaves=pages)

    class Person:
        def __init__(self, *acts: Act) -> None:
            self.acts = acts

        def may(self, act: Act) -> bool:
            return act in self.acts

    clerk, guest = Person(Act.CHILD_LIST), Person()
    assert [(item.label, item.url) for item in navigation.menu_for(clerk, "/")] == [("学校", "/dev/components/")]
    assert navigation.menu_for(clerk, "/dev/components/")[0].active
    assert [(label, here) for label, _, here in navigation.tabs_for(clerk, "workbench")] == [
        ("部件", False),
        ("首页", True),
    ]
    assert navigation.tabs_for(guest, "workbench") == []  # one page alone needs no tabs
    assert navigation.tabs_for(clerk, "login") == []


# Base views


def test_list_page_fragment_and_empty_states(browser: Browser) -> None:
    page = browser.get("/schools/").content.decode()
    assert page.count("<h1>") == 1
    assert "共 <strong>1</strong>" in page
    fragment = browser.get("/schools/", headers={"hx-request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "共 <strong>1</strong>" in fragment.content.decode()
    assert "HX-Request" in fragment["Vary"]
    back = browser.get("/schools/", headers={"hx-request": "true", "hx-history-restore-request": "true"})
    assert "<html" in back.content.decode()
    nothing = browser.get("/schools/?name=没有").content.decode()
    assert "清除条件" in nothing
    invalid = browser.get("/schools/", {"name": "长" * 11}).content.decode()
    assert "没有符合条件的内容" in invalid
    assert "条件有 1 处不对" in invalid
    assert "还没有保存" not in invalid


def test_a_list_is_paged_and_keeps_its_filter(browser: Browser) -> None:
    for number in range(30):
        make_school(f"第{number}小学")
    page = browser.get("/schools/?name=第&page=2").content.decode()
    assert "第 2 页，共 2 页（30 条）" in page
    assert "name=%E7%AC%AC" in page
    assert browser.get("/schools/?page=999").status_code == 200


def test_a_list_without_scope_fails_loudly(browser: Browser) -> None:
    with pytest.raises(AttributeError, match="visible_to"):
        browser.get("/unscoped/")


def test_a_confirmation_asks_then_acts(browser: Browser) -> None:
    assert "结对今天结束。" in browser.get("/end/").content.decode()
    assert pages.SAVED == []
    assert browser.post("/end/", browser.hidden("/end/")).status_code == 302
    assert pages.SAVED == [{"ended": True}]


def test_a_form_says_what_was_saved_and_escapes_nothing_typed(browser: Browser) -> None:
    form = browser.hidden("/talk/1/")
    answer = browser.post("/talk/1/", form | {"said": "好", "on": "2026-11-20"}, follow=True)
    assert "2026-11-20的谈话已保存。" in answer.content.decode()
    long = browser.post("/talk/1/", form | {"said": "写" * 60, "on": "2026-11-20"}).content.decode()
    assert "写" * 60 in long


def test_refusals_are_said_as_a_school_would(browser: Browser) -> None:
    form = browser.hidden("/talk/1/")
    page = browser.post("/talk/1/", form | {"said": "写" * 60, "on": "2026-02-30", "topics": "x"}).content.decode()
    assert "最多 50 个字，现在有 60 个，请删减。" in page
    assert "日期不对，请按 2026-03-05 的样子填写。" in page
    assert "请从列出的选项里选择。" in page


class OwnWords(CareForm, forms.Form):
    name = forms.CharField(label="姓名", error_messages={"required": "没有姓名不能保存。"})
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "---------"), ("a", "甲")])


def test_a_form_may_have_words_of_its_own() -> None:
    form = OwnWords({})
    assert form.errors["name"] == ["没有姓名不能保存。"]
    assert ("", "未选") in form.fields["kind"].choices


# Error pages


def test_forbidden_gives_its_reason_and_404_tells_nothing(browser: Browser) -> None:
    answer = browser.get("/forbidden/")
    assert answer.status_code == 403
    assert "只有德育主任可以安排结对。" in answer.content.decode()
    missing = browser.get("/nothing/")
    assert missing.status_code == 404
    assert "不在您现在负责的范围内" in missing.content.decode()


def test_a_failure_shows_no_technical_text_and_keeps_the_text(browser: Browser) -> None:
    browser.raise_request_exception = False
    answer = browser.post("/broken/", {**browser.hidden("/talk/12/"), "said": "写到一半"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "RuntimeError" not in page
    assert "secret" not in page
    assert "已经暂存" in page
    assert "写到一半" in browser.get("/talk/12/").content.decode()


def test_the_failure_page_needs_no_database(rf: RequestFactory) -> None:
    answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "系统出了点问题" in answer.content.decode()


def test_a_busy_database_gives_the_text_back_with_a_button(browser: Browser) -> None:
    answer = browser.post("/busy/", {**browser.hidden("/end/"), "said": "写<到>一半", "password": "geheim"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert 'name="said" value="写&lt;到&gt;一半"' in page
    assert "geheim" not in page
    assert not errors.is_busy(OperationalError("no such table"))


def test_too_large_is_said_in_plain_words(browser: Browser, settings, rf: RequestFactory) -> None:
    settings.MAX_REQUEST_BYTES = 1000
    answer = browser.post("/end/", {"said": "x" * 2000})
    assert answer.status_code == 413
    assert "太大" in answer.content.decode()
    settings.MAX_REQUEST_BYTES = 10_000_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    form = browser.hidden("/end/")
    assert browser.post("/end/", form | {"said": "x" * 2000}).status_code == 413
    assert errors.bad_request(rf.get("/"), RequestDataTooBig()).status_code == 413
    assert errors.bad_request(rf.get("/"), ValueError("technical")).status_code == 400


def test_a_stale_login_form_comes_back_with_the_name(db: None, teacher: Staff) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    answer = browser.post("/login/", {"username": "tian", "password": "x", "csrfmiddlewaretoken": "old"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="tian"' in page
    assert "再输入一次密码" in page


@pytest.mark.parametrize("name", ["400.html", "413.html", "500.html", "errors/foreign.html"])
def test_pages_for_the_worst_case_stand_alone(name: str) -> None:
    html = render_to_string(name, {"limit": 1, "kept": False})
    assert html.count("<h1>") == 1
    assert "/static/css/plain.css" in html


# Headers and sessions


@pytest.mark.parametrize("url", ["/", "/login/", "/nothing/", "/forbidden/"])
def test_no_page_is_kept_by_the_browser(browser: Browser, url: str) -> None:
    answer = browser.get(url)
    assert answer["Cache-Control"] == "no-store, private"
    assert "geolocation=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_the_session_ends_after_idle_minutes_and_after_hours(browser: Browser, settings) -> None:
    for key, seconds in (
        ("care_seen", settings.IDLE_MINUTES * 60 + 5),
        ("care_since", settings.SESSION_COOKIE_AGE + 5),
    ):
        session = browser.session
        session[key] -= seconds
        session.save()
        assert browser.get("/")["Location"].startswith("/login/")
        browser = Browser()
        browser.sign_in(Staff.objects.get(username="tian"))
        assert browser.get("/").status_code == 200


def test_the_session_is_written_at_most_once_a_minute(browser: Browser, django_assert_num_queries) -> None:
    browser.get("/")
    before = browser.session["care_seen"]
    browser.get("/")
    assert browser.session["care_seen"] == before


# The page for developers


def test_the_page_of_parts_opens_for_the_system_administrator_only(browser: Browser) -> None:
    assert browser.get("/dev/components/").status_code == 403
    browser.force_login(make_staff(Role.SYSADMIN, make_class()))
    answer = browser.get("/dev/components/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1>") == 1
    for _, _, words in components.STATES.values():
        assert words in page
