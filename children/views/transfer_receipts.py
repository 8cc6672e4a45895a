"""The receipts of a batch that went to a school outside, entered together."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.forms.life.grid import grid_form
from children.forms.transfer_receipts import ReceiptGrid
from children.models import Transfer
from children.transfers import acknowledge_all, batch_of
from children.views.transfers import own_schools


@allows(Act.TRANSFER)
class TransferReceipts(FormPage):
    """The day, who received, and a tick for each dossier whose receipt came back."""

    template_name = "children/life/grid.html"
    lead = "同一天由同一人接收的一起登记；其余的下次再来登记。"
    saves_at_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        own = Transfer.objects.filter(from_school__in=own_schools(request.user), to_school__isnull=True)
        transfer = get_object_or_404(own, pk=kwargs["pk"])
        batch = list(batch_of(transfer).select_related("child__school_class__school").order_by("child__pinyin", "pk"))
        if not batch:
            raise Http404
        self.first = batch[0]
        ticked = [one for one in batch if f"take_{one.child_id}" in request.POST]
        waiting = [one for one in batch if one.is_open]
        if not waiting or (ticked and not any(one.is_open for one in ticked)):
            messages.info(request, "这些回执已经登记，没有再登记一次。")
            return redirect(self.get_cancel_url())
        self.lines = [one for one in batch if one in waiting or one in ticked]
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"登记{self.first.to_name}的回执"

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("档案移交", reverse("children:transfer_list")),
            Crumb("同一批移交", self.get_cancel_url()),
        ]

    def get_cancel_url(self) -> str:
        return reverse("children:transfer_batch", args=[self.first.pk])

    def draft_key(self) -> str:
        return f"transfer:receipts:{self.first.pk}"

    def get_form_class(self) -> Any:
        return grid_form(ReceiptGrid, [transfer.child for transfer in self.lines])

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"transfers": self.lines, "today": timezone.localdate(), "by": self.request.user}
        return super().get_form_kwargs() | more

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        lines = {"rows": form.rows, "columns": form.column_labels()}
        return context | lines | {"groups": (), "full": False, "across": False}

    def save(self, form: ReceiptGrid) -> list[Transfer]:
        given = form.cleaned_data
        done = acknowledge_all(notes=dict(form.new), on=given["on"], received_by=given["received_by"])
        note_each(self.request, Event.WRITE, [transfer.child_id for transfer in done], "transfer_receipt")
        return done

    def get_saved_text(self, result: list[Transfer]) -> str:
        return f"{self.first.to_name}的{len(result)}份回执已登记。"

    def get_redirect_url(self, result: list[Transfer]) -> str:
        return self.get_cancel_url()
