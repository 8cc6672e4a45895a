"""Correcting a record, alone or with the others of its group talk."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from activities.forms.record import correction_form, told_before
from activities.group_corrections import Carried, correct_for_all, others_to_correct
from activities.known_facts import known_of
from activities.models import CareRecord, CounsellingNote, Kind
from activities.phrases import phrases_for
from activities.queries import record_as_it_was
from activities.services import correct_record, may_edit
from activities.views.conflict import differing
from activities.views.writing import OfRecord
from caretrack.access.gates import allows
from caretrack.access.history import Stale
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, refusal


@allows(Act.RECORD_WRITE)
class RecordEdit(OfRecord):
    """The author corrects a record within the school's edit window. Two windows on one record: both texts are shown."""

    template_name = "activities/record_edit.html"
    carried: Carried | None = None

    def check_right(self, request: HttpRequest) -> None:
        super().check_right(request)
        if not may_edit(self.record, request.user, today=self.today):  # type: ignore[arg-type]
            raise PermissionDenied(
                f"登记超过 {self.record.school.edit_days} 天的记录不能再改写，请用“补充说明”补充或更正。"
            )
        if self.record.kind == Kind.COUNSELLING and not request.user.may(Act.COUNSELLING):  # type: ignore[union-attr]
            raise PermissionDenied(refusal(Act.COUNSELLING))

    def get_heading(self) -> str:
        return f"修改{self.record.child}的{self.record.get_kind_display()}记录"

    def draft_key(self) -> str:
        return f"record:edit:{self.record.pk}"

    def get_form_class(self) -> Any:
        return correction_form(self.record.kind)

    def get_form_kwargs(self) -> dict[str, Any]:
        known = known_of(self.record.child, self.request.user)
        return super().get_form_kwargs() | {"today": self.today, "known": known, "others": self.others}

    @cached_property
    def others(self) -> int:
        """How many records of the same group talk may change with this one."""
        return len(others_to_correct(self.record, self.request.user, today=self.today))  # type: ignore[arg-type]

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.phrases = phrases_for(self.request.user, self.record.kind)  # type: ignore[arg-type]
        return form

    def get_initial(self) -> dict[str, Any]:
        return told_before(self.record, self._note())

    def _note(self) -> CounsellingNote | None:
        if self.record.kind != Kind.COUNSELLING:
            return None
        return CounsellingNote.objects.visible_to(self.request.user).filter(record=self.record).first()

    def save(self, form: Any) -> CareRecord:
        told = {
            "record": self.record,
            "contact": form.contact(),
            "version": form.cleaned_data["version"],
            "by": self.request.user,
            "today": self.today,
        }
        if form.cleaned_data.get("whole"):
            self.carried = correct_for_all(**told)
            return self.record
        return correct_record(**told, counselling=form.counselling())

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response = super().form_valid(form)
        except Stale as stale:
            return self._both_texts(form, stale.current)  # type: ignore[arg-type]
        for record in (self.record, *(self.carried.changed if self.carried else ())):
            note(self.request, Event.WRITE, record.child_id, f"record {record.pk}")
        return response

    def _both_texts(self, form: Any, current: CareRecord) -> HttpResponse:
        """Somebody saved meanwhile: nothing is written, both texts are shown, the next press is a decision."""
        self.keep_refused(form)
        self.record = self._reload()
        opened = form.cleaned_data["version"]
        differences = differing(
            form, told_before(current, self._note()), record_as_it_was(current.pk, opened), self.request.POST
        )
        form.data = form.data.copy()
        form.data["version"] = str(current.version)
        context = self.get_context_data(form=form, differences=differences, stored=self.record)
        response = self.render_to_response(context)
        response.status_code = 409
        return response

    def _reload(self) -> CareRecord:
        return CareRecord.objects.select_related("child", "school", "author", "change").get(pk=self.record.pk)

    def get_saved_text(self, result: CareRecord) -> str:
        also = str(self.carried) if self.carried else ""
        if not self.carried and self.others:
            also = f"同次的另外 {self.others} 条没有改。"
        return f"{result.child}的{result.get_kind_display()}记录已修改，原来的内容保留在修改历史里。{also}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "record": self.record,
                "differences": [],
                "stored": None,
                "in_group": bool(self.record.group_id),
                "others": self.others,
                **kwargs,
            }
        )
