"""Taking several children in at once: a class of graduates that another school handed over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.lists import FormPage
from children.forms.transfers import AcceptManyForm
from children.models import Enrollment
from children.transfers import accept_all
from children.views.transfers import own_classes, waiting_for


@allows(Act.TRANSFER)
class TransferAcceptMany(FormPage):
    """Those ticked into one class; then the next class."""

    form_class = AcceptManyForm
    heading = "成批接收档案"
    lead = "勾选编入同一个班的学生，一次接收；其余的再编下一个班。接收后档案归本校，原校的回执同时记上。"
    crumbs = (("档案移交", "children:transfer_list"),)
    cancel_url = "children:transfer_list"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today, self.waiting = timezone.localdate(), waiting_for(request.user)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.waiting.exists():
            messages.info(request, "没有等待接收的档案。")
            return redirect("children:transfer_list")
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        classes = own_classes(self.request.user, self.today)
        more = {"today": self.today, "classes": classes, "waiting": self.waiting}
        return super().get_form_kwargs() | more | {"initial": {"on": self.today}}

    def save(self, form: Any) -> list[Enrollment]:
        entered = accept_all(by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note_each(self.request, Event.WRITE, [one.child_id for one in entered], "transfer_accept")
        return entered

    def get_saved_text(self, result: list[Enrollment]) -> str:
        return f"已接收{len(result)}名学生，编入{result[0].school_class.name_on(self.today)}。"

    def get_redirect_url(self, result: list[Enrollment]) -> str:
        return self.request.path
