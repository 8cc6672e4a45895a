"""Who may open census rounds, written by hand; a class teacher answers for the own class only."""

from typing import Any

from caretrack.access.history import change_by
from caretrack.schools.models import School, SchoolClass
from children.models import Census, CensusRow, Child
from tests.access.walk import Case
from tests.access.world import canary
from tests.support.factories import TODAY

SCHOOL = {"registrar", "lead", "principal"}
OTHER_SCHOOL = {"other_registrar", "other_principal"}
EVERYBODY = {"home1", "home2", "other_home"} | SCHOOL | OTHER_SCHOOL


def census_round(school: School, rows: list[tuple[Child, SchoolClass]], care: str, family: str) -> Census:
    """A running round; one pupil's carer changes, and remark and notes are canaries."""
    term = school.terms.get()
    with change_by(None, "测试"):
        census = Census.objects.create(school=school, term=term, kind="annual", cut_off=term.starts_on)
        for child, place in rows:
            CensusRow.objects.create(census=census, child=child, school_class=place, life=care)
        first = census.rows.order_by("pk").first()
        assert first is not None
        first.answer, first.review, first.proposed = "changed", "proposed", {"remark": family}
        first.save()
    return census


def censuses(w: Any) -> None:
    """A round in each school."""
    own = [(w.child, w.class1), (w.classmate, w.class1), (w.neighbour, w.class2)]
    w.extra["census"] = census_round(w.school, own, canary("CARE"), canary("CONTACT"))
    with change_by(None, "测试"):
        poor = Census.objects.create(school=w.school, term=w.school.terms.get(), kind="poverty", cut_off=TODAY)
        proposed = {"remark": canary("ECONOMY")}
        CensusRow.objects.create(census=poor, child=w.child, school_class=w.class1, answer="changed", proposed=proposed)
    w.extra["poverty"] = poor
    other = [(w.stranger, w.stranger.school_class)]
    w.extra["other_census"] = census_round(w.other_school, other, canary("STRANGER"), canary("STRANGER"))


def census(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for a round of the school and one of another school."""
    own, other = w.extra["census"], w.extra["other_census"]
    mine, strange = own.rows.get(child=w.child), other.rows.get()
    whole = [Case({"home1", "home2"} | SCHOOL, {"pk": own.pk}), Case({"other_home"} | OTHER_SCHOOL, {"pk": other.pk})]
    place = {"pk": own.pk, "school_class": w.class1.pk}
    row = [Case({"home1"} | SCHOOL, {"pk": mine.pk}), Case({"other_home"} | OTHER_SCHOOL, {"pk": strange.pk})]
    poor = w.extra["poverty"]
    review = [Case({"registrar", "principal"}, {"pk": own.pk}), Case(OTHER_SCHOOL, {"pk": other.pk})]
    return {
        "children:census_list": [Case(EVERYBODY)],
        "children:census_open": [Case(SCHOOL | OTHER_SCHOOL)],
        "children:census_show": whole,
        "children:census_print": [Case(case.allowed, case.kwargs, methods=("get",)) for case in whole],
        "children:census_export": [
            Case({"home1", "home2"} | SCHOOL, {"pk": own.pk}, query=query, methods=("get",))
            for query in ("", "?what=changes")
        ],
        "children:census_close": [Case({"principal"}, {"pk": own.pk}), Case({"other_principal"}, {"pk": other.pk})],
        "children:census_take_in": whole,
        "children:census_class": [Case({"home1"} | SCHOOL, place)],
        "children:census_rest": [Case({"home1"} | SCHOOL, place)],
        "children:census_mark": row,
        "children:census_change": row,
        "children:census_economy": [Case({"home1"} | SCHOOL, {"pk": poor.rows.get().pk})],
        "children:census_ask_too": [Case({"home1"} | SCHOOL, {"pk": poor.pk, "school_class": w.class1.pk})],
        "children:census_parts": [
            Case({"home1", "lead", "principal"}, {"pk": mine.pk}),
            Case({"other_home", "other_principal"}, {"pk": strange.pk}),
        ],
        "children:census_review": review,
        "children:census_confirm": review,
        "children:census_return": [
            Case({"registrar", "principal"}, {"pk": mine.pk}),
            Case(OTHER_SCHOOL, {"pk": strange.pk}),
        ],
    }
