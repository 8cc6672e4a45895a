"""A parent came home, the child went there, or nobody comes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.campaigns import note_homecoming
from activities.forms.campaigns import HomecomingForm
from activities.models import Homecoming
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.models import Child


@allows(Act.EVENT_EDIT)
class HomecomingAdd(FormPage):
    """Write down that a parent came home, the child went there, or nobody comes."""

    form_class = HomecomingForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        children = Child.objects.visible_to(request.user, DataClass.CONTACT, Level.WRITE)
        self.child = get_object_or_404(children, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"登记{self.child.name}家的返乡团聚"

    def get_crumbs(self) -> list[Crumb]:
        dossier = reverse("children:child_show", args=[self.child.pk])
        return [Crumb("学生", reverse("children:child_list")), Crumb(self.child.name, dossier)]

    def get_instance(self) -> Homecoming:
        return Homecoming(child=self.child)

    def get_initial(self) -> dict[str, Any]:
        return {"came_on": timezone.localdate()}

    def draft_key(self) -> str:
        return f"homecoming:{self.child.pk}"

    def save(self, form: Any) -> Homecoming:
        given = form.cleaned_data
        row = note_homecoming(self.child, by=self.request.user, **given)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, f"homecoming {row.pk}")
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}：{result.get_who_display()}，已登记。"

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse("children:child_show", args=[self.child.pk]))

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


@allows(Act.EVENT_EDIT)
@require_POST
def homecoming_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an entry that was wrong."""
    children = Child.objects.visible_to(request.user, DataClass.CONTACT, Level.WRITE).order_by().values("pk")
    row = get_object_or_404(Homecoming.objects.filter(child__in=children).select_related("child"), pk=pk)
    row.delete()
    note(request, Event.WRITE, row.child_id, f"homecoming {pk} delete")
    messages.success(request, f"{row.child.name}的返乡登记已删除。")
    return redirect(way_back(request, reverse("children:child_show", args=[row.child_id])))
