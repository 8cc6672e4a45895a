"""Handing dossiers over: what is on its way from and to this school, accepting, receipts, the sealed file."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import file_response
from caretrack.fixed import fixed, tally
from caretrack.periods import chinese_date
from caretrack.schools.models import SchoolClass, Staff
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.workbench import Figure, Panel
from children.forms.transfers import AcceptForm, LateForm, PassphraseForm, ReceiptForm, TransferFilter, WithdrawForm
from children.models import Child, StatusChange, Transfer, codes
from children.models.transfer import HANDLERS, TOLD_FOR
from children.transfer_file import pack, seal
from children.transfer_summary import lacks_of
from children.transfers import (
    accept,
    acknowledge,
    batch_of,
    send_later,
    told_destination,
    withdraw,
    without_hand_over,
    wrong_leaving,
)

Kind = codes.ChangeKind
SEALED = "application/octet-stream"
LEFT_OPEN = 50


def own_schools(staff: Any) -> set[int]:
    """The schools for which `staff` hands over and accepts."""
    return {school.pk for school in staff.schools_as(*HANDLERS)}


def transfer_or_404(request: HttpRequest, pk: int) -> Transfer:
    rows = Transfer.objects.visible_to(request.user)  # type: ignore[arg-type]
    rows = rows.select_related("child", "line", "from_school", "to_school", "sent_by")
    return get_object_or_404(rows, pk=pk)


def own_classes(staff: Any, on: date) -> Any:
    return SchoolClass.objects.taught_on(on).filter(school__in=own_schools(staff)).select_related("school")


def waiting_for(staff: Any) -> QuerySet[Transfer]:
    """Hand-overs that this person's schools may accept, by name."""
    rows = Transfer.objects.open().filter(to_school__in=own_schools(staff)).select_related("child", "from_school")
    return rows.order_by("child__pinyin", "pk")


@allows(Act.TRANSFER)
class TransferList(FilteredListView):
    """Dossiers on their way, those that wait for this school first."""

    heading = "档案移交"
    lead = "学生转学后，档案随人走：转出的要收到回执，转入的在这里接收。"
    template_name = "children/transfer_list.html"
    rows_template = "children/_transfer_rows.html"
    crumbs = (("变动登记", "reports:change_list"),)
    unit = "份"
    empty_text = "没有正在移交的档案。"
    empty_hint = "登记“转出”后，移交会出现在这里。"

    def get_filter(self) -> Any:
        staff = self.request.user
        return TransferFilter(self.request.GET, staff=staff, today=timezone.localdate(), own=own_schools(staff))

    def get_queryset(self, staff: Any) -> Any:
        rows = Transfer.objects.visible_to(staff).select_related("child", "from_school", "to_school")
        closed = (F("cancelled_on").asc(nulls_first=True), F("received_on").asc(nulls_first=True))
        return rows.order_by(*closed, "due_on", "pk").defer("child__id_no", "child__student_no")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, own = timezone.localdate(), own_schools(self.request.user)
        return context | {
            "lines": [(row, row.state_on(today), row.to_school_id in own) for row in context["page"].object_list],
            "today": today,
            "several": waiting_for(self.request.user).count() > 1,
            "left_open": without_hand_over(own, [Kind.OUT_TRANSFER])[:LEFT_OPEN],
        }


