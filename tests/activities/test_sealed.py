"""悄悄话: for the addressee alone, on every way that leads past the page."""

import uuid
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from activities.models import SealedNote, SpecialOpening
from activities.sealed import addressees, keep_words, open_note, receive
from caretrack.access.models import AccessEntry, Event, RowHistory
from caretrack.access.policy import Role
from caretrack.web.models import Draft
from children import transfer_file
from children.timeline import timeline
from children.transfers import send
from tests.support.factories import PASSWORD, make_class, make_record, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
SECRET = "我不想回家，叔叔打我。"
WORD = "叔叔打我"
OPEN_WORDS = "聊了画画和同桌"


@pytest.fixture
def teacher(child):
    return make_staff(Role.HOMEROOM, child.school_class, "罗老师")


@pytest.fixture
def chosen(child):
    return make_staff(Role.TEACHER, make_class(child.school, 6), "石老师")


@pytest.fixture
def principal(child):
    return make_staff(Role.PRINCIPAL, child.school, "覃校长")


@pytest.fixture
def written(client, child, teacher, chosen) -> SealedNote:
    """The child wrote on its class teacher's machine to another teacher."""
    client.force_login(teacher)
    sent = {"addressee": chosen.pk, "secret_words": SECRET, "client_key": str(uuid.uuid4())}
    assert client.post(reverse("activities:note_write", args=[child.pk]), sent).status_code == 302
    return SealedNote.objects.get()


def test_only_the_chosen_teacher_opens_it(client, written, chosen) -> None:
    client.force_login(chosen)
    assert "李小兰给您写了悄悄话" in client.get("/").content.decode()
    show = reverse("activities:note_show", args=[written.pk])
    assert SECRET not in client.get(show).content.decode()
    client.post(reverse("activities:note_open", args=[written.pk]))
    assert SECRET in client.get(show).content.decode()
    assert f'btn-danger btn-sm" href="{reverse("activities:worry_add")}' in client.get(show).content.decode(), (
        "beside it"
    )


@pytest.mark.parametrize("who", ["teacher", "principal"])
def test_whoever_lent_the_machine_and_the_principal_know_that_it_exists_and_no_more(
    client, request, written, child, who
) -> None:
    person = request.getfixturevalue(who)
    client.force_login(person)
    for name in ("note_show", "note_open", "note_words", "note_done"):
        url = reverse(f"activities:{name}", args=[written.pk])
        assert client.post(url).status_code in (404, 405)
        assert client.get(url).status_code in (404, 405)
    pages = [
        "/",
        reverse("activities:note_list"),
        reverse("children:child_show", args=[child.pk]),
        reverse("children:child_timeline", args=[child.pk]),
        reverse("children:child_history", args=[child.pk]),
        reverse("children:child_find") + "?q=叔叔",
    ]
    assert not [page for page in pages if "叔叔打我" in client.get(page).content.decode()]
    (line,) = timeline([child], person, kinds={"sealed"})
    assert (line.sealed, line.text, line.details) == (True, "", ())
    assert "石老师" not in line.title


def test_it_is_on_no_paper_of_the_school(written, child) -> None:
    assert timeline([child], None, kinds={"sealed"}) == []


@pytest.fixture
def opened(written, chosen, child, teacher) -> SealedNote:
    """The letter was opened, a paper one was opened and noted down, and a talk of the same child can be printed."""
    today = timezone.localdate()
    told = {"school": child.school, "child": child, "addressee": chosen, "via": "hand", "received_on": today}
    paper, _ = receive(**told, by=teacher, today=today, client_key=uuid.uuid4())
    keep_words(note=open_note(note=paper, by=chosen, now=timezone.now()), text=SECRET, by=chosen)
    make_record(child, teacher, today, content=OPEN_WORDS)
    return open_note(note=written, by=chosen, now=timezone.now())


@pytest.mark.parametrize("who", ["teacher", "principal"])
def test_no_binder_no_timeline_and_no_change_history_prints_its_words(client, request, opened, child, who) -> None:
    client.force_login(request.getfixturevalue(who))
    papers = reverse("reports:child_papers", args=[child.pk])
    asked = {"last": timezone.localdate().isoformat()}
    printed = {
        "growth file": text_of(client.get(reverse("reports:child_growth_file", args=[child.pk])).content),
        "timeline": text_of(client.post(papers, asked | {"variant": "full"}).content),
    }
    outside = text_of(client.post(papers, asked | {"variant": "outside", "purpose": "市妇联调研"}).content)
    changes = client.get(reverse("children:child_history", args=[child.pk])).content.decode()
    assert {name: OPEN_WORDS in text for name, text in printed.items()} == dict.fromkeys(printed, True)
    assert "个案记录" in outside
    assert "谈心" in changes, "the history tells what happened"
    told = printed | {"outside": outside, "changes": changes}
    assert [name for name, text in told.items() if WORD in text] == []
    assert [name for name in printed if "悄悄话" in printed[name]] == []
    assert "悄悄话" not in outside


def test_no_export_and_no_file_for_the_next_school_carries_its_words(client, opened, child) -> None:
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    book = client.post(reverse("children:child_export"), {"numbers": "full", "purpose": "report"})
    cells = [str(cell) for sheet in load_workbook(BytesIO(book.content)) for row in sheet.values for cell in row]
    assert child.name in cells
    assert not [cell for cell in cells if WORD in cell]
    going = send(child=child, on=timezone.localdate(), by=None, to_name="东莞市第三小学")
    package = transfer_file.unseal(transfer_file.seal(transfer_file.pack(going), PASSWORD), PASSWORD)
    assert package.child["name"] == child.name
    assert WORD not in str(package)


