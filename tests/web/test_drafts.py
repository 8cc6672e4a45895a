"""Nothing typed is lost, and nobody else sees it."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from caretrack.schools.models import Staff
from caretrack.web import drafts
from caretrack.web.drafts import Sheet
from caretrack.web.models import Draft
from tests.web import pages
from tests.web.conftest import Browser

TALK = "/talk/12/"
TEXT = "想念在外打工的妈妈"


def typed(**fields: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in fields.items()}


def test_autosave_comes_back_on_the_same_form_only(browser: Browser, teacher: Staff) -> None:
    form = browser.hidden(TALK)
    answer = browser.post("/drafts/save/", form | {"said": TEXT, "topics": ["mood"], "follow": "on"})
    assert answer.json()["saved"] is True
    page = browser.get(TALK).content.decode()
    assert TEXT in page
    assert "已恢复" in page
    assert "照片和文件需要重新选择" in page, "the form has a place for a photo"
    assert page.count(" checked") == 2
    assert TEXT not in browser.get("/talk/13/").content.decode()


def test_the_text_is_sealed_and_secrets_are_never_kept(browser: Browser) -> None:
    form = browser.hidden(TALK)
    browser.post("/drafts/save/", form | {"said": TEXT, "password": "geheim-123"})
    draft = Draft.objects.get()
    assert draft.fields == {"said": [TEXT]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM web_draft")
        assert TEXT not in cursor.fetchone()[0]


def test_saving_forgets_the_draft_and_a_late_autosave_does_not_bring_it_back(browser: Browser) -> None:
    form = browser.hidden(TALK)
    browser.post("/drafts/save/", form | {"said": TEXT})
    assert browser.post(TALK, form | {"said": TEXT, "on": "2026-11-20"}).status_code == 302
    assert len(pages.SAVED) == 1
    late = browser.post("/drafts/save/", form | {"said": TEXT})
    assert late.json()["saved"] is False
    page = browser.get(TALK).content.decode()
    assert TEXT not in page
    assert "已恢复" not in page
    # A form opened anew keeps its text again.
    assert browser.post("/drafts/save/", browser.hidden(TALK) | {"said": "新的一次"}).json()["saved"] is True


def test_a_refused_form_shows_and_keeps_what_was_typed(browser: Browser) -> None:
    answer = browser.post(TALK, browser.hidden(TALK) | {"said": TEXT, "on": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert TEXT in page
    assert "请填写“日期”。" in page
    assert 'href="#id_on"' in page
    assert TEXT in browser.get(TALK).content.decode()


def test_what_a_service_refuses_is_shown_at_its_field_or_on_top(browser: Browser) -> None:
    answer = browser.post(TALK, browser.hidden(TALK) | {"said": "拒绝", "on": "2026-11-20"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "日期早于入学。" in page
    assert "学生已离校。" in page
    assert "有 2 处" in page


def test_text_survives_the_end_of_the_session(
    browser: Browser, teacher: Staff, end_session: Callable[[], None]
) -> None:
    form = browser.hidden(TALK)
    end_session()
    photo = SimpleUploadedFile("a.jpg", b"x")
    answer = browser.post(TALK, form | {"said": TEXT, "on": "2026-11-20", "photo": photo})
    assert answer.status_code == 302
    number = Draft.objects.get().sheet
    assert unquote(answer["Location"]) == f"/login/?next={TALK}?draft={number}"
    login = browser.get(answer["Location"]).content.decode()
    assert "已经存好" in login
    assert "需要重新选择" in login
    assert TEXT not in login
    browser.sign_in(teacher)
    page = browser.get(TALK).content.decode()
    assert TEXT in page
    assert "2026-11-20" in page
    assert pages.SAVED == []


def test_text_survives_an_idle_session(browser: Browser, teacher: Staff) -> None:
    form = browser.hidden(TALK)
    session = browser.session
    session["care_seen"] -= 3 * 3600
    session.save()
    assert browser.post(TALK, form | {"said": TEXT}).status_code == 302
    browser.sign_in(teacher)
    assert TEXT in browser.get(TALK).content.decode()


def test_a_form_without_sheet_is_rescued_for_the_only_user_of_the_browser(
    browser: Browser, teacher: Staff, end_session: Callable[[], None]
) -> None:
    token = browser.hidden(TALK)["csrfmiddlewaretoken"]
    end_session()
    answer = browser.post("/end/", {"csrfmiddlewaretoken": token, "reason": TEXT})
    draft = Draft.objects.get()
    assert unquote(answer["Location"]) == f"/login/?next=/end/?draft={draft.sheet}"
    assert (draft.staff, draft.key) == (teacher, "page:/end/")


def test_text_survives_a_stale_token(browser: Browser, teacher: Staff) -> None:
    form = browser.hidden(TALK)
    browser.sign_in(teacher)  # in another tab: the token changes
    answer = browser.post(TALK, form | {"said": TEXT, "on": "2026-11-20"})
    assert answer.status_code == 302
    assert answer["Location"] == TALK
    page = browser.get(TALK).content.decode()
    assert TEXT in page
    assert pages.SAVED == []


def test_another_person_on_the_same_pc_does_not_see_it(
    browser: Browser, teacher: Staff, colleague: Staff, end_session: Callable[[], None]
) -> None:
    form = browser.hidden(TALK)
    end_session()
    browser.post(TALK, form | {"said": TEXT})
    browser.sign_in(colleague)
    assert TEXT not in browser.get(TALK).content.decode()
    browser.sign_in(teacher)
    assert TEXT in browser.get(TALK).content.decode()


def test_a_tab_left_open_by_a_colleague_goes_to_the_colleague(
    browser: Browser, teacher: Staff, colleague: Staff
) -> None:
    form = browser.hidden(TALK)
    browser.sign_in(colleague)
    answer = browser.post(TALK, form | {"said": TEXT})
    assert answer.status_code == 403
    assert "别人看不到" in answer.content.decode()
    assert Draft.objects.get().staff == teacher
    # Without a sheet nobody can tell whose text it is: nothing is kept.
    del form["care_sheet"]
    browser.post("/talk/13/", form | {"said": TEXT})
    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"origin": ""}, {"sec-fetch-site": "cross-site"}],
    ids=str,
)
def test_a_post_from_elsewhere_stores_nothing(
    browser: Browser, end_session: Callable[[], None], headers: dict[str, str]
) -> None:
    form = browser.hidden(TALK)
    assert browser.post(TALK, {"said": TEXT}, headers=headers).status_code == 403
    end_session()
    browser.post(TALK, form | {"said": TEXT}, headers=headers)
    assert browser.post("/drafts/save/", form | {"said": TEXT}, headers=headers).status_code in {400, 403}
    assert not Draft.objects.exists()


def test_a_forged_or_old_sheet_stores_nothing(browser: Browser, colleague: Staff) -> None:
    form = browser.hidden(TALK)
    answer = browser.post("/drafts/save/", form | {"said": TEXT, "care_sheet": form["care_sheet"] + "x"})
    assert answer.status_code == 400
    assert not Draft.objects.exists()


def test_autosave_after_the_session_keeps_the_text_and_asks_to_sign_in(
    browser: Browser, teacher: Staff, end_session: Callable[[], None]
) -> None:
    form = browser.hidden(TALK)
    end_session()
    answer = browser.post("/drafts/save/", form | {"said": TEXT})
    assert answer.status_code == 401
    assert answer.json()["saved"] is True
    assert Draft.objects.get().staff == teacher


def test_discarding_opens_the_form_empty(browser: Browser) -> None:
    form = browser.hidden(TALK)
    browser.post("/drafts/save/", form | {"said": TEXT})
    answer = browser.post("/drafts/discard/", browser.hidden(TALK))
    assert answer["Location"] == TALK
    assert TEXT not in browser.get(TALK).content.decode()


def test_nobody_discards_the_draft_of_another(browser: Browser, teacher: Staff, colleague: Staff) -> None:
    drafts.keep(Sheet(teacher.pk, "k", TALK), typed(said=TEXT))
    browser.sign_in(colleague)
    token = browser.hidden(TALK)["csrfmiddlewaretoken"]
    sheet = Sheet(teacher.pk, "k", TALK).token()
    answer = browser.post("/drafts/discard/", {"csrfmiddlewaretoken": token, "care_sheet": sheet})
    assert answer.status_code == 400
    assert Draft.objects.open().count() == 1


def test_two_windows_with_the_same_form_keep_a_text_each(browser: Browser) -> None:
    first, second = browser.hidden(TALK), browser.hidden(TALK)
    browser.post("/drafts/save/", first | {"said": "先写的：奶奶腿疼"})
    browser.post("/drafts/save/", second | {"said": "后写的：想妈妈"})
    browser.post("/drafts/save/", second | {"said": "后写的：想妈妈了"})
    page = browser.get(TALK).content.decode()
    assert "后写的：想妈妈了" in page
    assert "在别的窗口里还有 1 份没写完" in page
    older = Draft.objects.open().order_by("saved_at")[0]
    begun = browser.get("/drafts/").content.decode()
    assert older.resume_url in begun
    assert "先写的：奶奶腿疼" in browser.get(older.resume_url).content.decode()


def test_saving_in_one_window_leaves_the_text_of_the_other(browser: Browser) -> None:
    first, second = browser.hidden(TALK), browser.hidden(TALK)
    browser.post("/drafts/save/", first | {"said": "先写的：奶奶腿疼"})
    browser.post("/drafts/save/", second | {"said": TEXT})
    assert browser.post(TALK, second | {"said": TEXT, "on": "2026-11-20"}).status_code == 302
    page = browser.get(TALK).content.decode()
    assert "先写的：奶奶腿疼" in page
    assert TEXT not in page
    assert "在别的窗口里" not in page


def test_a_text_that_goes_on_takes_the_place_of_the_one_it_began_with(browser: Browser) -> None:
    browser.post("/drafts/save/", browser.hidden(TALK) | {"said": "想念"})
    browser.post("/drafts/save/", browser.hidden(TALK) | {"said": TEXT})
    assert [draft.fields["said"] for draft in Draft.objects.open()] == [[TEXT]]
    opened = browser.hidden(TALK)
    assert browser.post(TALK, opened | {"said": TEXT, "on": "2026-11-20"}).status_code == 302
    assert not Draft.objects.open().exists(), "saved without another autosave, nothing of it comes back"


def test_what_was_typed_on_elsewhere_after_the_form_was_opened_again_is_not_replaced(browser: Browser) -> None:
    first = browser.hidden(TALK)
    browser.post("/drafts/save/", first | {"said": "想念"})
    second = browser.hidden(TALK)
    browser.post("/drafts/save/", first | {"said": "想念，还有作业没人教"})
    browser.post("/drafts/save/", second | {"said": "想念妈妈"})
    assert {draft.fields["said"][0] for draft in Draft.objects.open()} == {"想念，还有作业没人教", "想念妈妈"}
    browser.post("/drafts/discard/", browser.hidden(TALK))
    assert "想念，还有作业没人教" in browser.get(TALK).content.decode(), "only the text shown was thrown away"


def test_the_same_text_twice_is_kept_once(browser: Browser) -> None:
    for form in (browser.hidden(TALK), browser.hidden(TALK)):
        browser.post("/drafts/save/", form | {"said": TEXT})
    assert Draft.objects.open().count() == 1


def test_a_form_typed_again_in_the_same_words_makes_no_second_draft(teacher: Staff) -> None:
    """Each drawing of a form has a key of its own, and the words come letter by letter."""
    first, again = Sheet(teacher.pk, "k", "/"), Sheet(teacher.pk, "k", "/")
    drafts.keep(first, typed(said=TEXT, client_key="1"))
    drafts.keep(again, typed(said=TEXT[:2], client_key="2"))
    assert Draft.objects.open().count() == 2
    drafts.keep(again, typed(said=TEXT, client_key="2"))
    assert [draft.sheet for draft in Draft.objects.open()] == [again.number]


def test_what_turns_late_autosaves_away_is_forgotten_after_two_days(teacher: Staff) -> None:
    sheet, now = Sheet(teacher.pk, "k", "/"), timezone.now()
    drafts.close(teacher, "k", sheet)
    assert drafts.purge(now + timedelta(days=1)) == 0
    assert drafts.purge(now + timedelta(days=3)) == 1


def test_too_much_text_empty_text_and_closed_accounts_are_not_kept(teacher: Staff) -> None:
    sheet = Sheet(teacher.pk, "k", "/")
    assert drafts.keep(sheet, typed(said="写" * 70_000)) is None
    assert drafts.keep(sheet, typed(said="  ", other="")) is None
    teacher.is_active = False
    teacher.save()
    assert drafts.keep(sheet, typed(said=TEXT)) is None


def test_drafts_end_after_fourteen_days(teacher: Staff) -> None:
    now = timezone.now()
    drafts.keep(Sheet(teacher.pk, "old", "/"), typed(said=TEXT), now=now - timedelta(days=15))
    drafts.keep(Sheet(teacher.pk, "new", "/"), typed(said=TEXT), now=now - timedelta(days=13))
    assert drafts.find(teacher, "old") is None
    assert [draft.key for draft in drafts.open_drafts(teacher)] == ["new"]
    assert drafts.purge() == 1


def test_a_get_with_a_draft_writes_nothing(browser: Browser, django_assert_max_num_queries) -> None:
    browser.post("/drafts/save/", browser.hidden(TALK) | {"said": TEXT})
    before = Draft.objects.get()
    assert browser.get(TALK).status_code == 200
    after = Draft.objects.get()
    assert (before.saved_at, before.sheet) == (after.saved_at, after.sheet)
