"""The receipts of a batch that went to a school outside, entered together; one that was entered by mistake."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FormPage
from children.forms.life.grid import grid_form
from children.forms.transfer_receipts import ReceiptGrid
from children.models import Transfer
from children.models.transfer import TransferQuerySet
from children.transfers import acknowledge_all, batch_of, take_back_receipt
from children.views.transfers import own_schools


def sent_outside(staff: Any) -> TransferQuerySet:
    """What this person's schools sent to schools that return a receipt on paper."""
    return Transfer.objects.filter(from_school__in=own_schools(staff), to_school__isnull=True)


@allows(Act.TRANSFER)
class TransferReceipts(FormPage):
    """The day, who received, and a tick for each dossier whose receipt came back."""

    template_name = "children/life/grid.html"
    lead = "同一天由同一人接收的一起登记；其余的下次再来登记。"
    saves_at_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        transfer = get_object_or_404(sent_outside(request.user), pk=kwargs["pk"])
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


@allows(Act.TRANSFER)
class ReceiptTakeBack(ConfirmPage):
    """The receipt of another child, or of nobody."""

    heading = "撤销回执"
    button = "撤销回执"
    tone = "danger"
    saves_at_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.transfer = get_object_or_404(sent_outside(request.user).select_related("child"), pk=kwargs["pk"])
        if self.transfer.received_on is None:
            messages.info(request, "这份档案没有登记回执。")
            return redirect(self.get_cancel_url())
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("档案移交", reverse("children:transfer_list")),
            Crumb(self.transfer.child.name, self.get_cancel_url()),
        ]

    def get_cancel_url(self) -> str:
        return reverse("children:transfer_show", args=[self.transfer.pk])

    def get_question(self) -> str:
        said = f"{chinese_date(self.transfer.received_on)}，{self.transfer.received_by}接收"
        return f"撤销{self.transfer.child.name}档案的回执（{said}）？"

    def get_consequences(self) -> list[str]:
        return ["移交重新等待回执，过了期限的列为逾期。", "原来登记的接收日期、接收人和说明，变更历史里仍有。"]

    def save(self, form: Any) -> Transfer:
        done = take_back_receipt(transfer=self.transfer)
        note(self.request, Event.WRITE, self.transfer.child_id, "transfer_receipt_taken_back")
        return done

    def get_saved_text(self, result: Transfer) -> str:
        return f"{self.transfer.child.name}档案的回执已撤销，重新等待回执。"

    def get_redirect_url(self, result: Transfer) -> str:
        return self.get_cancel_url()
