"""Taking back what was entered by mistake about a family or a check on its care."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activities.forms.withdraw import MoveForm, ReasonForm
from activities.mistakes import Entry, may_take_back, take_back
from activities.models import CheckIn, ParentPromise, Suggestion
from activities.views import check_ins
from activities.views.check_ins import led_children
from activities.views.family import suggestions
from activities.views.family.suggestions import known_families
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage
from caretrack.web.models import Draft

KEPT = "档案里不再有这一条；谁在什么时候、为什么撤回，变更历史里仍有。"


class TakeBack(ConfirmPage):
    """“记错了”: an entry goes, with the reason. A page says of which model, where its list is, what follows."""

    model: Any
    heading = "撤回"
    button = "撤回"
    tone = "danger"
    form_class = ReasonForm
    saves_at_once = True
    list_name = ""
    list_label = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seen = self.model.objects.visible_to(request.user).select_related("child__school", "change")
        self.row: Entry = get_object_or_404(seen, pk=kwargs["pk"])
        if not may_take_back([self.row], request.user, today=timezone.localdate()):  # type: ignore[arg-type]
            raise PermissionDenied("登记错的，修改期限内由登记人撤回，过后由德育主任或校长撤回。")
        note(request, Event.VIEW, self.row.child_id)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(self.list_label, reverse(self.list_name))]

    def get_consequences(self) -> list[str]:
        return [KEPT]

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse(self.list_name))

    def save(self, form: Any) -> Entry:
        pk = self.row.pk
        staff: Any = self.request.user
        take_back(row=self.row, reason=form.cleaned_data["reason"], by=staff, today=timezone.localdate())
        note(self.request, Event.WRITE, self.row.child_id, f"{self.row._meta.model_name} {pk} withdrawn")
        return self.row

    def get_saved_text(self, result: Entry) -> str:
        return f"{result.child}的{result._meta.verbose_name}已撤回。"

    def get_redirect_url(self, result: Entry) -> str:
        return self.get_cancel_url()


class MovingTakeBack(TakeBack):
    """
    One that may have been meant of another child: its words then wait in the form for that one.

    A page says of whom it may be (`others`, of whoever asks) and what keeps the words (`written_for`).
    """

    form_class = MoveForm
    others: Any
    written_for: Any
    moved: Draft | None = None
    moved_text = "内容已填好，请核对后保存。"

    def get_form_kwargs(self) -> dict[str, Any]:
        others = self.others(self.request.user)
        more = {"child": self.row.child, "others": others, "today": timezone.localdate()}
        return super().get_form_kwargs() | more

    def save(self, form: Any) -> Entry:
        if to := form.cleaned_data["to"]:
            self.moved = self.written_for(to, self.row, self.request.user)
        return super().save(form)

    def get_saved_text(self, result: Entry) -> str:
        told = super().get_saved_text(result)
        return f"{told}{self.moved_text}" if self.moved else told

    def get_redirect_url(self, result: Entry) -> str:
        return self.moved.resume_url if self.moved else super().get_redirect_url(result)


@allows(Act.FAMILY)
class SuggestionTakeBack(MovingTakeBack):
    """A suggestion of another family, or entered twice."""

    model = Suggestion
    others, written_for = staticmethod(known_families), staticmethod(suggestions.written_for)
    list_name, list_label = "activities:suggestion_list", "家长建议"
    moved_text = "内容已填好，请写上是这名学生的哪位家长提的，核对后保存。"
    row: Suggestion

    def get_question(self) -> str:
        row = self.row
        return f"撤回{row.child}家长{chinese_date(row.on)}的建议“{row.text}”？"

    def get_consequences(self) -> list[str]:
        answered = ["已经写下的答复不带到另一名学生那里，要重新答复。"] if self.row.answered_on else []
        return [*answered, *super().get_consequences()]


@allows(Act.FAMILY)
class PromiseTakeBack(TakeBack):
    """The family has agreed to nothing."""

    model = ParentPromise
    list_name, list_label = "activities:promise_list", "家长约定"

    def get_question(self) -> str:
        row: Any = self.row
        return f"撤回{row.child}家长{chinese_date(row.agreed_on)}的约定？"

    def get_consequences(self) -> list[str]:
        return ["这个家庭重新算作没有约定；日期填错的不用撤回，按对的日期再登记一次就改过来了。", KEPT]


@allows(Act.CHECK_IN)
class CheckInTakeBack(MovingTakeBack):
    """A check of another child, or entered twice."""

    model = CheckIn
    others, written_for = staticmethod(led_children), staticmethod(check_ins.written_for)
    list_name, list_label = "activities:check_in_list", "督查"

    def get_question(self) -> str:
        row: Any = self.row
        return f"撤回{row.child}{chinese_date(row.on)}的督查记录（{row.get_finding_display()}）？"

    def get_consequences(self) -> list[str]:
        told = ["不再算作督查过，登记表里也没有了。"]
        if self.row.follow_up_id:  # type: ignore[union-attr]
            told.append("由它交办、还没办的跟进一起去掉，改到另一名学生时要重新交办；已经办完的保留。")
        return [*told, KEPT]
