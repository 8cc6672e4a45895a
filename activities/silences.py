"""Behind a long silence: when it began, who answers for the child, and who tried in vain."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from activities.models import CareRecord, Kind
from activities.queries import told_own_only, told_to
from caretrack.access.policy import Role
from caretrack.fixed import fixed
from caretrack.schools.models import Appointment
from children.models import Child
from mentoring.models import Mentor, MentorAbsence, Pairing


def whom_to_ask(children: Collection[Child], today: date) -> dict[int, tuple[str, str]]:
    """Child id → (who answers for it, what is known of why nobody was there). Three statements."""
    ids, classes = [child.pk for child in children], {child.school_class_id for child in children}
    posts = Appointment.objects.current(today).filter(role=Role.HOMEROOM, school_class__in=classes)
    homerooms = dict(posts.values_list("school_class", "staff__name"))
    pairings = Pairing.objects.on(today).acting_parents().kept(today).filter(child__in=ids).select_related("mentor")
    mentors: dict[int, Mentor] = {pairing.child_id: pairing.mentor for pairing in pairings}
    away = MentorAbsence.objects.on(today).filter(mentor__in=mentors.values()).select_related("deputy")
    deputies = {absence.mentor_id: absence.deputy.name for absence in away}
    found = {}
    for child in children:
        mentor = mentors.get(child.pk)
        homeroom = homerooms.get(child.school_class_id or 0, "")
        if mentor is None:
            found[child.pk] = (f"班主任{homeroom}" if homeroom else "", "没有代理家长")
        elif mentor.pk in deputies:
            found[child.pk] = (f"代管人{deputies[mentor.pk]}", f"代理家长{mentor.name}暂离")
        else:
            found[child.pk] = (f"代理家长{mentor.name}", "")
    return found


def last_attempts(children: Collection[Child], reader: Any, kinds: Collection[str]) -> dict[int, date]:
    """Child id → the last day on which somebody tried in vain, as far as `reader` may know. One statement."""
    rows = CareRecord.objects.filter(told_to(reader), child__in=[child.pk for child in children], reached=False)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return dict(rows.order_by().values("child").annotate(last=Max("on")).values_list("child", "last"))


def last_time_words(child: Child, kind: str, reader: Any, today: date) -> str:
    """When `kind` took place with the child last, as far as `reader` may know: 上次家访 12 天前."""
    label = Kind(kind).label
    last = next((on for (on,) in _last_days(reader, child.pk, Kind(kind).value)), None)
    if last is None:
        never = "还没有谈过心" if kind == Kind.TALK else f"还没有{label}记录"
        return f"您{never}" if told_own_only(reader, [child.pk]) else never
    if last == today:
        return "今天谈过心" if kind == Kind.TALK else f"今天已有{label}记录"
    return f"上次{label} {(today - last).days} 天前"


@fixed
def _last_days(reader: Any, child: int, kind: str) -> QuerySet[CareRecord, Any]:
    done = CareRecord.objects.reached().filter(told_to(reader), child=child, kind=kind)
    return done.order_by("-on").values_list("on")[:1]
