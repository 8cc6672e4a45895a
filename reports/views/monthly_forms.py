"""The mentor finishes a child's monthly form: the records are there already, three short texts are added."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from activities.models import CareRecord
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import Month
from caretrack.web.components import Crumb
from caretrack.web.versions import KeepsVersion
from children.models import Child
from reports.access import may_write_form
from reports.builders.monthly_form import build_forms
from reports.forms.texts import MonthlyFormForm
from reports.models import MonthlyForm
from reports.services import FORM_TEXTS, save_monthly_form


@allows(Act.RECORD_WRITE)
class MonthlyFormPage(KeepsVersion):
    """One child's form of one month, with the month's records beside it."""

    form_class = MonthlyFormForm
    template_name = "reports/monthly_form.html"
    saved_text = "月记录表已保存。"

    def get_child(self) -> Child:
        child = self.__dict__.get("_child")
        if child is None:
            seen = may_write_form(self.request.user, timezone.localdate()).filter(pk=self.kwargs["pk"])  # type: ignore[arg-type]
            child = seen.select_related("school", "school_class__school").first()
            if child is None or self.get_month(child).first > timezone.localdate():
                raise Http404
            self.__dict__["_child"] = child
        return child

    def get_month(self, child: Child) -> Month:
        return Month.parse(self.kwargs["month"], child.school.closing_day)

    def find_row(self) -> MonthlyForm:
        child = self.get_child()
        form = MonthlyForm.objects.filter(child=child, month=self.kwargs["month"]).first()
        return form or MonthlyForm(child=child, month=self.kwargs["month"], version=0)

    def stored(self, row: MonthlyForm) -> dict[str, Any]:
        return {name: getattr(row, name) for name in FORM_TEXTS}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "handed_in": self.row.handed_in_on is not None}

    def get_heading(self) -> str:
        child = self.get_child()
        return f"{child.name} {self.get_month(child).label}记录表"

    def draft_key(self) -> str:
        return f"monthly_form:{self.get_child().pk}:{self.kwargs['month']}"

    def save(self, form: Any) -> MonthlyForm:
        child, data = self.get_child(), form.cleaned_data
        return save_monthly_form(
            child=child,
            month=self.get_month(child),
            texts=data,
            version=data["version"],
            handed_in=data["handed_in"],
            by=self.request.user,  # type: ignore[arg-type]
            on=timezone.localdate(),
        )

    def get_cancel_url(self) -> str:
        return reverse("children:child_show", args=[self.get_child().pk])

    def get_redirect_url(self, result: Any) -> str:
        return self.request.path

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(self.get_child().name, self.get_cancel_url())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = self.get_child()
        records = CareRecord.objects.visible_to(self.request.user)
        (sheet,) = build_forms([child], self.get_month(child), records=records, on=timezone.localdate())
        note(self.request, Event.VIEW, child)
        may_print = self.request.user.may(Act.PRINT)  # type: ignore[union-attr]
        pdf = reverse("reports:child_form", args=[child.pk, self.kwargs["month"]]) if may_print else ""
        return super().get_context_data(sheet=sheet, pdf_url=pdf, **kwargs)
