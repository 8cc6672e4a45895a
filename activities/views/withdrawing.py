"""Taking a record back."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from activities.forms.withdraw import WithdrawForm
from activities.models import CareRecord
from activities.views.writing import OfRecord
from activities.withdrawals import may_withdraw, of_same_occasion, withdraw_records
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.lists import ConfirmPage


@allows(Act.RECORD_LIST)
class RecordWithdraw(OfRecord, ConfirmPage):
    """“记错了”: the record goes, with the reason; the history of the child tells that it was there."""

    template_name = ConfirmPage.template_name
    form_class = WithdrawForm
    heading = "撤回记录"
    button = "撤回"
    tone = "danger"

    def check_right(self, request: HttpRequest) -> None:
        if not may_withdraw(self.record, request.user, today=self.today):  # type: ignore[arg-type]
            raise PermissionDenied("登记错的记录，修改期限内由记录人撤回，过后由德育主任或校长撤回。")

    @cached_property
    def others(self) -> list[CareRecord]:
        return of_same_occasion(self.record, self.request.user, today=self.today)  # type: ignore[arg-type]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"others": len(self.others)}

    def get_question(self) -> str:
        what = f"{chinese_date(self.record.on)}的{self.record.get_kind_display()}记录"
        return f"撤回{self.record.child}{what}（{self.record.author}登记）？"

    def get_consequences(self) -> list[str]:
        told = [
            "记录连同补充说明、批阅和照片从档案里去掉，不再算做过；谁在什么时候撤回、原来写的什么，变更历史里仍有。",
            "由它办结的事恢复为待办，由它留下、还没办的跟进一起去掉。",
        ]
        if self.others:
            told.append("这是集体记录，只撤回这一名学生的；要全部撤回请勾选下面一项。")
        return told

    def save(self, form: Any) -> CareRecord:
        given = form.cleaned_data
        records = [self.record, *(self.others if given.get("whole") else [])]
        written = [(record.child_id, record.pk) for record in records]
        withdraw_records(records=records, reason=given["reason"], by=self.request.user, today=self.today)  # type: ignore[arg-type]
        for child, pk in written:
            note(self.request, Event.WRITE, child, f"record {pk} withdrawn")
        return self.record

    def get_saved_text(self, result: Any) -> str:
        return "记录已撤回。登错了学生的，请给对的学生再记一次。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:record_list")
