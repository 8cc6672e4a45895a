"""A class of graduates to the next school: whose dossiers are still here, and one hand-over for many (domain §5.3)."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.models import School, SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.numbers import numbers
from children.forms.transfers import GraduatesForm
from children.models import Transfer, codes
from children.transfer_summary import summarise
from children.transfers import batch_of, batches, named_destination, send_later, where_to, without_hand_over
from children.views.transfers import own_schools

GRADUATED = (codes.ChangeKind.GRADUATE,)
YEARS_SHOWN = 3
NOT_CARRIED = ("csrfmiddlewaretoken", "step")


@allows(Act.TRANSFER)
@require_safe
def transfer_graduates(request: HttpRequest) -> HttpResponse:
    """The classes of the last years: whose dossiers are still here, and what was sent. Those of before are archived."""
    today = timezone.localdate()
    first = today.replace(year=today.year - YEARS_SHOWN, day=1)
    waiting = without_hand_over(own_schools(request.user), GRADUATED).filter(on__gte=first, school_class__isnull=False)
    counted = waiting.order_by().values("school_class").annotate(number=Count("pk"), last=Max("on"))
    found = {row["school_class"]: row for row in counted}
    sent = list(batches(own_schools(request.user), codes.ChangeKind.GRADUATE, first))
    named = {*found, *(row["school_class"] for row in sent)}
    classes = SchoolClass.objects.filter(pk__in=named).select_related("school").order_by("-entry_year", "number")
    by_id = {one.pk: one for one in classes}
    rows = [(one, one.name_of_leavers(found[pk]["last"], today), found[pk]) for pk, one in by_id.items() if pk in found]
    gone = [(one := by_id[row["school_class"]], one.name_of_leavers(row["left"], today), row) for row in sent]
    context = {
        "rows": rows,
        "gone": gone,
        "crumbs": [Crumb("档案移交", reverse("children:transfer_list")), Crumb("毕业生档案")],
    }
    return render(request, "children/transfer_graduates.html", context)


@allows(Act.TRANSFER)
class TransferClass(FormPage):
    """The graduates of one class whose dossiers are still here, to one school."""

    form_class = GraduatesForm
    lead = "勾选去同一所学校的毕业生，核对以后一次移交。没有移交的档案留在本校存档。"
    button = "下一步：核对"
    cancel_url = "children:transfer_graduates"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        own = own_schools(request.user)
        rows = SchoolClass.objects.filter(school__in=own).select_related("school")
        self.school_class = get_object_or_404(rows, pk=kwargs["pk"])
        self.lines = without_hand_over(own, GRADUATED).filter(school_class=self.school_class)
        self.last = self.lines.first()
        return self.gone_already(request) or super().dispatch(request, *args, **kwargs)

    def gone_already(self, request: HttpRequest) -> HttpResponse | None:
        """
        Where to go when the dossiers asked for, or all of the class, have been sent: the button was pressed twice.

        Raises Http404 for a class that has and had nobody to send.
        """
        of_class = Transfer.objects.filter(line__school_class=self.school_class, line__kind__in=GRADUATED)
        sent = of_class.filter(cancelled_on__isnull=True)
        asked = set(numbers(request.POST.getlist("lines")))
        found = list(sent.filter(line__in=asked).order_by("pk")) if asked else []
        if found and len(found) == len(asked):
            messages.info(request, "这些毕业生的档案已经移交，没有再办一次。")
            return redirect("children:transfer_batch", found[0].pk)
        if self.last is not None:
            return None
        if not sent.exists():
            raise Http404
        messages.info(request, "这个班毕业生的档案已经全部移交。")
        return redirect("children:transfer_graduates")

    def get_heading(self) -> str:
        return f"移交{self.school_class.name_of_leavers(self.last.on, self.today)}毕业生的档案"

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("档案移交", reverse("children:transfer_list")),
            Crumb("毕业生档案", reverse("children:transfer_graduates")),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"today": self.today, "leaves": self.school_class.school, "lines": self.lines}
        return super().get_form_kwargs() | more | {"initial": {"on": self.today, **self.usual()}}

    def usual(self) -> dict[str, Any]:
        """The school that most of them were said to go to, and who they are: what the form begins with."""
        schools = list(School.objects.exclude(pk=self.school_class.school_id))
        noted = self.lines.exclude(reason="").values_list("pk", "reason")
        told = [(pk, name) for pk, reason in noted if (name := where_to(reason, schools))]
        if not told:
            return {}
        [(name, _)] = Counter(name for _, name in told).most_common(1)
        lines = [pk for pk, where in told if where == name]
        return {"lines": lines, **named_destination(name, schools)}

    def form_valid(self, form: Any) -> HttpResponse:
        step = self.request.POST.get("step", "")
        if step == "confirm":
            return super().form_valid(form)
        return self.render_to_response(self.get_context_data(form=form)) if step == "back" else self.check(form)

    def check(self, form: Any) -> HttpResponse:
        """The page that says who goes with what and what is missing, before a letter is issued. Nothing is written."""
        try:
            summary = summarise(waiting=self.lines, **{"to_school": None} | form.cleaned_data)
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)
        posted = self.request.POST.lists()
        carried = [(name, value) for name, values in posted if name not in NOT_CARRIED for value in values]
        context = self.head_context() | {"summary": summary, "carried": carried}
        return render(self.request, "children/transfer_check.html", context)

    def save(self, form: Any) -> list[Transfer]:
        staff: Any = self.request.user
        sent = send_later(by=staff, **form.cleaned_data)
        note_each(self.request, Event.WRITE, [transfer.child_id for transfer in sent], "transfer_late")
        return sent

    def get_saved_text(self, result: list[Transfer]) -> str:
        return f"{len(result)}名毕业生的档案已移交{result[0].to_name}。"

    def get_redirect_url(self, result: list[Transfer]) -> str:
        return reverse("children:transfer_batch", args=[result[0].pk])


@allows(Act.TRANSFER)
@require_safe
def transfer_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The hand-overs that were sent together: their letters, and how far each is."""
    transfer = get_object_or_404(Transfer.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    if transfer.from_school_id not in own_schools(request.user):
        raise Http404
    today = timezone.localdate()
    batch = list(batch_of(transfer).select_related("child", "from_school").order_by("child__pinyin", "pk"))
    if not batch:
        raise Http404
    context = {
        "first": batch[0],
        "rows": [(row, row.state_on(today)) for row in batch],
        "inside": transfer.to_school_id is not None,
        "received": sum(row.received_on is not None for row in batch),
        "crumbs": [
            Crumb("档案移交", reverse("children:transfer_list")),
            Crumb("毕业生档案", reverse("children:transfer_graduates")),
        ],
    }
    return render(request, "children/transfer_batch.html", context)
