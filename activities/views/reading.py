"""Reading records: one, a list, whose silence is longest."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.corrections import corrections_of
from activities.forms.filters import RecordFilter
from activities.models import CareRecord, CounsellingNote, FollowUp, Kind, RecordPhoto, RecordRemark
from activities.queries import days_since, lines
from activities.remarks import THANKS, may_review, may_take_back
from activities.services import may_edit
from activities.views.links import add_url, dossier_url
from activities.withdrawals import may_withdraw
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.periods import CLOSING_DAY, Month
from caretrack.web.lists import FilteredListView
from children.models import Child

NOTE_LABELS = ("complaint", "assessment", "process", "advice", "referral", "risk", "next_on")


def school_month(staff: Any, today: date) -> Month:
    """The running reporting month of the person's school."""
    school = staff.home_school()
    return Month.of(today, school.closing_day if school else CLOSING_DAY)


def care_children(staff: Any) -> "QuerySet[Child]":
    """Children of whom this person gets at least their own care records."""
    return Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)


@require_safe
@allows(Act.RECORD_LIST)
def record_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One record with what followed from it. Of a counselling others see that it took place."""
    seen = CareRecord.objects.visible_to(request.user)
    record = get_object_or_404(
        seen.select_related(
            "child__school_class__school", "school", "author", "mentor", "group", "school_class__school"
        ),
        pk=pk,
    )
    note(request, Event.VIEW, record.child_id, f"record {record.pk}")
    (line,) = lines([record], request.user)
    today = timezone.localdate()
    own = record.author_id == request.user.pk
    editable = not line.grey and own and may_edit(record, request.user, today=today)  # type: ignore[arg-type]
    context = {
        "record": record,
        "withdrawable": not line.grey and may_withdraw(record, request.user, today=today),  # type: ignore[arg-type]
        "line": line,
        "today": today,
        "class_name": record.school_class.name_on(record.on) if record.school_class else "",
        "counselling": [] if line.grey else counselling_lines(request.user, record),
        "addenda": [] if line.grey else list(record.addenda.select_related("author")),
        "follow_ups": list(
            FollowUp.objects.visible_to(request.user).filter(record=record).select_related("owner", "closed_by")
        ),
        "closes": list(FollowUp.objects.visible_to(request.user).filter(closed_by=record)),
        "editable": editable,
        "may_add": own and not line.grey,
        "edit_days": record.school.edit_days,
        "may_open": line.grey and request.user.may(Act.SPECIAL_OPENING),  # type: ignore[union-attr]
        "photos": [] if line.grey else list(RecordPhoto.objects.visible_to(request.user).filter(record=record)),
        "may_picture": own and not line.grey and record.kind != Kind.COUNSELLING,
        "own": own,
        "remarks": remarks_shown(record, request.user, today),
        "may_review": not line.grey and may_review(record, request.user),  # type: ignore[arg-type]
        "thanks": THANKS,
        "corrections": [] if line.grey else corrections_of(record),
        "dossier": dossier_url(record.child),
        "again": add_url(children=[record.child_id], kind=record.kind, next_page=request.path),
    }
    return render(request, "activities/record_show.html", context)


def remarks_shown(record: CareRecord, staff: Any, today: date) -> list[dict[str, Any]]:
    """What leaders and author said to each other about the record, answers behind their questions."""
    seen = list(RecordRemark.objects.visible_to(staff).filter(record=record).select_related("author"))
    answers = {remark.answers_id: remark for remark in seen if remark.answers_id}
    shown = [(remark, answers.get(remark.pk)) for remark in seen if not remark.answers_id]
    return [
        {
            "remark": remark,
            "answer": answer,
            "own": may_take_back(remark, staff, answered=answer is not None, today=today),
            "own_answer": answer is not None and may_take_back(answer, staff, answered=False, today=today),
        }
        for remark, answer in shown
    ]


def counselling_lines(staff: Any, record: CareRecord) -> list[tuple[str, str]]:
    """The counselling note as (label, text), for those who may read it; empty for everybody else."""
    found = CounsellingNote.objects.visible_to(staff).filter(record=record).first()
    if found is None:
        return []
    told = [(name, getattr(found, f"get_{name}_display", lambda n=name: getattr(found, n))()) for name in NOTE_LABELS]
    return [(str(CounsellingNote._meta.get_field(name).verbose_name), str(value)) for name, value in told if value]


def record_filter(request: HttpRequest) -> RecordFilter:
    """The filter of the list of records as the address asks."""
    staff: Any = request.user
    today = timezone.localdate()
    closing_day = school_month(staff, today).closing_day
    return RecordFilter(request.GET, staff=staff, today=today, closing_day=closing_day, children=care_children(staff))


@allows(Act.RECORD_LIST)
class RecordList(FilteredListView):
    """What was done, newest first; the records of a group stand as one occasion."""

    heading = "关爱记录"
    template_name = "activities/record_list.html"
    rows_template = "activities/_record_rows.html"
    unit = "次"
    empty_text = "还没有记录。"
    empty_hint = "谈一次心，就在这里记一条。"
    empty_url = "activities:record_add"
    empty_action = "记谈心"

    def get_filter(self) -> RecordFilter:
        return record_filter(self.request)

    def get_queryset(self, staff: Any) -> QuerySet[CareRecord]:
        return CareRecord.objects.visible_to(staff).newest_first().select_related("child", "author")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = lines(context["rows"], self.request.user)
        for line in rows:
            note(self.request, Event.VIEW, line.record.child_id)
        child = self._child(context["filter_form"])
        return context | {
            "rows": rows,
            "child": child,
            "query": self.request.GET.urlencode(),
            "may_write": self.request.user.may(Act.RECORD_WRITE),  # type: ignore[union-attr]
            "add": add_url(children=[child.pk] if child else (), next_page=self.request.get_full_path()),
        }

    def _child(self, form: Any) -> Child | None:
        pk = form.cleaned_data.get("child") if form.is_valid() else None
        return care_children(self.request.user).filter(pk=pk).first() if pk else None


def silence(
    child: Child, today: date, month: Month, contact: Any = None, *, last: date | None, own_only: bool = False
) -> dict[str, Any]:
    """
    What a list says about one child's silence since its `last` talk. `child` has its class loaded.

    `own_only`: the reader is told of nobody else's talks, so that "never" is true of the reader alone.
    """
    return {
        "child": child,
        "class_name": child.class_name(today),
        "dossier": dossier_url(child),
        "last": last,
        "days": days_since(last, today),
        "this_month": last is not None and month.first <= last,
        "own_only": own_only,
        "contact_on": contact.contact_on if contact else None,
    }