@allows(Act.TRANSFER)
@require_safe
def transfer_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One hand-over: what goes along, where it stands, what can be done next."""
    transfer = transfer_or_404(request, pk)
    own = own_schools(request.user)
    seen = Child.objects.visible_to(request.user).filter(pk=transfer.child_id).exists()
    if seen:
        note(request, Event.VIEW, transfer.child)
    again = without_hand_over(own).filter(child=transfer.child_id).first() if transfer.cancelled_on else None
    sends = transfer.from_school_id in own
    context = {
        "transfer": transfer,
        "state": transfer.state_on(timezone.localdate()),
        "sends": sends,
        "wrong_leaving": wrong_leaving(transfer) if sends else None,
        "receives": transfer.to_school_id in own,
        "opens": seen,
        "batch": batch_of(transfer).count(),
        "again": again,
        "crumbs": [Crumb("档案移交", reverse("children:transfer_list")), Crumb(transfer.child.name)],
    }
    return render(request, "children/transfer_show.html", context)


class _TransferPage(FormPage):
    """What the pages about one hand-over share; `side` says whose act it is."""

    keeps_draft = False
    side = "from_school_id"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        self.transfer = transfer_or_404(request, kwargs["pk"])
        if getattr(self.transfer, self.side) not in own_schools(request.user):
            raise PermissionDenied("这一步由另一所学校办理。")
        if not self.transfer.is_open:
            messages.info(request, self.transfer.called_back_words or "这份档案的移交已经办结。")
            return redirect("children:transfer_show", self.transfer.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("档案移交", reverse("children:transfer_list")), Crumb(self.transfer.child.name, self._show())]

    def _show(self) -> str:
        return reverse("children:transfer_show", args=[self.transfer.pk])

    def get_cancel_url(self) -> str:
        return self._show()

    def get_redirect_url(self, result: Any) -> str:
        return self._show()


@allows(Act.TRANSFER)
class TransferAccept(_TransferPage):
    """The school that the child comes to: into a class, and the dossier with it."""

    form_class = AcceptForm
    side = "to_school_id"

    def get_heading(self) -> str:
        return f"接收{self.transfer.child.name}的档案"

    def get_lead(self) -> str:
        return f"从{self.transfer.from_school}转来。接收后档案归本校，原校不再能查看，对方的回执同时记上。"

    def get_form_kwargs(self) -> dict[str, Any]:
        classes = own_classes(self.request.user, self.today).filter(school=self.transfer.to_school)
        return super().get_form_kwargs() | {"today": self.today, "classes": classes, "initial": {"on": self.today}}

    def save(self, form: Any) -> Any:
        entered = accept(transfer=self.transfer, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.transfer.child, detail="transfer_accept")
        return entered

    def get_saved_text(self, result: Any) -> str:
        return f"已接收{self.transfer.child.name}，编入{result.school_class.name_on(self.today)}。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("children:child_show", args=[self.transfer.child_id])


@allows(Act.TRANSFER)
class TransferReceipt(_TransferPage):
    """The paper receipt of a school outside came back."""

    form_class = ReceiptForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if transfer_or_404(request, kwargs["pk"]).to_school_id is not None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"登记{self.transfer.child.name}档案的回执"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": self.today, "initial": {"on": self.today}}

    def save(self, form: Any) -> Any:
        done = acknowledge(transfer=self.transfer, **form.cleaned_data)
        note(self.request, Event.WRITE, self.transfer.child, detail="transfer_receipt")
        return done

    def get_saved_text(self, result: Any) -> str:
        return f"{self.transfer.to_name}的回执已登记。"


@allows(Act.TRANSFER)
class TransferWithdraw(_TransferPage, ConfirmPage):
    """The former school calls the dossier back: another school after all, or the wrong one was chosen."""

    form_class = WithdrawForm
    template_name = "children/transfer_withdraw.html"
    heading = "撤回档案移交"
    button = "撤回移交"
    tone = "danger"
    saves_at_once = True

    def get_question(self) -> str:
        return f"撤回{self.transfer.child.name}的档案移交（移交{self.transfer.to_name}）？"

    def get_consequences(self) -> list[str]:
        stays = "学生已经在班，以后转学时照常移交。"
        if self.transfer.child.school_class_id is None:
            stays = "学生仍是离校，档案留在本校，可以再移交给别的学校。"
        if self.transfer.to_school_id:
            return [f"{self.transfer.to_name}不能再接收这份档案，能看到撤回的原因。", stays]
        return ["移交函和加密文件作废；已经寄出的材料请对方退回。", stays]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{"transfer": self.transfer, "wrong_leaving": wrong_leaving(self.transfer), **kwargs}
        )

    def save(self, form: Any) -> Transfer:
        done = withdraw(transfer=self.transfer, on=self.today, reason=form.cleaned_data["reason"])
        note(self.request, Event.WRITE, self.transfer.child, detail="transfer_withdraw")
        return done

    def get_saved_text(self, result: Transfer) -> str:
        return f"{self.transfer.child.name}的档案移交已撤回。"


@allows(Act.TRANSFER)
class TransferFile(_TransferPage):
    """The sealed file for a school with its own CareTrack."""

    form_class = PassphraseForm

    def get_heading(self) -> str:
        return f"导出{self.transfer.child.name}的移交文件"

    def get_lead(self) -> str:
        return "对方学校在“档案移交—接收文件”里打开。文件含身份、家庭、照护、体检、成绩、资助和奖励，不含谈心、心理和事件记录，也不含照片和附件。"

    def save(self, form: Any) -> bytes:
        if not Child.objects.visible_to(self.request.user).filter(pk=self.transfer.child_id).exists():
            raise Http404
        sealed = seal(pack(self.transfer), form.cleaned_data["passphrase"])
        note(self.request, Event.EXPORT, self.transfer.child, detail="档案移交文件")
        return sealed

    def answer(self, result: bytes) -> HttpResponse:
        return file_response(result, f"{self.transfer.child.name}档案移交.caretrack", SEALED)


@allows(Act.TRANSFER)
class TransferLate(FormPage):
    """
    Somebody who has left: told as transferred by a roster, graduated, or turned up elsewhere after breaking off.

    The letter, the file and the receipt follow as with any hand-over.
    """

    template_name = "children/transfer_late.html"
    form_class = LateForm
    keeps_draft = False
    cancel_url = "children:transfer_list"
    crumbs = (("档案移交", "children:transfer_list"),)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        own = own_schools(request.user)
        sent = Transfer.objects.filter(line=kwargs["pk"], from_school__in=own, cancelled_on__isnull=True).first()
        if sent is not None:
            messages.info(request, "这份档案的移交已经办理，没有再办一次。")
            return redirect("children:transfer_show", sent.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def line(self) -> StatusChange:
        """The leaving, of a school for which this person hands over."""
        return get_object_or_404(without_hand_over(own_schools(self.request.user)), pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"移交{self.line.child.name}的档案"

    def get_lead(self) -> str:
        where = f"，{self.line.reason}" if self.line.reason else ""
        return f"{chinese_date(self.line.on)}登记{self.line.get_kind_display()}{where}，档案还在本校。"

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        initial = {"on": today, **told_destination(self.line)}
        return super().get_form_kwargs() | {"today": today, "leaves": self.line.school, "initial": initial}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"child": self.line.child, "lacks": lacks_of([self.line])[0], **kwargs})

    def save(self, form: Any) -> Transfer:
        staff: Any = self.request.user
        (transfer,) = send_later(lines=[self.line], by=staff, **form.cleaned_data)
        note(self.request, Event.WRITE, transfer.child, detail="transfer_late")
        return transfer

    def get_saved_text(self, result: Transfer) -> str:
        return f"{result.child.name}的档案移交已办理，请打印移交函并等待回执。"

    def get_redirect_url(self, result: Transfer) -> str:
        return reverse("children:transfer_show", args=[result.pk])


@fixed
def _coming(staff: Staff, told_since: date) -> QuerySet[Transfer, Any]:
    own = own_schools(staff)
    rows = Transfer.objects.open().filter(to_school__in=own) | Transfer.objects.called_back(own, told_since)
    gone = Q(cancelled_on__isnull=False)
    return tally(rows, waiting=Count("pk", filter=~gone), gone=Count("pk", filter=gone))


@fixed
def _without_receipt(staff: Staff, on: date) -> QuerySet[Transfer, Any]:
    return tally(Transfer.objects.overdue(on).filter(from_school__in=own_schools(staff)), number=Count("pk"))


def handovers(staff: Any, today: date) -> Panel | None:
    """For the workbench: dossiers that wait for this school or were called back from it, and receipts that did not come."""
    if not staff.may(Act.TRANSFER):
        return None
    waiting, gone = next(iter(_coming(staff, today - TOLD_FOR)), (0, 0))
    late = sum(number for (number,) in _without_receipt(staff, today))
    page = reverse("children:transfer_list")
    figures = []
    if waiting:
        figures.append(Figure("等待接收的档案", waiting, page, "份", tone="warn"))
    if gone:
        figures.append(Figure("对方撤回的移交", gone, f"{page}?state=called_back", "份"))
    if late:
        figures.append(Figure("移交逾期未回执", late, f"{page}?state=overdue", "份", tone="bad"))
    return Panel(figures=tuple(figures)) if figures else None
