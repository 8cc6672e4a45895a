"""多久没联系: the longest silences, why, and whom to ask."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from activities.forms.filters import SilenceFilter
from activities.models import CareRecord
from activities.queries import last_contact, silences, told_to
from activities.views.reading import care_children, school_month, silence
from caretrack.access.gates import allows
from caretrack.access.policy import Act, Role
from caretrack.schools.models import Appointment
from caretrack.web.lists import FilteredListView
from children.models import Child
from mentoring.models import Mentor, MentorAbsence, Pairing


@allows(Act.RECORD_LIST)
class SilenceList(FilteredListView):
    """Children by the longest time without a talk, or without another contact; those who never had one first."""

    lead = "从没有过的排在最前，其次是最久没有的。没谈成、没联系上的不算。"
    template_name = "activities/silence_list.html"
    rows_template = "activities/_silence_rows.html"
    unit = "人"
    empty_text = "没有需要联系的学生。"

    def get_heading(self) -> str:
        return f"多久没{self.get_filter().contact_label}"

    def get_filter(self) -> SilenceFilter:
        if not hasattr(self, "asked"):
            staff, today = self.request.user, timezone.localdate()
            month = school_month(staff, today)
            children = care_children(staff)
            self.asked = SilenceFilter(self.request.GET, staff=staff, month=month, today=today, children=children)
        return self.asked

    def get_queryset(self, staff: Any) -> "QuerySet[Child]":
        children = care_children(staff).on_roll()  # type: ignore[attr-defined]
        return silences(children, staff, self.get_filter().kinds).select_related("school_class__school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        children, today = list(context["rows"]), timezone.localdate()
        contacts = last_contact([child.pk for child in children], self.request.user)
        month = school_month(self.request.user, today)
        asked = whom_to_ask(children, today)
        tried = last_attempts(children, self.request.user, self.asked.kinds)
        rows = []
        for child in children:
            row = silence(child, today, month, contacts.get(child.pk), last=child.last_talk_on)
            who, reason = asked[child.pk]
            attempt = tried.get(child.pk)
            if attempt and (child.last_talk_on is None or attempt > child.last_talk_on):
                reason = f"{attempt.month}月{attempt.day}日联系过，没有成功"
            rows.append(row | {"ask": who, "reason": reason})
        return context | {
            "rows": rows,
            "here": self.request.get_full_path(),
            "month": month,
            "contact": self.asked.contact_label,
            "kind": self.asked.kinds[0] if self.asked.kinds else "talk",
        }


def whom_to_ask(children: Collection[Child], today: date) -> dict[int, tuple[str, str]]:
    """Child id → (who answers for it, what is known of why nobody was there). Three statements."""
    ids, classes = [child.pk for child in children], {child.school_class_id for child in children}
    posts = Appointment.objects.current(today).filter(role=Role.HOMEROOM, school_class__in=classes)
    homerooms = dict(posts.values_list("school_class", "staff__name"))
    pairings = Pairing.objects.on(today).acting_parents().filter(child__in=ids).select_related("mentor")
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
