"""The dossier on one page, and showing one masked value whole."""

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.fixed import fixed, hang
from caretrack.schools.models import Term
from caretrack.web.components import Crumb
from caretrack.web.numbers import number
from caretrack.web.reveal import reveal
from children.care_watch import care_warnings
from children.completeness import completeness_of
from children.left_behind import status_of
from children.models import CareArrangement, Enrollment, FamilyMember, Phone, StatusChange
from children.not_called import not_called
from children.queries import term_start
from children.views import family_cards, panels
from children.views.extras import extras
from children.views.life.panel import life_cards
from children.views.off_roll import off_roll_notice
from children.views.page import STATES, child_or_404, demand

CHANGES_SHOWN = 20


@allows(Act.CHILD_VIEW)
@require_safe
def child_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that this person may know of the child, with what was done for it."""
    child, sight = child_or_404(request, pk)
    staff: Any = request.user
    today = timezone.localdate()
    answer = status_of(child, today)
    edits = sight.may(Act.CHILD_EDIT)
    context: dict[str, Any] = {
        "child": child,
        "sight": sight,
        "today": today,
        "crumbs": [Crumb("学生", reverse("children:child_list")), Crumb(child.name)],
        "class_name": child.class_name(today),
        "age": child.age_on(today),
        "level": STATES[child.support_level] if sight.reads(DataClass.CARE) else "",
        "answer": answer,
        "verdicts": panels.verdicts(answer, on_roll=child.school_class_id is not None),
        "off_roll": off_roll_notice(child, sight),
        "parts": panels.part_cards(child, sight, asks=child.school_class_id is not None),
        "may_edit": edits,
        "may_write_records": sight.may(Act.RECORD_WRITE) and child.school_class_id is not None,
        "may_see_log": sight.may(Act.ACCESS_LOG),
        "may_print": sight.may(Act.PRINT),
        "enrollments": [(e, e.school_class.name_on(e.ends_on or today)) for e in _enrollments_of(child.pk)],
    }
    term = Term.objects.current(child.school, today)
    since = term.starts_on if term else term_start(None, today)
    context["extras"] = beside = extras(child, sight, staff, today, term)
    if sight.reads(DataClass.CONTACT):
        context |= _family(child, sight, staff, today, answer, since=since, papers=beside.kinds)
    if edits and sight.writes(DataClass.CONTACT):
        state = completeness_of(child, context["members"], context["care"], since=since)
        context |= {
            "completeness": state,
            "gaps": panels.gap_links(child, state, context["members"]),
        }
    if sight.may(Act.RECORD_LIST):
        kind, page = request.GET.get("kind", ""), request.GET.get("page", "1")
        context |= {
            "timeline": panels.timeline(child, staff, sight, kind=kind, page=page),
            "follow_ups": panels.open_follow_ups(child, staff),
        }
    context["support"] = support = panels.support(child, sight, request.user)
    pairings = support.pairings if support else panels.pairings_of(child.pk, today)
    acting = (pairing for pairing in pairings if pairing.is_acting_parent_on(today) and not pairing.gone)
    context["mentor"] = next(acting, None)
    context["life"] = life_cards(child, sight, staff, today)
    return render(request, "children/child_show.html", context)


def _family(
    child: Any, sight: Any, staff: Any, today: Any, answer: Any, *, since: Any, papers: set[str]
) -> dict[str, Any]:
    members, care = _members_of(child.pk), _care_of(child.pk)
    hang(members, "phones", _phones_of(child.pk))
    present = next((c for c in care if c.ends_on is None), None)
    barred = not_called([child.pk])
    known = not_called([child.pk], known_to=staff) if barred.members else barred
    return {
        "members": members,
        "family": family_cards.family_cards(
            child, sight, members, present.carer_id if present else None, today, known=known
        ),
        "may_call": sight.may(Act.CHILD_REVEAL),
        "calling": family_cards.calling(
            child, sight, members, carer=present.carer_id if present else None, since=since, barred=barred
        ),
        "do_not_call": [str(member) for member in members if member.pk in known.members],
        "care": present,
        "care_facts": family_cards.care_facts(present, sight, today),
        "care_warnings": care_warnings(
            present, both_away=answer.both_away, papers=papers, on=today, exclusions=sight.reads(DataClass.CARE)
        ),
        "earlier_care": [c for c in care if c.ends_on is not None],
        "changes": _changes_of(child.pk),
    }


@fixed
def _enrollments_of(child: int) -> QuerySet[Enrollment]:
    found = Enrollment.objects.filter(child=child).select_related("school_class__school", "school")
    return found.order_by("-starts_on", "-pk")


@fixed
def _members_of(child: int) -> QuerySet[FamilyMember]:
    return FamilyMember.objects.filter(child=child)


@fixed
def _phones_of(child: int) -> QuerySet[Phone]:
    return Phone.objects.filter(member__child=child).order_by("order", "pk")


@fixed
def _care_of(child: int) -> QuerySet[CareArrangement]:
    return (
        CareArrangement.objects.filter(child=child)
        .select_related("carer")
        .order_by(F("starts_on").desc(nulls_last=True), "-pk")
    )


@fixed
def _changes_of(child: int) -> QuerySet[StatusChange]:
    corrected = Exists(StatusChange.objects.filter(corrects=OuterRef("pk")))
    found = StatusChange.objects.filter(child=child).select_related("made_by").annotate(corrected=corrected)
    return found.order_by("-on", "-pk")[:CHANGES_SHOWN]


@allows(Act.CHILD_REVEAL)
@require_POST
def child_reveal(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """
    Show one number whole, for this once; the log keeps who asked for which kind of number.

    `what` is id_no, student_no, phone-<id> or member-<id> (a family member's ID number).
    """
    child, sight = child_or_404(request, pk)
    kind, _, given = what.partition("-")
    if kind in ("id_no", "student_no") and not given:
        if not sight.numbers:
            raise Http404
        value, words = getattr(child, kind), {"id_no": "身份证号", "student_no": "学籍号"}[kind]
    elif kind in ("phone", "member") and (row := number(given)) is not None:
        demand(sight, DataClass.CONTACT, Level.READ, Act.CHILD_REVEAL)
        value, words = _family_value(child, sight, kind, row)
    else:
        raise Http404
    note(request, Event.REVEAL, child, detail=kind)
    return reveal(request, value, what=words)


def _family_value(child: Any, sight: Any, kind: str, number: int) -> tuple[str, str]:
    if kind == "phone":
        return get_object_or_404(Phone, pk=number, child=child).number, "电话"
    if not sight.numbers:
        raise Http404
    return get_object_or_404(FamilyMember, pk=number, child=child).id_no, "身份证号"
