"""多久没联系: the longest silences, why, and whom to ask."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from activities.forms.filters import SilenceFilter
from activities.queries import last_contact, silences, told_own_only
from activities.silences import last_attempts, whom_to_ask
from activities.views.reading import care_children, school_month, silence
from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.lists import FilteredListView
from children.models import Child


@allows(Act.RECORD_LIST)
class SilenceList(FilteredListView):
    """Children by the longest time without a talk, or without another contact; those who never had one first."""

    lead = "从没有过的排在最前，其次是最久没有的。没谈成、没联系上的不算。"
    template_name = "activities/silence_list.html"
    rows_template = "activities/_silence_rows.html"
    unit = "人"
    empty_text = "没有需要联系的学生。"

    def get_heading(self) -> str:
        return f"多久没有{self.get_filter().contact_label}"

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
        unheard = told_own_only(self.request.user, [child.pk for child in children])
        rows = []
        for child in children:
            row = silence(
                child, today, month, contacts.get(child.pk), last=child.last_talk_on, own_only=child.pk in unheard
            )
            who, reason = asked[child.pk]
            attempt = tried.get(child.pk)
            if attempt and (child.last_talk_on is None or attempt > child.last_talk_on):
                reason = f"{attempt.month}月{attempt.day}日联系过，没有成功"
            rows.append(row | {"ask": who, "reason": reason})
        return context | {
            "rows": rows,
            "here": self.request.get_full_path(),
            "unheard": bool(unheard),
            "may_write": self.request.user.may(Act.RECORD_WRITE),  # type: ignore[union-attr]
            "month": month,
            "contact": self.asked.contact_label,
            "kind": self.asked.kinds[0] if self.asked.kinds else "talk",
        }
