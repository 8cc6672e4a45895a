"""Who may open what, written by hand: one row for every URL name. A page without a row fails the build."""

from tests.access.census import census
from tests.access.changes import changes
from tests.access.compliance import compliance
from tests.access.dossiers import dossiers
from tests.access.events import events
from tests.access.family import family
from tests.access.honours import honours
from tests.access.life import life
from tests.access.pairings import pairings
from tests.access.papers import papers
from tests.access.records import records
from tests.access.rosters import rosters
from tests.access.signing import signing
from tests.access.support import support
from tests.access.surveys import surveys
from tests.access.tables import tables
from tests.access.walk import Case
from tests.access.world import CASE, LEADER, LEADS, OTHER_CASE, PEOPLE, World
from tests.access.worries import worries

EVERYBODY = set(PEOPLE)
WITH_POST = EVERYBODY - {"former", "ex_mentor"}
ALL_CASE = CASE | LEADER | OTHER_CASE | {"home2"}
ADMIN = {"sysadmin"}


def expected(w: World) -> dict[str, list[Case]]:
    """URL name → its cases in the world `w`."""
    return (
        _entry(w)
        | _office(w)
        | _web(w)
        | _records(w)
        | _months(w)
        | _semesters(w)
        | _prints(w)
        | _children(w)
        | pairings(w)
        | life(w)
        | papers(w)
        | dossiers(w)
        | rosters(w.extra["roster"], w.extra["other_roster"], w.extra["header"], w.extra["spelling"])
        | changes(w)
        | tables(w.extra["table"], w.extra["other_table"], w.extra["accounts"])
        | census(w)
        | surveys(w)
        | records(w)
        | compliance(w)
        | worries(w)
        | events(w)
        | honours(w)
        | support(w)
        | family(w)
        | signing(w)
    )


def _entry(w: World) -> dict[str, list[Case]]:
    return {
        "login": [Case(EVERYBODY, public=True)],
        "logout": [Case(EVERYBODY, public=True)],
        "setup": [Case(EVERYBODY, public=True)],
        "workbench": [Case(WITH_POST)],
        "password_change": [Case(EVERYBODY)],
        "schools:policy": [Case(EVERYBODY)],
    }


def _office(w: World) -> dict[str, list[Case]]:
    own = {"pk": w.people["home1"].pk}
    other = {"pk": w.people["other_home"].pk}
    post = {"pk": w.people["home1"].appointments.first().pk}
    other_post = {"pk": w.people["other_home"].appointments.first().pk}
    return {
        "schools:staff_list": [Case(ADMIN)],
        "schools:staff_add": [Case(ADMIN, data={"name": "新", "username": "newone", "is_active": "on"})],
        "schools:staff_show": [Case(ADMIN, own), Case(set(), other)],
        "schools:staff_edit": [Case(ADMIN, own), Case(set(), other)],
        "schools:staff_slip": [Case(ADMIN, own), Case(set(), other)],
        "schools:appointment_add": [Case(ADMIN, own), Case(set(), other)],
        "schools:appointment_end": [
            Case(ADMIN, post, data={"ends_on": "2026-11-01"}),
            Case(set(), other_post, data={"ends_on": "2026-11-01"}),
        ],
        "schools:school_show": [Case(ADMIN)],
        "schools:school_edit": [Case(ADMIN, {"pk": w.school.pk}), Case(set(), {"pk": w.other_school.pk})],
        "schools:term_add": [Case(ADMIN)],
        "schools:term_edit": [
            Case(ADMIN, {"pk": w.school.terms.get().pk}),
            Case(set(), {"pk": w.other_school.terms.get().pk}),
        ],
        "schools:class_add": [Case(ADMIN)],
        "schools:access_log": [Case({"principal", "other_principal"})],
    }


def _web(w: World) -> dict[str, list[Case]]:
    return {
        "drafts:save": [Case(EVERYBODY, public=True)],
        "drafts:discard": [Case(EVERYBODY)],
        "drafts:list": [Case(EVERYBODY)],
        "web:components": [Case(ADMIN)],
        "jobs:job_list": [Case(WITH_POST)],
        "jobs:job_show": [Case({"other_home"}, {"pk": w.extra["job"].pk})],
        "jobs:job_download": [Case(set(), {"pk": w.extra["job"].pk})],
    }


