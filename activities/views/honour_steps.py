"""The steps that leads take with a round of 评优: hang out the list, honour, go a step back, delete."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from activities.forms.honours import HonourForm, PublishForm
from activities.honours.rounds import Stage, delete_round, hang_out, honour, kinds_of, public_until, step_back
from activities.models import AwardRound
from activities.views.honours import crumbs_of, led_round_or_404, show_url
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage


class RoundStep(ConfirmPage):
    """A step with a round that its leads take."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.round = led_round_or_404(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.round)

    def get_cancel_url(self) -> str:
        return show_url(self.round)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.round)

    def noted(self, step: str) -> None:
        note(self.request, Event.WRITE, detail=f"award round {self.round.pk} {step}")


@allows(Act.HONOUR_DECIDE)
class RoundDelete(RoundStep):
    """Delete a round that was founded by mistake; one that honoured somebody stays."""

    heading = "删除评优"
    button = "删除"
    tone = "danger"

    def get_question(self) -> str:
        return f"删除“{self.round}”和它的全部推荐？"

    def get_consequences(self) -> list[str]:
        return ["称号、推荐和评定意见一起删除。", "谁在什么时候删除的，系统仍有记录。"]

    def save(self, form: Any) -> AwardRound:
        delete_round(self.round)
        self.noted("delete")
        return self.round

    def get_saved_text(self, result: Any) -> str:
        return f"“{result}”已删除。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:award_round_list")


@allows(Act.HONOUR_DECIDE)
class RoundPublish(RoundStep):
    """Hang out the list."""

    heading = "开始公示"
    form_class = PublishForm
    button = "开始公示"

    def get_question(self) -> str:
        granted = sum(kind.granted for kind in kinds_of(self.round))  # type: ignore[attr-defined]
        return f"把“{self.round}”同意表彰的 {granted} 个人选列入公示名单？"

    def get_consequences(self) -> list[str]:
        return [
            "名单只写姓名、班级和称号，不写家庭情况和推荐理由。",
            "公示期间不再接受推荐和改评定；有异议在人选里登记、核实。",
            "公示期满以后再确认表彰、打印奖状。",
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": timezone.localdate()}

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        return super().get_initial() | {
            "first": today,
            "last": public_until(self.round, today),
        }

    def save(self, form: Any) -> AwardRound:
        given = form.cleaned_data
        done = hang_out(self.round, first=given["first"], last=given["last"], today=timezone.localdate())
        self.noted("publish")
        return done

    def get_saved_text(self, result: AwardRound) -> str:
        return f"已开始公示，到{chinese_date(result.objections_until)}为止。可以打印公示名单了。"


@allows(Act.HONOUR_DECIDE)
class RoundHonour(RoundStep):
    """Honour those on the list."""

    heading = "确认表彰"
    form_class = HonourForm
    button = "确认表彰"

    def get_question(self) -> str:
        return f"公示期满，确认“{self.round}”的表彰名单？"

    def get_consequences(self) -> list[str]:
        return ["获奖学生的奖励自动写进档案和成长经历。", "奖状和证书按这个日期打印。"]

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"awarded_on": timezone.localdate()}

    def save(self, form: Any) -> int:
        done = honour(self.round, on=form.cleaned_data["awarded_on"], today=timezone.localdate())
        self.noted("honour")
        return done

    def get_saved_text(self, result: int) -> str:
        return f"已表彰 {result} 人，可以打印奖状了。"


@allows(Act.HONOUR_DECIDE)
class RoundBack(RoundStep):
    """Take a step back: what was pressed by mistake."""

    button = "退回"
    tone = "danger"

    def get_heading(self) -> str:
        return "退回公示" if self.round.stage == Stage.AWARDED else "退回推荐评定"

    def get_question(self) -> str:
        return f"“{self.round}”{self.get_heading()}？"

    def get_consequences(self) -> list[str]:
        if self.round.stage == Stage.AWARDED:
            return ["这次评优写进学生档案的奖励一起撤回。", "已经发出的奖状请收回。"]
        return ["可以继续改评定；公示日期作废，改完重新公示。", "张贴出去的名单请取下。"]

    def save(self, form: Any) -> AwardRound:
        done = step_back(self.round)
        self.noted("back")
        return done

    def get_saved_text(self, result: AwardRound) -> str:
        return f"已退回，现在是“{result.stage.label}”。"
