"""Taking a record back."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.functional import cached_property

from activities.forms.record import typed_again
from activities.forms.withdraw import WithdrawForm
from activities.models import CareRecord, CounsellingNote, FollowUp, Kind
from activities.views.drafts_named import MANY
from activities.views.links import add_url, after_saving
from activities.views.writing import OfRecord
from activities.withdrawals import may_withdraw, of_same_occasion, withdraw_records
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web import drafts
from caretrack.web.lists import ConfirmPage
from caretrack.web.models import Draft


@allows(Act.RECORD_LIST)
class RecordWithdraw(OfRecord, ConfirmPage):
    """“记错了”: the record goes, with the reason; the history of the child tells that it was there."""

    template_name = ConfirmPage.template_name
    form_class = WithdrawForm
    heading = "撤回记录"
    button = "撤回"
    tone = "danger"
    saves_at_once = True

    def check_right(self, request: HttpRequest) -> None:
        if not may_withdraw(self.record, request.user, today=self.today):  # type: ignore[arg-type]
            raise PermissionDenied("登记错的记录，修改期限内由记录人撤回，过后由德育主任或校长撤回。")

    @cached_property
    def others(self) -> list[CareRecord]:
        return of_same_occasion(self.record, self.request.user, today=self.today)  # type: ignore[arg-type]

    def get_form_kwargs(self) -> dict[str, Any]:
        own = self.record.author_id == self.request.user.pk
        return super().get_form_kwargs() | {"others": len(self.others), "own": own}

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

    def save(self, form: Any) -> Draft | None:
        """The words, waiting in the form for other children, when they are to be moved there."""
        given = form.cleaned_data
        sent = self._words() if given.get("move") else {}
        self.withdrawn = records = [self.record, *(self.others if given.get("whole") else [])]
        written = [(record.child_id, record.pk) for record in records]
        withdraw_records(records=records, reason=given["reason"], by=self.request.user, today=self.today)  # type: ignore[arg-type]
        for child, pk in written:
            note(self.request, Event.WRITE, child, f"record {pk} withdrawn")
        title = f"记{self.record.get_kind_display()}"
        sheet = drafts.Sheet(self.request.user.pk, MANY, add_url(kind=self.record.kind), title)
        return drafts.keep(sheet, sent)

    def _words(self) -> dict[str, list[str]]:
        """What the record says, before it goes."""
        counselled = CounsellingNote.objects.visible_to(self.request.user).filter(record=self.record).first()
        # A retry is nobody's promise: where the contact moves to, it is made anew. A counselling holds its next day itself.
        promised = FollowUp.objects.open().filter(record=self.record, retry="").exclude(record__kind=Kind.COUNSELLING)
        return typed_again(self.record, counselled, promised.order_by("pk").first())

    def get_saved_text(self, result: Draft | None) -> str:
        gone = self.withdrawn
        who = gone[0].child.name + (f"等{len(gone)}人" if len(gone) > 1 else "")
        told = f"{who}{chinese_date(self.record.on)}的{self.record.get_kind_display()}记录已撤回。"
        anew = "和哪位家里人联系的要重新填，" if self.record.with_whom else ""
        return f"{told}写过的内容已填好，{anew}请选对学生再保存。" if result else told

    def get_redirect_url(self, result: Draft | None) -> str:
        return result.resume_url if result else after_saving(self.request, self.record.child)
