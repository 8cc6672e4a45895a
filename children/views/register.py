"""A new dossier, and the decision on the support level; other changes are in children.views.changes."""

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
from caretrack.web.lists import FormPage
from children.duplicates import Suspects, suspects
from children.forms.acts import NewChildForm, SupportForm
from children.forms.numbers import NO_SUCH
from children.importing.circumstances import default_entry
from children.importing.normalise.id_numbers import clean_id
from children.models import Child
from children.services import decide_support_level, open_dossier
from children.views.page import AboutChild


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
        classes = classes_to_fill(staff, today)
        place = classes.first()
        return super().get_form_kwargs() | {
            "staff": staff,
            "today": today,
            "classes": classes,
            "initial": {"on": default_entry(place.school, today) if place else today, "kind": "enrol_new"},
        }

    def look(self, form: Any) -> Suspects:
        """Who may be the same child; asked of a refused form too, because a number that is taken refuses it."""
        given = form.cleaned_data
        if not given.get("name"):
            return Suspects()
        form.suspects = suspects(
            name=given["name"],
            birth_date=given.get("birth_date"),
            id_no=clean_id(form.data.get("id_no", "")),
            student_no=clean_id(form.data.get("student_no", "")),
            staff=self.request.user,  # type: ignore[arg-type]
        )
        found: Suspects = form.suspects
        return found

    def form_valid(self, form: Any) -> Any:
        if self.look(form) and not form.cleaned_data["not_the_same"]:
            form.add_error("not_the_same", "可能已经有档案，请先看看上面的提示；核对后不是同一个人，请勾选再保存。")
            return self.form_invalid(form)
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> Any:
        self.look(form)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        found: Suspects = context["form"].suspects
        context["suspects"] = [(suspect, suspect.child.class_name(today)) for suspect in found.seen]
        context["elsewhere"] = found.elsewhere
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