@pytest.mark.parametrize("who", ["chosen", "teacher", "principal"])
def test_no_search_finds_a_child_by_its_words(client, request, opened, child, who) -> None:
    client.force_login(request.getfixturevalue(who))
    find, list_page = reverse("children:child_find"), reverse("children:child_list")
    for word, found in ((WORD, 0), ("李小兰", 0 if who == "chosen" else 1)):
        asked = client.post(find, {"q": word}, headers={"HX-Request": "true"})
        listed = client.get(list_page, {"q": word}).context["page"].paginator.count
        assert (len(asked.context["hits"]), listed) == (found, found), word


def test_the_database_its_history_and_the_log_hold_no_word_of_it(written, chosen) -> None:
    open_note(note=written, by=chosen, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM activities_sealednote")
        assert "叔叔" not in str(cursor.fetchall())
    assert RowHistory.objects.filter(table="activities_sealednote").exists()
    assert "叔叔" not in str(list(RowHistory.objects.values_list("old", flat=True)))
    assert "叔叔" not in str(list(AccessEntry.objects.values_list("detail", flat=True)))


def test_a_form_that_came_too_late_leaves_no_draft_of_it(client, child, teacher, chosen) -> None:
    client.force_login(teacher)
    client.get(reverse("activities:note_write", args=[child.pk]))
    client.logout()
    sent = {"addressee": chosen.pk, "secret_words": SECRET, "client_key": str(uuid.uuid4())}
    client.post(reverse("activities:note_write", args=[child.pk]), sent, headers={"origin": "http://testserver"})
    assert "叔叔" not in str([draft.fields for draft in Draft.objects.all()])
    assert not SealedNote.objects.exists()


def test_the_child_page_is_kept_by_no_browser_and_shows_no_menu(client, child, teacher) -> None:
    client.force_login(teacher)
    page = client.get(reverse("activities:note_write", args=[child.pk]))
    assert "no-store" in page["Cache-Control"]
    assert "工作台" not in page.content.decode()
    assert "留守" not in page.content.decode()


def test_a_paper_envelope_carries_no_words_but_the_addressees_own(client, child, teacher, chosen) -> None:
    today = timezone.localdate()
    told = {"school": child.school, "child": child, "addressee": chosen, "via": "box", "received_on": today}
    note, _ = receive(**told, by=teacher, today=today, client_key=uuid.uuid4(), text=SECRET)
    assert note.text == ""
    with pytest.raises(ValidationError, match="本人"):
        open_note(note=note, by=teacher, now=timezone.now())
    opened = open_note(note=note, by=chosen, now=timezone.now())
    keep_words(note=opened, text="孩子想妈妈", by=chosen)
    assert SealedNote.objects.get().text == "孩子想妈妈"


def test_pressing_twice_makes_one_envelope(child, teacher, chosen) -> None:
    key, today = uuid.uuid4(), timezone.localdate()
    for _ in range(2):
        receive(
            school=child.school, child=None, addressee=chosen, via="hand", received_on=today, by=teacher, today=today,
            client_key=key,
        )  # fmt: skip
    assert SealedNote.objects.count() == 1


def test_a_teacher_who_left_is_not_written_to_and_what_came_stays_sealed(client, written, child, chosen) -> None:
    chosen.is_active = False
    chosen.save()
    assert chosen not in addressees(child.school, timezone.localdate())
    assert not SealedNote.objects.addressed_to(chosen).exists()


def ask(client, what: str, pk: int, **changed):
    told = {"category": "safety", "reason": "孩子昨晚没有回家，需要尽快找到", "password": PASSWORD} | changed
    return client.post(reverse("activities:opening_ask", args=[what, pk]), told)


def test_the_principal_opens_for_safety_with_reason_and_password_and_it_is_told(
    client, written, principal, chosen, teacher
) -> None:
    client.force_login(principal)
    assert ask(client, "note", written.pk, password="不是密码").status_code == 422
    assert ask(client, "note", written.pk, reason="看看").status_code == 422
    assert ask(client, "note", written.pk, category="inspection").status_code == 422
    assert not SpecialOpening.objects.exists()
    answer = ask(client, "note", written.pk)
    assert SECRET in client.get(answer["Location"]).content.decode()
    assert AccessEntry.objects.filter(event=Event.BREAK_GLASS, staff_id=principal.pk).count() >= 2
    client.force_login(chosen)
    shown = client.get("/").content.decode()
    assert "覃校长特批查看了写给您的信" in shown
    opening = SpecialOpening.objects.get()
    client.post(reverse("activities:opening_sign", args=[opening.pk]))
    opening.refresh_from_db()
    assert opening.acknowledged_by == chosen
    client.force_login(teacher)
    assert client.get(reverse("activities:opening_show", args=[opening.pk])).status_code == 403


def test_after_the_hour_it_is_shut_again(client, written, principal) -> None:
    client.force_login(principal)
    url = ask(client, "note", written.pk)["Location"]
    opening = SpecialOpening.objects.get()
    opening.ends_at = timezone.now()
    opening.save()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("role", [Role.CARE_LEAD, Role.HOMEROOM, Role.COUNSELLOR])
def test_nobody_else_can_ask_for_it(client, written, child, role) -> None:
    at = child.school_class if role == Role.HOMEROOM else child.school
    client.force_login(make_staff(role, at))
    assert ask(client, "note", written.pk).status_code == 403
