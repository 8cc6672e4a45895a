"""The same tables through a django-import-export ModelResource, written the way its documentation shows."""

import datetime as dt
from typing import Any

from import_export import fields, resources, widgets

from caretrack.access.crypto import blind_index
from caretrack.schools.models import School, SchoolClass
from children.models import AbsenceSpan, CareArrangement, Child, Enrollment, FamilyMember, Phone, StatusChange, codes

SINCE = dt.date(2026, 9, 1)
_BOARDING = {"住校": codes.Boarding.BOARDER.value, "走读": codes.Boarding.DAY.value}
_STATUS = {"外出务工": codes.ParentStatus.AWAY_WORK, "在家": codes.ParentStatus.AT_HOME}


class Words(widgets.CharWidget):
    """A code by the word that stands for it."""

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__()
        self.words = words

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return self.words[value]


class Index(widgets.CharWidget):
    """An encrypted number is only found by its index."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return blind_index(value)


class ClassWidget(widgets.ForeignKeyWidget):
    """A class by its school, entry year and number."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return self.get_queryset(value, row).get(entry_year=row["入学年"], number=value)


class StockRoster(resources.ModelResource):
    """Children by ID number; families in the hook that runs after a child was saved."""

    key = fields.Field("id_no_index", "身份证号", widget=Index(), readonly=True)
    id_no = fields.Field("id_no", "身份证号")
    student_no = fields.Field("student_no", "学籍号")
    name = fields.Field("name", "姓名")
    sex = fields.Field("sex", "性别", widget=Words({"男": "1", "女": "2"}))
    birth_date = fields.Field("birth_date", "出生日期", widget=widgets.DateWidget("%Y-%m-%d"))
    ethnic = fields.Field("ethnic", "民族", widget=Words({"汉族": "01"}))
    school_class = fields.Field("school_class", "班级", widget=ClassWidget(SchoolClass))
    boarding = fields.Field("boarding", "就读方式", widget=Words(_BOARDING))
    commute = fields.Field("commute", "上下学方式", widget=Words({"步行": codes.Commute.WALK.value}))
    address = fields.Field("address", "家庭住址")
    note = fields.Field("note", "备注")

    class Meta:
        model = Child
        fields = (
            "key", "id_no", "student_no", "name", "sex", "birth_date", "ethnic", "school_class", "boarding", "commute",
            "address", "note",
        )  # fmt: skip
        import_id_fields = ("key",)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.school = School.objects.get()

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        instance.school = self.school
        instance.note = instance.note or ""

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        for whose, relation in (("父亲", codes.Relation.FATHER), ("母亲", codes.Relation.MOTHER)):
            since = row[f"{whose}外出时间"]
            began = dt.date.fromisoformat(f"{since}-01") if since else None
            place = row[f"{whose}务工地"] or ""
            member, _ = FamilyMember.objects.update_or_create(
                child=instance, relation=relation,
                defaults={
                    "name": row[f"{whose}姓名"], "status": _STATUS[row[f"{whose}状况"]], "work_place": place,
                    "away_since": began, "away_precision": "month" if began else "day",
                },
            )  # fmt: skip
            Phone.objects.update_or_create(child=instance, member=member, defaults={"number": row[f"{whose}电话"]})
            if member.status == codes.ParentStatus.AWAY_WORK:
                AbsenceSpan.objects.update_or_create(
                    member=member, status=member.status, defaults={"starts_on": began, "work_place": place}
                )
        carer, _ = FamilyMember.objects.update_or_create(
            child=instance, relation=codes.Relation.GRANDMOTHER, defaults={"name": row["实际监护人"]}
        )
        Phone.objects.update_or_create(child=instance, member=carer, defaults={"number": row["监护人电话"]})
        care = {"care_type": codes.CareType.GRANDPARENT, "rating": codes.CareRating.GOOD, "starts_on": SINCE}
        CareArrangement.objects.update_or_create(child=instance, carer=carer, defaults=care)
        Enrollment.objects.update_or_create(
            child=instance, school_class=instance.school_class, defaults={"school": self.school, "starts_on": SINCE}
        )
        StatusChange.objects.update_or_create(
            child=instance, kind=codes.ChangeKind.ENROL_NEW,
            defaults={
                "school": self.school, "school_class": instance.school_class, "on": SINCE, "after": row["年级"],
                "reason": "bench",
            },
        )  # fmt: skip


def make_resource() -> StockRoster:
    """A resource as the admin makes one for a step."""
    return StockRoster()
