"""Forms of an incident file."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from activities.forms.child_named import ChildNamed, ChildrenNamed
from activities.incidents.chain import WRITTEN
from activities.incidents.retelling import Passage
from activities.incidents.situations import CHOICES
from activities.models import Incident, IncidentChild, IncidentReport, IncidentSuspect
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, FilterForm, PaperField, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.files import MAX_BYTES
from children.models import Child, FamilyMember

WAYS = [(way, way) for way in ("电话", "当面", "微信或短信", WRITTEN, "网络平台")]


class FactsForm(CareForm, forms.Form):
    """What is known of an incident."""

    wide = True
    kind = forms.ChoiceField(label="类型", choices=Incident.Kind.choices, widget=PillRadios)
    others = forms.CharField(label="其他涉及人员", required=False, max_length=300)
    found_at = forms.DateTimeField(label="发现时间")
    happened_at = forms.DateTimeField(label="发生时间", required=False)
    place = forms.CharField(label="地点", required=False, max_length=100)
    found_by = forms.CharField(label="发现人", required=False, max_length=50)
    account = forms.CharField(label="简要经过", max_length=4000, widget=forms.Textarea(attrs={"rows": "4"}))
    injury = forms.CharField(label="伤情", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": "2"}))
    measures = forms.CharField(
        label="已采取措施", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": "2"})
    )
    situations = forms.MultipleChoiceField(
        label="属于哪种强制报告情形",
        required=False,
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple(attrs={"data-care-sentence": True}),
        help_text="有一项就必须立即报告公安机关，不需要任何人批准。疑似的也算。",
    )
    legal_aid = forms.ChoiceField(
        label="法律援助",
        required=False,
        choices=[("", "还不清楚"), *Incident.LegalAid.choices],
        initial="",
        widget=PillRadios,
        help_text="要打官司、追讨抚养费、工伤赔偿、受到侵害的，可以到乡镇司法所申请。",
    )
    named_only = forms.BooleanField(
        label="只限知情人名单里的人查看", required=False, help_text="事情涉及学校人员时使用；名单可以随时增减。"
    )

    def layout(self) -> list[Any]:
        return [
            *self.who(), "account",
            Section("强制报告", *self.duties()),
            Section("时间、地点和伤情", Side("found_at", "happened_at"), Side("place", "found_by"), "injury", "measures"),
            Section("法律援助和知情范围", "legal_aid", "named_only"),
        ]  # fmt: skip

    def who(self) -> list[Any]:
        """What happened to whom."""
        return ["kind", "others"]

    def duties(self) -> list[Any]:
        """What obliges to report, and to whom not."""
        return ["situations"]


class IncidentForm(FactsForm):
    """The beginning of a file: kind, time and two sentences are enough."""

    button = "建立事件档案"
    children = ChildrenNamed(label="涉及学生", required=False)
    guardian_suspected = forms.BooleanField(
        label="监护人有侵害嫌疑（不通知其本人）",
        required=False,
        help_text="涉及几名学生时先对每一名都有效，建档后可以逐个更正。",
    )

    def __init__(self, *args: Any, children: "QuerySet[Child]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["children"].offer(children, today)

    def who(self) -> list[Any]:
        return ["kind", Side("children", "others")]

    def duties(self) -> list[Any]:
        return ["situations", "guardian_suspected"]


class AmendForm(VersionedForm, FactsForm):
    """The same facts put right, with a reason; the earlier words stay in the course."""

    button = "保存更正"
    reason = forms.CharField(label="更正的原因", max_length=200)
    weighed = forms.BooleanField(
        label="已核实：不属于任何一种强制报告情形",
        required=False,
        help_text="勾选前按强制报告处理。凭什么判断不属于，写在“更正的原因”里；属于的不用勾，在上面选情形。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("weighed"):
            del self.fields["weighed"]

    def layout(self) -> list[Any]:
        return ["reason", *super().layout()]

    def duties(self) -> list[Any]:
        return [name for name in ("situations", "weighed") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("weighed") and given.get("situations"):
            self.add_error("weighed", "上面已经选了强制报告情形。两项只能留一项。")
        return given


class InvolvedForm(CareForm, forms.Form):
    """One more pupil of the file."""

    button = "加入档案"
    child = ChildNamed(label="涉及学生")
    part = forms.ChoiceField(
        label="涉及情况", choices=IncidentChild.Part.choices, initial=IncidentChild.Part.CONCERNED, widget=PillRadios
    )
    guardian_suspected = forms.BooleanField(label="监护人有侵害嫌疑（不通知其本人）", required=False)

    def __init__(self, *args: Any, children: "QuerySet[Child]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["child"].offer(children, today)


class InvolvedAmendForm(VersionedForm):
    """What part a pupil had, put right with a reason."""

    button = "保存更正"
    part = forms.ChoiceField(label="涉及情况", choices=IncidentChild.Part.choices, widget=PillRadios)
    guardian_suspected = forms.BooleanField(label="监护人有侵害嫌疑（不通知其本人）", required=False)
    reason = forms.CharField(label="更正的原因", max_length=200)


class TakeOutForm(CareForm, forms.Form):
    """Why something leaves the file."""

    reason = forms.CharField(label="原因", max_length=200, help_text="如：核实后与本事件无关、放错了档案。")


class AttachForm(CareForm, forms.Form):
    """A photo or a PDF for the file."""

    button = "上传"
    file = PaperField(label="文件", max_bytes=MAX_BYTES)
    title = forms.CharField(
        label="名称", max_length=100, help_text="写清是什么材料，如“诊断证明”“现场照片”。打印书面报告时列在附件清单里。"
    )


class DrillForm(CareForm, forms.Form):
    """应急演练: practised with the same clock, counted nowhere."""

    button = "登记演练"
    kind = forms.ChoiceField(label="演练内容", choices=Incident.Kind.choices, widget=PillRadios)
    found_at = forms.DateTimeField(label="演练开始时间")
    place = forms.CharField(label="地点", required=False, max_length=100)
    others = forms.CharField(label="参加人员", max_length=300)
    account = forms.CharField(label="演练经过", max_length=4000, widget=forms.Textarea(attrs={"rows": "4"}))

    def layout(self) -> list[Any]:
        return ["kind", Side("found_at", "place"), "others", "account"]


class TellForm(CareForm, forms.Form):
    """Who was told, when, how, and who took it down; or why the guardian was not."""

    button = "记下报告"
    to = forms.ChoiceField(label="报告给", choices=IncidentReport.To.choices, widget=PillRadios)
    about = forms.ModelChoiceField(
        label="哪名学生的监护人",
        queryset=IncidentChild.objects.none(),
        required=False,
        help_text="报告给监护人时选择。",
    )
    at = forms.DateTimeField(label="时间")
    way = forms.ChoiceField(label="方式", choices=WAYS, initial="电话")
    received_by = forms.CharField(label="接收人", required=False, max_length=50)
    receipt = forms.CharField(label="回执号", required=False, max_length=40, help_text="110等给的受理编号。")
    skipped_reason = forms.CharField(
        label="没有通知监护人的原因",
        required=False,
        max_length=100,
        help_text="只在通知会让学生更危险时填写，例如监护人有侵害嫌疑。",
    )

    def __init__(self, *args: Any, involved: "QuerySet[IncidentChild]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].queryset = involved
        if len(involved) < 2:
            del self.fields["about"]

    def layout(self) -> list[Any]:
        about = [name for name in ("about",) if name in self.fields]
        return ["to", *about, Side("at", "way"), Side("received_by", "receipt"), "skipped_reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("at") is None:
            return given
        # A minute is what a page can say; the seconds of the discovery are the server's.
        now = timezone.now()
        if given["at"].replace(second=0) == now.replace(second=0, microsecond=0):
            given["at"] = now
        return given


class StepForm(CareForm, forms.Form):
    button = "记入经过"
    at = forms.DateTimeField(label="时间")
    text = forms.CharField(label="做了什么", max_length=4000, widget=forms.Textarea(attrs={"rows": "4"}))


class MemberForm(CareForm, forms.Form):
    button = "列入名单"
    staff = forms.ModelChoiceField(label="知情人", queryset=Staff.objects.none())
    part = forms.CharField(label="承担的工作", required=False, max_length=60, help_text="如：陪同就医、联系民政。")

    def __init__(self, *args: Any, staff_choices: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = staff_choices

    def layout(self) -> list[Any]:
        return [Side("staff", "part")]


class SuspectForm(CareForm, forms.Form):
    button = "写明有嫌疑"
    member = forms.ModelChoiceField(
        label="家人", queryset=FamilyMember.objects.none(), widget=PillRadios, empty_label=None
    )

    def __init__(self, *args: Any, family: "QuerySet[FamilyMember]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = family
        self.fields["member"].label_from_instance = lambda member: str(IncidentSuspect(member=member))


class SuspectClearForm(CareForm, forms.Form):
    reason = forms.CharField(label="怎样查明没有嫌疑", max_length=300)


class CloseForm(CareForm, forms.Form):
    button = "结案"
    outcome = forms.CharField(label="处置结果", max_length=4000, widget=forms.Textarea(attrs={"rows": "4"}))
    aftercare = forms.CharField(
        label="后续保护与心理支持",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": "4"}),
        help_text="谁继续陪伴、多久看一次、需不需要心理辅导。",
    )
    unreported = forms.CharField(required=False, max_length=300)

    def __init__(self, *args: Any, left_out: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unreported"].label = f"为什么没有报告{'、'.join(left_out)}"
        if not left_out:
            del self.fields["unreported"]


class AnonymousForm(CareForm, forms.Form):
    """Each text of the anonymous paper as the program told it: to be read, put right, and printed."""

    button = "打印匿名材料"
    wide = True
    crossed = forms.CharField(
        label="还要抹去的词",
        required=False,
        max_length=300,
        help_text="人名、绰号、地名等，用顿号隔开；打印时都换成“某某”。",
    )
    has_read = forms.BooleanField(label="我已逐段读过，没有能认出学生、家人、老师、学校和住处的内容")

    def __init__(self, *args: Any, texts: Sequence[Passage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = [passage.key for passage in texts]
        for passage in texts:
            rows = min(max(3, len(passage.text) // 45 + passage.text.count("\n") + 1), 14)
            self.fields[passage.key] = forms.CharField(
                label=passage.label,
                required=False,
                initial=passage.text,
                widget=forms.Textarea(attrs={"rows": str(rows)}),
            )
        self.dress()

    def layout(self) -> list[Any]:
        return [*self.texts, "crossed", "has_read"]

    @property
    def helper(self) -> Any:
        """The paper opens beside the form, so that it can be put right and printed again."""
        helper = super().helper
        helper.attrs = {"novalidate": True, "target": "_blank"}
        return helper

    def told(self) -> dict[str, str]:
        """Box → the words to print, without those that were to be crossed out."""
        crossed = [word for word in re.split(r"[、，,；;\s]+", self.cleaned_data["crossed"]) if word]
        found = re.compile("|".join(re.escape(word) for word in sorted(crossed, key=len, reverse=True)))
        texts = {key: self.cleaned_data[key] for key in self.texts}
        return {key: found.sub("某某", text) for key, text in texts.items()} if crossed else texts


class ReopenForm(CareForm, forms.Form):
    button = "重新处理"
    reason = forms.CharField(label="为什么重新处理", max_length=500, widget=forms.Textarea(attrs={"rows": "3"}))


class IncidentFilter(FilterForm):
    """Those that are open, unless somebody asks for others."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "未结案"), ("closed", "已结案"), ("all", "全部"), ("drill", "应急演练")],
    )
    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部类型"), *Incident.Kind.choices])
    aid = forms.ChoiceField(
        label="法律援助",
        required=False,
        choices=[("", "不限"), ("needed", "需要的（含已得到）"), *Incident.LegalAid.choices],
    )

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        state = self.cleaned_data["state"]
        if self.cleaned_data["kind"]:
            rows = rows.filter(kind=self.cleaned_data["kind"])
        if aid := self.cleaned_data["aid"]:
            wanted = (Incident.LegalAid.WANTED, Incident.LegalAid.GIVEN)
            rows = rows.filter(legal_aid__in=wanted if aid == "needed" else (aid,))
        if state == "drill":
            return rows.filter(is_drill=True)
        rows = rows.real()  # type: ignore[attr-defined]
        if state == "all":
            return rows
        return rows.filter(state=Incident.State.CLOSED) if state == "closed" else rows.open()
