"""Forms of the hand-over: accept, acknowledge, the passphrase of the file, taking a file in."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from caretrack.schools.models import School
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes, Side
from children.forms.acts import ClassChoice, not_future
from children.models import StatusChange, Transfer
from children.models.transfer import TOLD_FOR
from children.transfer_file import SHORTEST_PASSPHRASE
from children.transfers import MATERIALS

STATES = [("", "未办结"), ("overdue", "逾期未回执"), ("done", "已接收"), ("called_back", "已撤回"), ("all", "全部")]


class TransferFilter(FilterForm):
    state = forms.ChoiceField(label="办理情况", choices=STATES, required=False)
    q = forms.CharField(label="姓名或学校", required=False, max_length=30, widget=forms.TextInput({"type": "search"}))

    def __init__(self, *args: Any, today: date, own: Collection[int], **kwargs: Any) -> None:
        self.today, self.own = today, own
        super().__init__(*args, **kwargs)

    def narrow_valid(self, rows: Any) -> Any:
        given = self.cleaned_data
        if text := given["q"].strip():
            rows = rows.filter(Q(child__name__contains=text) | Q(to_name__contains=text))
        if given["state"] == "overdue":
            return rows.overdue(self.today)
        if given["state"] == "done":
            return rows.filter(received_on__isnull=False)
        if given["state"] == "called_back":
            return rows.filter(cancelled_on__isnull=False)
        if given["state"] == "all":
            return rows
        # Who waited for a dossier would look for it here, and reads that it does not come.
        return rows.open() | rows.called_back(self.own, self.today - TOLD_FOR)


class Destination(CareForm):
    """Mixin: where a child goes, a school of this installation or any other by name, and what of the file goes along."""

    def ask_destination(self, leaves: School) -> None:
        """Add the fields for a child that leaves the school."""
        schools = School.objects.exclude(pk=leaves.pk).order_by("code")
        if schools.exists():
            self.fields["to_school"] = forms.ModelChoiceField(
                label="转往本系统内的学校",
                queryset=schools,
                required=False,
                empty_label="不在列表里",
                help_text="选了学校，对方接收后档案随之移交，不用再传文件。",
            )
        self.fields["to_name"] = forms.CharField(
            label="转往的学校", required=False, max_length=100, help_text="上面没有选学校时填写全称和所在地。"
        )
        self.fields["items"] = forms.MultipleChoiceField(
            label="移交的材料",
            choices=[(item, item) for item in MATERIALS],
            required=False,
            widget=PillCheckboxes,
            initial=list(MATERIALS[:2]),
        )

    def destination_fields(self) -> list[str]:
        """For the layout: the fields that say where."""
        return [name for name in ("to_school", "to_name") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()  # type: ignore[misc]
        if not given.get("to_school") and not (given.get("to_name") or "").strip():
            self.add_error("to_name", "请填写转往哪所学校；暂时不知道的写到哪个县、乡镇。")
        return given


class LateForm(Destination, forms.Form):
    """The hand-over of a child that has left already."""

    button = "办理移交"
    on = forms.DateField(label="移交日期")

    def __init__(self, *args: Any, today: date, leaves: School, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.ask_destination(leaves)
        self.dress()

    def layout(self) -> list[Any]:
        return [*self.destination_fields(), "on", "items"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        not_future(self, "on")
        return self.cleaned_data


class Graduates(forms.ModelMultipleChoiceField):
    """Graduates to tick, each with the school that was told at the leaving."""

    def label_from_instance(self, obj: StatusChange) -> str:
        return f"{obj.child.name}（{obj.reason}）" if obj.reason else obj.child.name


class GraduatesForm(LateForm):
    """One hand-over for the graduates of a class who go to the same school."""

    lines = Graduates(
        label="毕业生",
        queryset=StatusChange.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一名毕业生。", "invalid_choice": "有毕业生的档案已经移交，请刷新页面。"},
    )

    def __init__(self, *args: Any, lines: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].queryset = lines.order_by("child__pinyin", "pk")  # type: ignore[attr-defined]

    def layout(self) -> list[Any]:
        return ["lines", *super().layout()]


class AcceptForm(CareForm, forms.Form):
    button = "接收并编入班级"
    on = forms.DateField(label="入班日期")
    note = forms.CharField(label="回执说明", required=False, max_length=200, help_text="如材料齐全、缺健康检查表。")

    def __init__(self, *args: Any, today: date, classes: Any, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["school_class"] = ClassChoice(label="编入", queryset=classes, today=today, empty_label="请选择")

    def layout(self) -> list[Any]:
        return [Side("school_class", "on"), "note"]

    def clean(self) -> dict[str, Any]:
        not_future(self, "on")
        return self.cleaned_data


class Waiting(forms.ModelMultipleChoiceField):
    """Children on their way to this school, each with where from."""

    def label_from_instance(self, obj: Transfer) -> str:
        return f"{obj.child.name}（{obj.from_school.label}）"


class AcceptManyForm(AcceptForm):
    """Several children into one class."""

    transfers = Waiting(
        label="学生",
        queryset=Transfer.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一名学生。", "invalid_choice": "有学生的档案已经接收，请刷新页面。"},
    )

    def __init__(self, *args: Any, waiting: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["transfers"].queryset = waiting  # type: ignore[attr-defined]
        self.dress()

    def layout(self) -> list[Any]:
        return ["transfers", *super().layout()]


class ReceiptForm(CareForm, forms.Form):
    button = "登记回执"
    on = forms.DateField(label="回执上的接收日期")
    received_by = forms.CharField(label="对方接收人", max_length=50)
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def layout(self) -> list[Any]:
        return [Side("on", "received_by"), "note"]

    def clean(self) -> dict[str, Any]:
        not_future(self, "on")
        return self.cleaned_data


class WithdrawForm(CareForm, forms.Form):
    """Why a dossier is called back."""

    button = "撤回移交"
    reason = forms.CharField(label="撤回原因", max_length=200, help_text="如：转去的学校变了、选错了学校。")


class PassphraseForm(CareForm, forms.Form):
    button = "导出加密文件"
    passphrase = forms.CharField(
        label="给文件定一个口令",
        min_length=SHORTEST_PASSPHRASE,
        max_length=100,
        strip=True,
        widget=forms.PasswordInput,
        help_text="至少8个字符。请用电话告诉对方，不要和文件一起发。",
    )
    again = forms.CharField(label="再输一遍口令", max_length=100, widget=forms.PasswordInput)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("passphrase") and given.get("again") and given["passphrase"] != given["again"]:
            self.add_error("again", "两次输入的口令不一样。")
        return given
