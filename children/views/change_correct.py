"""A wrong line of the register is put right, with what it did to the roll, the dossier's way and the family."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activities.models import CareRecord, Incident
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage
from children.corrections import accepted_with, called_back_with, can_be_corrected, correct, is_fresh
from children.family_corrections import OF_PARENTS, state_before
from children.forms.changes import CorrectForm
from children.models import FamilyMember, StatusChange, Transfer, codes
from children.queries import term_start
from children.views.changes import pairings_that_end
from children.views.page import child_or_404, demand
from children.views.register import after_register
from reports.supplements import month_counted

Kind = codes.ChangeKind
FACTS_IN_DOSSIER = (*OF_PARENTS, Kind.CARE_CHANGE, Kind.CONTACT_CHANGE)


@allows(Act.CHILD_EDIT)
class ChangeCorrect(ConfirmPage):
    """A wrong line: taken back within the days for changes, answered by a counter entry afterwards."""

    template_name = "children/change_correct.html"
    form_class = CorrectForm
    button = "更正"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        lines = StatusChange.objects.visible_to(request.user).select_related("child", "school", "school_class")
        self.line = get_object_or_404(lines, pk=kwargs["pk"])
        child, sight = child_or_404(request, self.line.child_id)
        demand(sight, DataClass.CONTACT if self.line.kind in FACTS_IN_DOSSIER else DataClass.IDENTITY)
        self.child = child
        if child.school_id != self.line.school_id:
            raise Http404
        self.before = state_before(self.line)
        self.counted = month_counted(self.line.school, self.line.on)
        self.in_file = Incident.objects.filter(register_line=self.line).exists()
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"更正{self.child.name}的“{self.line.get_kind_display()}”"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("变动登记", reverse("reports:change_list"))]

    def get_question(self) -> str:
        if not can_be_corrected(self.line):
            return "这条登记已经更正过，不能再更正。"
        facts = self.facts()
        fresh = is_fresh(self.line, self.today)
        if fresh and not self.counted and not self.in_file:
            return f"登记还在可修改的{self.line.school.edit_days}天内，这一条会撤销。{facts}"
        why = f"登记已超过{self.line.school.edit_days}天"
        if self.counted:
            why = f"{self.counted}的月报已经上报"
        elif fresh:
            # Not which: who keeps the register need not know what the file is about.
            why = "有档案以这条登记为依据"
        return f"{why}，原登记保留，另加一条“误登”更正。{facts}"

    def facts(self) -> str:
        """What becomes of the facts that the line told."""
        if self.line.kind in (*codes.ENTERS_SCHOOL, *codes.LEAVES_SCHOOL, Kind.CLASS_CHANGE):
            return "在班经历会恢复到登记以前。"
        if self.before:
            return f"{self.before}，外出经历同时改回。"
        return "家庭情况不会自动改回，更正以后请在档案里核对。"

    def get_consequences(self) -> list[str]:
        if self.line.kind in codes.LEAVES_SCHOOL and can_be_corrected(self.line):
            return self.after_a_wrong_leaving()
        if self.line.kind not in codes.ENTERS_SCHOOL or not can_be_corrected(self.line):
            return []
        told = pairings_that_end(self.child, self.today)
        told.append("包干、结伴、帮扶计划、预约和没办完的回访同时结束，宿舍床位腾出。")
        if transfer := accepted_with(self.line).select_related("from_school").first():
            told.append(f"档案退回{transfer.from_school}，移交重新等待接收。")
        if transfer := called_back_with(self.line).first():
            told.append(f"移交{transfer.to_name}的档案恢复为等待回执。")
        return told

    def after_a_wrong_leaving(self) -> list[str]:
        """The class that the child is in again, and the dossier that no longer goes to another school."""
        told = []
        if self.line.school_class is not None:
            told.append(f"{self.child.name}回到{self.line.school_class.name_on(self.today)}，从离校那天起算一直在班。")
        if transfer := Transfer.objects.filter(line=self.line, cancelled_on__isnull=True).first():
            told.append(f"移交{transfer.to_name}的档案同时撤回，移交函作废；对方使用本系统的，能看到撤回的原因。")
        return told

    def was_at_school(self) -> bool:
        """Whether an arrival of an earlier term has been followed by care: the child came, and perhaps left since."""
        if self.line.kind not in codes.ENTERS_SCHOOL or self.line.on >= term_start(self.line.school, self.today):
            return False
        return CareRecord.objects.filter(child=self.child, on__gte=self.line.on).exists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        leave_url = reverse("children:change_kinds", args=[self.child.pk]) if self.was_at_school() else ""
        return super().get_context_data(**{"leave_url": leave_url, **kwargs})

    def get_cancel_url(self) -> str:
        return reverse("reports:change_list")

    def save(self, form: Any) -> Any:
        staff: Any = self.request.user
        counter = correct(
            change=self.line,
            reason=form.cleaned_data["reason"],
            on=self.today,
            by=staff,
            counted=bool(self.counted),
        )
        note(self.request, Event.WRITE, self.child, detail="correct")
        return counter

    def get_saved_text(self, result: Any) -> str:
        done = "已另加一条更正" if result else "已撤销"
        gone = "，现在不在班" if self.line.kind in codes.ENTERS_SCHOOL else ""
        return f"{self.child.name}的“{Kind(self.line.kind).label}”{done}{gone}。"

    def answer(self, result: Any) -> HttpResponse:
        response = super().answer(result)
        if self.leaves_facts:
            messages.warning(self.request, "登记已更正，家庭情况没有跟着改，请在这里核对，不对的改正过来。")
        return response

    @property
    def leaves_facts(self) -> bool:
        """Whether the line told of facts in the dossier that a correction does not change back."""
        return self.line.kind in FACTS_IN_DOSSIER and not self.before

    def get_redirect_url(self, result: Any) -> str:
        dossier = reverse("children:child_show", args=[self.child.pk])
        if self.line.kind in codes.ENTERS_SCHOOL:
            return after_register(self.request.user, self.child, dossier)  # which says on top that the child is gone
        if not self.leaves_facts:
            return after_register(self.request.user, self.child, f"{dossier}#register")
        if self.line.kind == Kind.CARE_CHANGE:
            return reverse("children:care_edit", args=[self.child.pk])
        parents = list(FamilyMember.objects.filter(child=self.child).parents()[:2])
        if self.line.kind in OF_PARENTS and len(parents) == 1:
            return reverse("children:member_edit", args=[self.child.pk, parents[0].pk])
        return f"{dossier}#family"