WRITERS = {"home1", "home2", "mentor", "teacher1", "counsellor", "lead", "principal", "other_principal", "other_home"}
OF_CHILD = {"home1", "mentor", "teacher1", "counsellor", "lead", "principal"}
READ_CARE = {"home1", "counsellor", "lead", "principal"}
OTHER_CARE = {"other_principal", "other_home"}
MONTH_VIEWERS = {"home1", "home2", "lead", "principal", "other_principal", "other_home"}
PRINTERS = {"home1", "home2", "mentor", "lead", "principal", "registrar", *OTHER_CASE}
LEADING = {"lead", "principal", "other_principal"}


def _records(w: World) -> dict[str, list[Case]]:
    pk, other = {"pk": w.record.pk}, {"pk": w.stranger_record.pk}
    new = {"child": str(w.child.pk), "kind": "talk", "on": str(w.record.on), "content": "谈了谈", "reached": "1"}
    return {
        "activities:record_list": [Case(WRITERS | LEADER)],
        "activities:record_add": [
            Case(WRITERS, methods=("get", "head")),
            Case(OF_CHILD, query=f"?child={w.child.pk}&kind=talk", methods=("get", "head")),
            Case(OF_CHILD, data=new, methods=("post",)),
        ],
        "activities:record_show": [
            Case(READ_CARE | LEADER, pk),
            Case(OTHER_CARE, other),
            Case(READ_CARE | LEADER, {"pk": w.extra["counselling"].pk}),
            Case({"home1", "lead", "principal"}, {"pk": w.extra["restricted"].pk}),
        ],
        "activities:record_card": [
            Case(READ_CARE | LEADER, pk),
            Case(OTHER_CARE, other),
            Case({"counsellor"}, {"pk": w.extra["counselling"].pk}),
            Case({"home1", "lead", "principal"}, {"pk": w.extra["restricted"].pk}),
        ],
        "activities:record_cards": [Case(WRITERS | LEADER)],
        "activities:record_card_blank": [Case(WRITERS | LEADER)],
        "activities:record_edit": [Case({"home1"}, pk), Case({"other_home"}, other)],
        "activities:record_withdraw": [Case({"home1", "lead", "principal"}, pk), Case(OTHER_CARE, other)],
        "activities:record_addendum_add": [Case({"home1"}, pk), Case({"other_home"}, other)],
        "activities:follow_up_list": [Case(WRITERS | LEADER)],
        "activities:follow_up_close": [Case(READ_CARE, {"pk": w.follow_up.pk}, data={"outcome": "办好了"})],
        "activities:silence_list": [Case(WRITERS | LEADER)],
    }


def _months(w: World) -> dict[str, list[Case]]:
    month = w.extra["month"].key
    school, own = {"unit": f"s{w.school.pk}", "month": month}, {"unit": f"c{w.class1.pk}", "month": month}
    other = {"unit": f"s{w.other_school.pk}", "month": month}
    earlier = {"unit": f"s{w.school.pk}", "month": w.extra["month"].previous().key}
    before = {"unit": f"s{w.school.pk}", "month": w.extra["month"].previous().previous().key}
    seen = [Case(LEADS, school), Case(LEADS | {"home1"}, own), Case({"other_principal"}, other)]
    cell = {"scope": 0, "key": w.extra["cell"]}
    return {
        "reports:month_list": [Case(MONTH_VIEWERS)],
        "reports:month": seen,
        "reports:month_pdf": seen,
        "reports:cell_list": [
            Case(LEADS, school | cell),
            Case(LEADS | {"home1"}, own | cell | {"scope": w.class1.pk}),
            Case({"other_principal"}, other | cell),
        ],
        "reports:month_open": [Case({"lead"}, before), Case(set(), other)],
        "reports:month_submit": [Case({"lead"}, school), Case(set(), other)],
        "reports:month_approve": [Case({"principal"}, earlier)],
        "reports:month_return": [Case({"principal"}, earlier)],
        "reports:month_reopen": [Case({"principal"}, earlier)],
        "reports:month_text": [Case({"lead"}, school), Case(set(), other)],
        "reports:submitted_list": [Case({"superior"})],
        "reports:submitted_show": [
            Case({"superior"}, {"pk": w.extra["submitted"].pk}),
            Case(set(), {"pk": w.extra["draft"].pk}),
        ],
    }


