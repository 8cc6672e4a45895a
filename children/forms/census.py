"""Forms of a census round: opening, what changed with a pupil, the five parts, sending back, closing."""

import re
from datetime import date
from typing import Any

from django import forms

from caretrack.schools.models import School
from caretrack.web.forms import CareForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.census.answers import PARTS
from children.forms.family import FUTURE
from children.models import CareArrangement, Census, CensusRow, FamilyMember, codes

NO_NEWS = ("", "没有变化")
NEW_CARER = "new"
SIDES = (("father", "父亲"), ("mother", "母亲"))
PARENTS = (("father", "父亲", codes.FATHERS), ("mother", "母亲", codes.MOTHERS))
PHRASES = {
    "study": "成绩稳定／作业有时完成不了／阅读困难",
    "life": "三餐正常／衣着整洁／家务较多",
    "mind": "开朗／沉默少言／想念父母",
    "safety": "有人接送／独自上下学／上学路过水塘",
    "health": "身体健康／近视／容易感冒",
}


class OpenForm(CareForm, forms.Form):
    """A new round."""

    button = "开始普查"
    kind = forms.ChoiceField(label="类别", choices=Census.Kind.choices, widget=PillRadios)
    cut_off = forms.DateField(label="截止日期", help_text="以这一天在册的学生为准，不能晚于今天。")
    due_on = forms.DateField(label="完成期限", help_text="过了这一天还没核对完的班级会列为超期。")

    def __init__(self, *args: Any, schools: list[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = {str(school.pk): school for school in schools}
        if len(schools) > 1:
            choices = [(pk, school.label) for pk, school in self.schools.items()]
            self.fields["school"] = forms.ChoiceField(label="学校", choices=choices)

    def chosen_school(self) -> School:
        """The school of the round."""
        return (
            self.schools[self.cleaned_data["school"]] if "school" in self.fields else next(iter(self.schools.values()))
        )


class FactsForm(VersionedForm):
    """What is new with a pupil: the facts of the parents and the carer, never the label (domain §5.2.2)."""

    button = "提交给档案管理员确认"
    carer = forms.ChoiceField(label="现在谁在照顾", required=False)
    carer_relation = forms.ChoiceField(
        label="与学生关系", required=False, choices=[("", "请选择"), *codes.Relation.choices]
    )
    carer_name = forms.CharField(label="监护人姓名", required=False, max_length=50)
    carer_phone = forms.CharField(label="监护人电话", required=False, max_length=20)
    carer_type = forms.ChoiceField(label="监护类型", required=False, choices=[("", "请选择"), *codes.CareType.choices])
    remark = forms.CharField(label="说明", required=False, max_length=200, help_text="怎样核实的，如电话、家访。")

    def __init__(self, *args: Any, row: CensusRow, family: list[FamilyMember], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.today = row, today
        self.family = {str(member.pk): member for member in family}
        for side, name in SIDES:
            self.fields[f"{side}_status"] = forms.ChoiceField(
                label=f"{name}现在", required=False, choices=[NO_NEWS, *codes.ParentStatus.choices]
            )
            self.fields[f"{side}_since"] = forms.DateField(label="从哪天起", required=False)
            self.fields[f"{side}_place"] = forms.CharField(label="务工地点", required=False, max_length=120)
            self.fields[f"{side}_phone"] = forms.CharField(label="新电话", required=False, max_length=20)
        members = [(pk, f"{m.get_relation_display()} {m.name}".strip()) for pk, m in self.family.items()]
        self.dress()
        self.fields["carer"].choices = [NO_NEWS, *members, (NEW_CARER, "其他人（在下面填写）")]  # type: ignore[attr-defined]

    def layout(self) -> list[Any]:
        """Parents first: they decide whether a child counts."""
        sides = [
            Section(name, f"{side}_status", Side(f"{side}_since", f"{side}_place", f"{side}_phone"))
            for side, name in SIDES
        ]
        carer = Section(
            "实际监护人", "carer", Side("carer_relation", "carer_name"), Side("carer_phone", "carer_type"), folded=False
        )
        return [*sides, carer, Section("说明", "remark")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for side, name in SIDES:
            status, since = given.get(f"{side}_status"), given.get(f"{side}_since")
            if since and since > self.today:
                self.add_error(f"{side}_since", FUTURE)
            if not status and (since or given.get(f"{side}_place")):
                self.add_error(f"{side}_status", f"填写了{name}的日期或地点，请选择{name}现在的情况。")
            given[f"{side}_phone"] = self._phone(f"{side}_phone")
            if given[f"{side}_phone"] and not status:
                self.add_error(
                    f"{side}_status", f"填写了{name}的新电话，请选择{name}现在的情况（没有变化也请选一次）。"
                )
        given["carer_phone"] = self._phone("carer_phone")
        if given.get("carer") == NEW_CARER:
            for field, words in (("carer_relation", "请选择与学生的关系。"), ("carer_name", "请填写监护人姓名。")):
                if not given.get(field):
                    self.add_error(field, words)
            if stored := self._parent_of_that_kind(given):
                self.add_error("carer", f"{stored}已经登记过了，请在“现在谁在照顾”里选择；姓名写错了请在档案里改。")
        elif not given.get("carer") and (leaving := self._carer_leaves(given)):
            self.add_error("carer", f"现在登记的实际监护人就是{leaving}，外出以后由谁照顾？请选择或填写。")
        if given.get("carer") and not given.get("carer_type"):
            self.add_error("carer_type", "请选择监护类型。")
        return given

    def _phone(self, name: str) -> str:
        number = re.sub(r"[\s-]", "", self.cleaned_data.get(name) or "")
        if number and not re.fullmatch(r"1\d{10}|0\d{9,11}", number):
            self.add_error(name, "手机号应是11位数字，固定电话请连同区号（如08590000005）。")
        return number

    def _parent_of_that_kind(self, given: dict[str, Any]) -> str:
        """父亲 韦大山 if a father (or mother) of another name is to be written beside the one there is; empty otherwise."""
        relation, name = given.get("carer_relation"), given.get("carer_name")
        if relation not in (codes.Relation.FATHER, codes.Relation.MOTHER):
            return ""
        stored = next((one for one in self.family.values() if one.relation == relation and one.name != name), None)
        return str(stored) if stored else ""

    def _carer_leaves(self, given: dict[str, Any]) -> str:
        """父亲 or 母亲 if the one who really cares now is said to be away; empty otherwise."""
        care = CareArrangement.objects.open().filter(child=self.row.child_id).select_related("carer").first()
        for side, name, relations in PARENTS:
            gone = given.get(f"{side}_status") not in ("", None, codes.ParentStatus.AT_HOME, codes.ParentStatus.UNKNOWN)
            if gone and care and care.carer and care.carer.relation in relations:
                return name
        return ""

    def proposed(self) -> dict[str, Any]:
        """The facts as plain values, for children.census.answers.propose."""
        given = self.cleaned_data
        found: dict[str, Any] = {"remark": given["remark"]} if given["remark"] else {}
        for side, _ in SIDES:
            if given[f"{side}_status"]:
                since = given[f"{side}_since"]
                found[side] = {
                    "status": given[f"{side}_status"],
                    "since": since.isoformat() if since else "",
                    "place": given[f"{side}_place"],
                    "phone": given[f"{side}_phone"],
                }
        if given["carer"]:
            known = self.family.get(given["carer"])
            found["carer"] = {
                "relation": known.relation if known else given["carer_relation"],
                "name": known.name if known else given["carer_name"],
                "phone": given["carer_phone"],
                "care_type": given["carer_type"],
            }
        return found

    @staticmethod
    def initial_of(row: CensusRow, family: list[FamilyMember]) -> dict[str, Any]:
        """What was proposed before, to be corrected after it was sent back."""
        known: dict[str, Any] = {}
        for side, _ in SIDES:
            for name, value in row.proposed.get(side, {}).items():
                known[f"{side}_{name}"] = value
        if carer := row.proposed.get("carer"):
            same = next((m for m in family if (m.relation, m.name) == (carer["relation"], carer["name"])), None)
            known |= {"carer": str(same.pk) if same else NEW_CARER, "carer_type": carer["care_type"]}
            known |= {f"carer_{part}": carer[part] for part in ("relation", "name", "phone")}
        return known | {"remark": row.proposed.get("remark", "")}


class PartsForm(VersionedForm, forms.ModelForm):
    """The five parts of the survey (domain §13, system 21), a short line each."""

    button = "保存情况说明"

    class Meta:
        model = CensusRow
        fields = PARTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in PARTS:
            self.fields[part].widget.attrs["placeholder"] = f"如：{PHRASES[part]}"


class ReturnForm(VersionedForm):
    """Why a proposal is sent back."""

    button = "退回给班主任"
    question = forms.CharField(label="要再核对什么", max_length=200, widget=forms.Textarea(attrs={"rows": "3"}))


class CloseForm(CareForm, forms.Form):
    """The last word on a round."""

    button = "定稿"
    reason = forms.CharField(
        label="未核对学生的原因",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text="还有学生没有核对时必填，会印在汇总表下面。",
    )
