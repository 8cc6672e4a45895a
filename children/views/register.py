"""Acts of the register: a new dossier, another class, leaving and coming back, the decision on the support level."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Role
from caretrack.schools.models import SchoolClass, Staff
from caretrack.web.lists import ConfirmPage, FormPage
from children.forms.acts import ClassChangeForm, EnterForm, LeaveForm, NewChildForm, SupportForm
from children.forms.numbers import NO_SUCH
from children.models import Child, Enrollment
from children.queries import same_person
from children.services import change_class, decide_support_level, enrol, leave_school, open_dossier
from children.views.page import AboutChild
from mentoring.models import Pairing
from mentoring.services import end_pairing


def classes_to_fill(staff: Staff, on: Any) -> Any:
    """The classes into which `staff` may put a child: their own as 班主任, those of their school as registrar or lead."""
    schools = staff.schools_as(Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)
    own = [c.pk for c in staff.classes_as(Role.HOMEROOM)]
    return SchoolClass.objects.taught_on(on).filter(Q(school__in=schools) | Q(pk__in=own)).select_related("school")


@allows(Act.CHILD_EDIT)
class ChildAdd(FormPage):
    """A new dossier; the page asks first when a child of that name is there already."""

    template_name = "children/child_add.html"
    form_class = NewChildForm
    heading = "新建档案"
    lead = "先填这些就能建档，其余的以后在档案里补。整班的学生请用花名册导入。"
    crumbs = (("学生", "children:child_list"),)
    cancel_url = "children:child_list"

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        staff: Any = self.request.user
        return super().get_form_kwargs() | {
            "staff": staff,
            "today": today,
            "classes": classes_to_fill(staff, today),
            "initial": {"on": today, "kind": "enrol_new"},
        }

    def form_valid(self, form: Any) -> Any:
        given = form.cleaned_data
        staff: Any = self.request.user
        found = same_person(name=given["name"], birth_date=given["birth_date"], staff=staff)
        if found and not given["not_the_same"]:
            form.suspects = found
            form.add_error("not_the_same", "已有同名的学生，请先看看上面列出的档案；不是同一个人，请勾选后再保存。")
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        context["suspects"] = [(child, child.class_name(today)) for child in context["form"].suspects]
        return context

    def save(self, form: Any) -> Child:
        given = form.cleaned_data
        try:
            with transaction.atomic():
                return open_dossier(
                    child=form.instance,
                    school_class=given["school_class"],
                    on=given["on"],
                    by=self.request.user,  # type: ignore[arg-type]
                    kind=given["kind"],
                    reason=given["reason"],
                )
        except IntegrityError:
            form.add_error("id_no", NO_SUCH)
            raise

    def get_saved_text(self, result: Any) -> str:
        note(self.request, Event.WRITE, result, detail="new")
        return f"{result.name}的档案已建立，请接着补全家庭成员和照护安排。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("children:child_show", args=[result.pk])


class RegisterPage(AboutChild, ConfirmPage):
    """An act of the register about one child, with the day and the reason asked."""

    data = DataClass.IDENTITY
    keeps_draft = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": self.today, "initial": {"on": self.today}}

    def draft_key(self) -> str:
        return f"child:{self.child.pk}:{type(self).__name__}"


@allows(Act.CHILD_EDIT)
class ClassChange(RegisterPage):
    form_class = ClassChangeForm
    button = "确认调班"

    def get_heading(self) -> str:
        return f"{self.child.name}调班"

    def get_question(self) -> str:
        return f"{self.child.name}现在在{self.child.class_name(self.today)}。"

    def get_consequences(self) -> list[str]:
        return [
            "原班的在班经历到前一天为止，变动登记里会记一笔。",
            "原班主任从今天起看不到这名学生，新班主任可以看到。",
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        others = SchoolClass.objects.taught_on(self.today).filter(school=self.child.school)
        others = others.exclude(pk=self.child.school_class_id).select_related("school")
        return super().get_form_kwargs() | {"classes": others}

    def save(self, form: Any) -> Enrollment:
        moved = change_class(child=self.child, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, detail="class_change")
        return moved

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}已调到{result.school_class.name_on(self.today)}。"

    def get_redirect_url(self, result: Any) -> str:
        return after_register(self.request.user, self.child, self.dossier_url)


@allows(Act.CHILD_EDIT)
class SchoolLeave(RegisterPage):
    form_class = LeaveForm
    button = "确认离校"
    tone = "danger"

    def get_heading(self) -> str:
        return f"{self.child.name}离校登记"

    def get_question(self) -> str:
        return f"登记后，{self.child.name}不再是{self.child.class_name(self.today)}的学生。"

    def get_consequences(self) -> list[str]:
        told = ["档案和以往的记录都保留，变动登记里会记一笔。", "辍学、失踪的请同时按规定报告。"]
        if mentors := "、".join(str(p.mentor) for p in self._pairings()):
            told.insert(1, f"与{mentors}的结对同时结束。")
        return told

    def _pairings(self) -> list[Pairing]:
        return list(Pairing.objects.open().filter(child=self.child).select_related("mentor"))

    def save(self, form: Any) -> Child:
        given = form.cleaned_data
        staff: Any = self.request.user
        with transaction.atomic():
            leave_school(child=self.child, by=staff, **given)
            for pairing in self._pairings():
                on = max(given["on"], pairing.starts_on)
                end_pairing(pairing=pairing, on=on, reason=Pairing.EndReason.CHILD_CHANGED, by=staff)
        note(self.request, Event.WRITE, self.child, detail="leave")
        return self.child

    def get_saved_text(self, result: Any) -> str:
        return f"{result.name}的离校已登记，档案保留。"

    def get_redirect_url(self, result: Any) -> str:
        return after_register(self.request.user, self.child, self.dossier_url)


@allows(Act.CHILD_EDIT)
class SchoolEnter(RegisterPage):
    form_class = EnterForm
    button = "确认入班"

    def get_heading(self) -> str:
        return f"{self.child.name}重新入班"

    def get_question(self) -> str:
        return f"{self.child.name}现在不在班。复学、再次转入都在这里登记。"

    def get_form_kwargs(self) -> dict[str, Any]:
        staff: Any = self.request.user
        return super().get_form_kwargs() | {"classes": classes_to_fill(staff, self.today)}

    def save(self, form: Any) -> Enrollment:
        given = form.cleaned_data
        entered = enrol(
            child=self.child,
            school_class=given["to"],
            on=given["on"],
            by=self.request.user,  # type: ignore[arg-type]
            kind=given["kind"],
            reason=given["reason"],
        )
        note(self.request, Event.WRITE, self.child, detail="enter")
        return entered

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}已编入{result.school_class.name_on(self.today)}。"


@allows(Act.CHILD_EDIT)
class SupportDecide(AboutChild, FormPage):
    """A person decides on the support level and says why; no rule decides alone (PIPL art. 24)."""

    form_class = SupportForm
    data = DataClass.CARE

    def get_heading(self) -> str:
        return f"认定{self.child.name}的帮扶级别"

    def get_lead(self) -> str:
        return f"现在是“{self.child.get_support_level_display()}”。级别由人认定，理由会存档。"

    def get_form_kwargs(self) -> dict[str, Any]:
        first = {"level": self.child.support_level, "on": self.today}
        return super().get_form_kwargs() | {"today": self.today, "initial": first}

    def save(self, form: Any) -> Any:
        decided = decide_support_level(child=self.child, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, detail="support")
        return decided

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的帮扶级别已认定为“{result.get_level_display()}”。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#support"


def after_register(staff: Any, child: Child, dossier: str) -> str:
    """The dossier, or the list when the child is out of sight now."""
    return dossier if Child.objects.visible_to(staff).filter(pk=child.pk).exists() else reverse("children:child_list")