def _semesters(w: World) -> dict[str, list[Case]]:
    own, other = {"pk": w.school.terms.get().pk}, {"pk": w.other_school.terms.get().pk}
    seen = [Case(LEADS, own)]
    return {
        "reports:semester_list": [Case(LEADING)],
        "reports:semester": [*seen, Case({"other_principal"}, other)],
        "reports:semester_pdf": seen,
        "reports:semester_take": seen,
        "reports:semester_text": seen,
        "reports:semester_submit": seen,
        "reports:semester_approve": [Case({"principal"}, own)],
        "reports:semester_return": [Case({"principal"}, own)],
        "reports:semester_reopen": [Case({"principal"}, own)],
    }


def _prints(w: World) -> dict[str, list[Case]]:
    month = {"month": w.extra["month"].key}
    own, other = {"pk": w.class1.pk}, {"pk": w.stranger.school_class_id}
    child, stranger = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    papers = {"home1", "lead", "principal", "registrar"}
    return {
        "reports:print_centre": [Case(PRINTERS)],
        "reports:print_class": [Case(papers | {"mentor"}, own), Case(OTHER_CASE, other)],
        "reports:class_cards": [Case(papers | {"mentor"}, own), Case(OTHER_CASE, other)],
        "reports:class_forms": [Case(papers | {"mentor"}, own | month), Case(OTHER_CASE, other | month)],
        "reports:print_mentees": [Case(PRINTERS)],
        "reports:mentee_forms": [Case(PRINTERS, month)],
        "reports:child_card": [Case(papers | {"mentor"}, child), Case(OTHER_CASE, stranger)],
        "reports:child_dossier": [Case(papers | {"mentor"}, child), Case(OTHER_CASE, stranger)],
        "reports:monthly_form": [
            Case({"home1", "mentor", "lead", "principal"}, child | month),
            Case(OTHER_CARE, stranger | month),
        ],
        "reports:child_form": [
            Case({"home1", "mentor", "lead", "principal"}, child | month),
            Case(OTHER_CARE, stranger | month),
        ],
    }


EDITORS = {"home1", "lead", "principal", "registrar"}
ALL_EDITORS = EDITORS | OTHER_CASE | {"home2"}


def _children(w: World) -> dict[str, list[Case]]:
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    edited = [Case(EDITORS, own), Case(OTHER_CASE, other)]
    member = {"member": w.child.family.first().pk}
    strange_member = {"member": w.stranger.family.first().pk}
    consent = {"consent": w.extra["consent"].pk}
    return {
        "children:child_list": [Case(ALL_CASE)],
        "children:child_find": [
            Case(ALL_CASE, data={"q": w.child.id_no}),
            Case(ALL_CASE, data={"q": "CANARY"}, headers={"HX-Request": "true"}),
        ],
        "children:child_add": [Case(ALL_EDITORS)],
        "children:child_show": [
            Case(CASE | LEADER, own),
            Case(OTHER_CASE, other),
            Case({"home2", "counsellor", "lead", "principal", "registrar"}, {"pk": w.neighbour.pk}),
            # The pairing with the classmate ended yesterday: its mentor sees nothing any more.
            Case(CASE - {"mentor"}, {"pk": w.classmate.pk}),
        ],
        "children:child_reveal": [
            Case(CASE - {"teacher1", "mentor"}, own | {"what": "id_no"}),
            Case(OTHER_CASE, other | {"what": "id_no"}),
        ],
        "children:section_edit": [
            Case(EDITORS, own | {"section": "identity"}),
            Case(EDITORS, own | {"section": "economy"}),
            Case(OTHER_CASE, other | {"section": "identity"}),
        ],
        "children:member_add": edited,
        "children:member_edit": [
            Case(EDITORS, own | member),
            Case(set(), own | strange_member),
            Case(OTHER_CASE, other | strange_member),
        ],
        "children:care_edit": edited,
        "children:support_decide": [Case(EDITORS - {"registrar"}, own), Case(OTHER_CARE, other)],
        "children:consent_list": edited,
        "children:consent_add": edited,
        "children:consent_withdraw": [Case(EDITORS, own | consent), Case(set(), other | consent)],
        "children:child_photo": [Case(set(), own), Case(set(), other)],
        "children:photo_edit": edited,
        "children:photo_remove": edited,
        "children:child_history": edited,
        "children:child_access": [Case({"principal"}, own), Case({"other_principal"}, other)],
    }


__all__ = ["ALL_CASE", "LEADS", "expected"]
