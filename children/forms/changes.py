"""What each kind of change asks (domain §5.3, column 需要): one form a family of kinds, words by kind."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from caretrack.periods import chinese_date
from caretrack.web.forms import CareForm, PillRadios, Side
from children.forms.acts import ClassChoice, not_future
from children.forms.transfers import Destination
from children.models import Child, FamilyMember, Phone, codes

Kind = codes.ChangeKind
ARRIVE, LEAVE, WITHIN, FAMILY = "来到学校", "离开学校", "校内", "家里的变化"


@dataclass(frozen=True)
class KindWords:
    """How a kind is explained when it is chosen, and what its form calls things."""

    group: str
    what: str
    on: str = "变动日期"
    reason: str = "原因"
    reason_needed: bool = False
    evidence: str = "如电话、家访、学籍系统。"
    tells: tuple[str, ...] = ()


KEPT = "档案和以往的记录都保留，变动登记里会记一笔。"
KEY_CASE = "不再计入在校生，仍作为在册重点对象跟进，可在变动登记里看到。"
WORDS: dict[str, KindWords] = {
    Kind.ENROL_NEW: KindWords(ARRIVE, "新学年入学，或第一次来本校。", "入班日期", "说明"),
    Kind.IN_TRANSFER: KindWords(ARRIVE, "从别的学校转来。", "入班日期", "原学校", True, "如转学证明、学籍系统。"),
    Kind.FOUND: KindWords(ARRIVE, "早就在校，名册里漏了。", "入班日期", "谁发现的、怎样漏的", True),
    Kind.RESUME: KindWords(ARRIVE, "休学或辍学后回来上学。", "复学日期", "说明", False, "如复学申请、医院证明。"),
    Kind.OUT_TRANSFER: KindWords(
        LEAVE,
        "去别的学校，包括随父母进城。",
        "在校最后一天",
        "转学原因",
        False,
        "如转学证明、电话、家访。",
        (KEPT, "登记后可以打印档案移交函和回执，或导出加密的移交文件。"),
    ),
    Kind.GRADUATE: KindWords(
        LEAVE, "毕业或升学；整班毕业请用“学年更替”。", "在校最后一天", "升入的学校", True, tells=(KEPT,)
    ),
    Kind.SUSPENDED: KindWords(
        LEAVE, "保留学籍，暂时不来。", "在校最后一天", "休学原因", True, "如休学申请、医院证明。", (KEPT, KEY_CASE)
    ),
    Kind.DROPOUT: KindWords(
        LEAVE,
        "不再来校、劝返无效。",
        "在校最后一天",
        "辍学原因和去向",
        True,
        "如家访、劝返记录。",
        (KEPT, KEY_CASE, "请按控辍保学规定逐级报告，并继续劝返。"),
    ),
    Kind.DEATH: KindWords(
        LEAVE, "请先按事件报告。", "日期", "简要情况", True, tells=(KEPT, "请立即按突发事件程序报告校长和上级。")
    ),
    Kind.MISSING: KindWords(
        LEAVE,
        "去向不明。请先报警并按事件报告。",
        "最后在校日期",
        "简要情况",
        True,
        tells=(KEPT, "请立即报警，并按突发事件程序报告校长和上级（强制报告）。"),
    ),
    Kind.ERROR: KindWords(LEAVE, "这名学生不该在本校名册里。", "误登到哪一天", "错在哪里", True, tells=(KEPT,)),
    Kind.CLASS_CHANGE: KindWords(WITHIN, "换到本校另一个班。", "从哪天起在新班"),
    Kind.NEW_AWAY: KindWords(FAMILY, "父亲或母亲新外出务工。", "外出日期", "说明"),
    Kind.PARENT_BACK: KindWords(FAMILY, "父亲或母亲回来了，长期或假期。", "到家日期", "说明"),
    Kind.TYPE_CHANGE: KindWords(FAMILY, "单亲外出变双亲外出，或反过来。", "变化日期", "说明"),
    Kind.CARE_CHANGE: KindWords(FAMILY, "换了人照顾；同时登记委托协议。"),
    Kind.CONTACT_CHANGE: KindWords(FAMILY, "换了电话；原来的联系卡随之作废。", "换号日期", "说明"),
}
OPEN_TO_PUPILS = tuple(kind for kind, words in WORDS.items() if words.group != ARRIVE)
OPEN_TO_LEAVERS = tuple(kind for kind, words in WORDS.items() if words.group in (ARRIVE, FAMILY))


class ChangeForm(CareForm, forms.Form):
    """The day, the reason and what it rests on; the words and what is required follow the kind."""

    button = "登记"
    on = forms.DateField(label="变动日期")
    reason = forms.CharField(label="原因", required=False, max_length=150)
    evidence = forms.CharField(label="依据", required=False, max_length=100)

    def __init__(self, *args: Any, kind: str, child: Child, today: date, classes: Any, **kwargs: Any) -> None:
        self.kind, self.child, self.today, self.classes = kind, child, today, classes
        super().__init__(*args, **kwargs)
        words = WORDS[kind]
        self.fields["on"].label = words.on
        self.fields["reason"].label = words.reason
        self.fields["reason"].required = words.reason_needed
        self.fields["reason"].error_messages["required"] = f"请填写“{words.reason}”。"
        self.fields["on"].error_messages["required"] = f"请填写“{words.on}”。"
        self.fields["evidence"].help_text = words.evidence
        self.prepare()

    def prepare(self) -> None:
        """Add what the kind asks besides."""

    def clean(self) -> dict[str, Any]:
        not_future(self, "on")
        return self.cleaned_data


class EnterForm(ChangeForm):
    """Into a class."""

    def prepare(self) -> None:
        self.fields["to"] = ClassChoice(label="编入", queryset=self.classes, today=self.today, empty_label="请选择")
        if self.kind == Kind.IN_TRANSFER:
            self.fields["record_on"] = forms.DateField(
                label="学籍转入日期",
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                help_text="学籍系统里办结的日期；还没办好可以先不填。",
            )

    def layout(self) -> list[Any]:
        return [Side("to", "on"), "reason", *(["record_on"] if "record_on" in self.fields else []), "evidence"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if record_on := given.get("record_on"):
            told = f"学籍{chinese_date(record_on)}转入"
            given["evidence"] = f"{told}；{given['evidence']}"[:100] if given.get("evidence") else told
        return given


class LeaveForm(ChangeForm):
    """Out of the school."""

    button = "确认登记"

    def layout(self) -> list[Any]:
        return ["on", "reason", "evidence"]


class TransferForm(Destination, ChangeForm):
    """To the next school, with what of the file goes along."""

    button = "确认转出"

    def prepare(self) -> None:
        self.ask_destination(self.child.school)
        self.fields["with_parents"] = forms.BooleanField(label="随父母到务工地就读", required=False)

    def layout(self) -> list[Any]:
        return [*self.destination_fields(), "with_parents", Side("on", "evidence"), "reason", "items"]


class ClassMoveForm(ChangeForm):
    button = "确认调班"

    def prepare(self) -> None:
        others = self.classes.filter(school=self.child.school_id).exclude(pk=self.child.school_class_id)
        self.fields["to"] = ClassChoice(label="调到", queryset=others, today=self.today, empty_label="请选择")

    def layout(self) -> list[Any]:
        return [Side("to", "on"), "reason"]


HOW_BACK = [("permanent", "长期返乡"), ("holiday", "假期在家，还要外出")]


class ParentForm(ChangeForm):
    """A parent leaves or comes home."""

    def prepare(self) -> None:
        away = codes.ParentStatus.AWAY_WORK
        parents = FamilyMember.objects.filter(child=self.child).parents()
        if self.kind == Kind.NEW_AWAY:
            parents = parents.exclude(status=away)
        elif self.kind == Kind.PARENT_BACK:
            parents = parents.filter(status=away)
        self.fields["member"] = forms.ModelChoiceField(
            label="哪一位家长", queryset=parents, widget=forms.RadioSelect, empty_label=None
        )
        if self.kind == Kind.TYPE_CHANGE:
            self.fields["status"] = forms.ChoiceField(
                label="现在的情况",
                choices=[(away, "外出务工"), (codes.ParentStatus.AT_HOME, "回到家里")],
                widget=PillRadios,
            )
        if self.kind == Kind.PARENT_BACK:
            self.fields["how"] = forms.ChoiceField(
                label="怎样返乡", choices=HOW_BACK, widget=PillRadios, initial="permanent"
            )
            self.fields["until"] = forms.DateField(
                label="预计哪天离家",
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                help_text="假期在家的填写。短期在家不影响留守认定。",
            )
        else:
            self.fields["work_place"] = forms.CharField(
                label="务工地点", required=False, max_length=120, help_text="如广东省东莞市。"
            )

    @property
    def has_parents(self) -> bool:
        """Whether there is a parent to choose; otherwise the page leads to the family."""
        return self.fields["member"].queryset.exists()

    def layout(self) -> list[Any]:
        extra = [name for name in ("status", "how") if name in self.fields]
        last = ["until"] if "until" in self.fields else ["work_place"]
        return ["member", *extra, "on", *last, "reason", "evidence"]


class PhoneForm(ChangeForm):
    """A new number of a member of the family."""

    def prepare(self) -> None:
        family = FamilyMember.objects.filter(child=self.child)
        self.fields["member"] = forms.ModelChoiceField(
            label="谁换了号码", queryset=family, widget=forms.RadioSelect, empty_label=None
        )
        self.fields["number"] = forms.CharField(
            label="新号码", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
        )
        self.fields["replaces"] = forms.ModelChoiceField(
            label="停用的旧号码",
            queryset=Phone.objects.filter(child=self.child, member__isnull=False).exclude(state="dead"),
            required=False,
            empty_label="没有，只是多了一个号码",
        )
        self.fields["replaces"].label_from_instance = (
            lambda phone: (  # type: ignore[attr-defined]
                f"{phone.member} 尾号{phone.number[-4:]}"
            )
        )
        self.fields["answered_by"] = forms.CharField(label="谁接听", required=False, max_length=30)

    @property
    def has_parents(self) -> bool:
        return self.fields["member"].queryset.exists()

    def layout(self) -> list[Any]:
        return ["member", Side("number", "answered_by"), "replaces", "on", "evidence"]

    def clean_number(self) -> str:
        number = re.sub(r"[\s-]", "", self.cleaned_data["number"])
        if not re.fullmatch(r"\+?\d{7,15}", number):
            raise forms.ValidationError("电话应是7至15位数字，固定电话请连同区号。")
        return number

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        old, member = given.get("replaces"), given.get("member")
        if old is not None and member is not None and old.member_id != member.pk:
            self.add_error("replaces", f"这个旧号码不是{member}的。")
        return given


class CorrectForm(CareForm, forms.Form):
    reason = forms.CharField(label="错在哪里", max_length=150)


FORMS: dict[str, type[ChangeForm]] = {
    **{kind: EnterForm for kind, words in WORDS.items() if words.group == ARRIVE},
    **{kind: LeaveForm for kind, words in WORDS.items() if words.group == LEAVE},
    Kind.OUT_TRANSFER: TransferForm,
    Kind.CLASS_CHANGE: ClassMoveForm,
    Kind.NEW_AWAY: ParentForm,
    Kind.PARENT_BACK: ParentForm,
    Kind.TYPE_CHANGE: ParentForm,
    Kind.CONTACT_CHANGE: PhoneForm,
}
