"""A child on the roll, left behind or not: identity, home, school, health, economy, character."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from caretrack.access.crypto import BlindIndexField, EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from caretrack.access.scopes import children_seen_by
from caretrack.lookups import one_of
from caretrack.periods import age_on
from caretrack.readings import ReadingField
from caretrack.schools.models import School, SchoolClass
from children.models import codes
from children.name_search import name_matches

ID_TAIL = 4


def a_parent_away() -> Exists:
    """
    The condition that at least one parent of the child works away now.

    Asked child by child: "in all absent parents" would read those of every school.
    """
    from children.models.family import FamilyMember

    return Exists(
        FamilyMember.objects.filter(
            child=OuterRef("pk"), relation__in=codes.PARENTS, status=codes.ParentStatus.AWAY_WORK
        )
    )


class ChildQuerySet(TrackedQuerySet):
    """The questions asked about children. `visible_to` is the first word of every query that reaches a page."""

    def visible_to(self, staff: Any, data: DataClass = DataClass.IDENTITY, level: Level = Level.READ) -> Self:
        """Children of whom `staff` gets at least `level` of `data` today (policy table, registered reasons)."""
        return self.filter(children_seen_by(staff, data, level))

    def on_roll(self) -> Self:
        """Children who are in a class now."""
        return self.filter(school_class__isnull=False)

    def of_school(self, school: School) -> Self:
        """Children whose present or last school is `school`."""
        return self.filter(school=school)

    def names_at(self, school: School) -> Self:
        """
        The roll of a school for whoever has to name one of its pupils without seeing them: names and classes, no more.

        For reports of worries by anybody, and for the teacher on duty at the family phone (domain §2, §11.4).
        """
        told = self.of_school(school).on_roll().only("name", "pinyin", "school", "school_class")
        return told.select_related("school_class__school")

    def by_name(self) -> Self:
        """In pinyin order, the order of a Chinese roll."""
        return self.order_by("pinyin", "pk")

    def named(self, text: str) -> Self:
        """Children whose name, pinyin or initials fit `text`; an empty text finds everybody."""
        return self.filter(name_matches(text))

    def with_away_parents(self) -> Self:
        """Adds `father_away` and `mother_away`, by the facts as they stand now (for lists; reports ask as of a day)."""
        from children.models.family import FamilyMember

        def away(relations: tuple[Any, ...]) -> Exists:
            return Exists(
                FamilyMember.objects.filter(
                    child=OuterRef("pk"), relation__in=relations, status=codes.ParentStatus.AWAY_WORK
                )
            )

        return self.annotate(father_away=away(codes.FATHERS), mother_away=away(codes.MOTHERS))

    def with_a_parent_away(self) -> Self:
        """Children of whom at least one parent works away now: the working list of a class teacher (`lb_seed`)."""
        return self.filter(a_parent_away())


class Child(Tracked):
    """
    Any pupil on the roll: rates need all pupils, the census must find who became left behind.

    There is no stored "left behind": it is computed from the parents' facts (children.left_behind).
    `school` and `school_class` are the present ones; Enrollment holds the dated truth, services keep both.
    """

    # A identity
    name = models.CharField("姓名", max_length=50)
    pinyin = ReadingField("姓名拼音", source="name", part="pinyin", db_index=True)
    initials = ReadingField("拼音首字母", source="name", part="initials")
    pinyin_other = ReadingField("姓名拼音（另一读音）", source="name", part="pinyin_other")
    initials_other = ReadingField("拼音首字母（另一读音）", source="name", part="initials_other")
    former_name = models.CharField("曾用名", max_length=50, blank=True)
    sex = models.CharField("性别", max_length=1, choices=codes.Sex, default=codes.Sex.UNKNOWN)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    birth_precision = models.CharField(
        "出生日期精度", max_length=5, choices=codes.BirthPrecision, default=codes.BirthPrecision.DAY
    )
    birth_lunar = models.CharField("农历生日", max_length=20, blank=True)
    ethnic = models.CharField("民族", max_length=2, choices=codes.ETHNIC, blank=True)
    ethnic_note = models.CharField("民族说明", max_length=20, blank=True)
    id_type = models.CharField("证件类型", max_length=1, choices=codes.IdType, default=codes.IdType.CARD)
    id_no = EncryptedTextField("身份证号", blank=True, default="")
    id_no_index = BlindIndexField("身份证号索引", source="id_no")
    id_tail_index = BlindIndexField("身份证号尾号索引", source="id_no", tail=ID_TAIL)
    id_verified = models.BooleanField("身份证号已核对", default=False)
    student_no = EncryptedTextField("学籍号", blank=True, default="")
    student_no_index = BlindIndexField("学籍号索引", source="student_no")
    aux_no = models.CharField("学籍辅号", max_length=30, blank=True)
    class_seq = models.CharField("班内学号", max_length=10, blank=True)
    hukou_registered = models.BooleanField("是否登记户口", null=True, blank=True)
    hukou_kind = models.CharField("户口性质", max_length=1, choices=codes.HukouKind, blank=True)
    hukou_place = models.CharField("户籍所在地", max_length=200, blank=True)
    address = models.CharField("家庭住址", max_length=200, blank=True)
    village_group = models.CharField("村民组", max_length=40, blank=True)
    photo = models.FileField("照片", upload_to="photos/", max_length=120, blank=True)

    # B school
    # With an index of its own, in the order of the keys: an import asks for ranges of them within its school.
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="children")
    school_class = models.ForeignKey(
        SchoolClass,
        verbose_name="班级",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        db_index=False,
    )
    enrolled_on = models.DateField("入学年月", null=True, blank=True)
    boarding = models.CharField("就读方式", max_length=1, choices=codes.Boarding, blank=True)
    dorm_bed = models.CharField("宿舍床位", max_length=30, blank=True)
    commute = models.CharField("上下学方式", max_length=12, choices=codes.Commute, blank=True)
    commute_km = models.DecimalField("上下学距离（公里）", max_digits=5, decimal_places=1, null=True, blank=True)
    needs_bus = models.BooleanField("是否需要乘坐校车", null=True, blank=True)
    study_level = models.CharField("学习情况", max_length=200, blank=True)
    study_attitude = models.CharField("学习态度", max_length=200, blank=True)

    # F health
    body_state = models.CharField("身体情况", max_length=10, choices=codes.BodyState, blank=True)
    school_health = models.CharField("健康状况（学籍）", max_length=2, choices=codes.SchoolHealth, blank=True)
    disability = models.CharField("残疾类别", max_length=10, choices=codes.Disability, blank=True)
    disability_grade = models.CharField("残疾等级", max_length=20, blank=True)
    illness_kind = models.CharField("患病类型", max_length=10, choices=codes.IllnessKind, blank=True)
    illness = models.CharField("病史", max_length=300, blank=True)
    allergy = models.CharField("过敏史", max_length=200, blank=True)
    blood_type = models.CharField("血型", max_length=5, blank=True)

    # G economy
    household_size = models.PositiveSmallIntegerField("家庭人口", null=True, blank=True)
    income_per_head = models.PositiveIntegerField("人均年收入（元）", null=True, blank=True)
    income_sources = models.CharField("主要收入来源", max_length=100, blank=True)
    hardship = models.JSONField("困难类别", default=list, blank=True)
    aid_received = models.CharField("救助情况", max_length=200, blank=True)
    boarding_subsidy = models.BooleanField("享受寄宿生生活补助（一补）", null=True, blank=True)
    family_structure = models.CharField("家庭结构", max_length=15, choices=codes.FamilyStructure, blank=True)

    # H character, mind
    temper = models.CharField("性格", max_length=10, choices=codes.Temper, blank=True)
    temper_note = models.CharField("性格特点", max_length=200, blank=True)
    hobbies = models.CharField("兴趣爱好和特长", max_length=200, blank=True)
    conduct = models.CharField("品德行为和交友", max_length=300, blank=True)
    wishes = models.CharField("愿望", max_length=200, blank=True)
    study_difficulty = models.CharField("学习困难", max_length=200, blank=True)
    family_education = models.CharField("家庭教育状况", max_length=300, blank=True)
    family_suggestion = models.CharField("家长对学校的建议", max_length=300, blank=True)

    # I safety
    alone_at_home = models.BooleanField("经常独自在家", null=True, blank=True)
    water_on_way = models.CharField("上学途中涉水路段", max_length=100, blank=True)
    emergency_contact = models.CharField("紧急联系人及电话", max_length=100, blank=True)
    emergency_contact_2 = models.CharField("第二紧急联系人及电话", max_length=100, blank=True)
    neighbour_contact = models.CharField("邻居或村干部及电话", max_length=100, blank=True)

    # J support
    support_level = models.CharField(
        "帮扶级别", max_length=10, choices=codes.SupportLevel, default=codes.SupportLevel.GENERAL
    )

    # K administration
    note = models.CharField("备注", max_length=500, blank=True)
    family_confirmed_on = models.DateField("家长或监护人确认日期", null=True, blank=True)
    family_confirmed_by = models.CharField("确认人", max_length=50, blank=True)
    filled_by = models.CharField("填表人", max_length=50, blank=True)
    filled_on = models.DateField("填表日期", null=True, blank=True)
    checked_by = models.CharField("复核人", max_length=50, blank=True)
    checked_on = models.DateField("复核日期", null=True, blank=True)
    approved_by = models.CharField("单位负责人", max_length=50, blank=True)
    retain_until = models.DateField("保存期限", null=True, blank=True)
    created_at = models.DateTimeField("建档时间", auto_now_add=True)

    objects = models.Manager.from_queryset(ChildQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "学生"
        indexes = [
            models.Index(fields=["school_class", "pinyin"], name="child_class_pinyin"),
            models.Index(fields=["school", "pinyin"], name="child_school_pinyin"),
            models.Index(fields=["school", "support_level"], name="child_school_level"),
            models.Index(fields=["id_no_index"], name="child_id_no"),
            models.Index(fields=["id_tail_index"], name="child_id_tail"),
            models.Index(fields=["student_no_index"], name="child_student_no"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_no_index"],
                condition=~Q(id_no_index=""),
                name="child_id_no_once",
                violation_error_message="系统里已有使用这个身份证号的学生。",
            ),
            models.UniqueConstraint(
                fields=["student_no_index"],
                condition=~Q(student_no_index=""),
                name="child_student_no_once",
                violation_error_message="系统里已有使用这个学籍号的学生。",
            ),
            models.CheckConstraint(
                name="child_name_given", condition=~Q(name=""), violation_error_message="请填写姓名。"
            ),
            models.CheckConstraint(name="child_sex_known", condition=one_of("sex", codes.Sex.values)),
            models.CheckConstraint(
                name="child_level_known", condition=one_of("support_level", codes.SupportLevel.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if (fields := kwargs.get("update_fields")) is not None:
            kept = [f.name for f in self._meta.concrete_fields if getattr(f, "source", None) in fields]
            kwargs["update_fields"] = {*fields, *kept}
        super().save(*args, **kwargs)

    @property
    def birth_text(self) -> str:
        """The birth date as far as it is known: 2015-03-12, 2015-03, 2015, or empty."""
        if self.birth_date is None:
            return ""
        return str(self.birth_date)[: {"day": 10, "month": 7, "year": 4}[self.birth_precision]]

    def age_on(self, day: date) -> int | None:
        """Completed years on `day`; None without a birth date."""
        return None if self.birth_date is None else age_on(self.birth_date, day)

    def class_name(self, day: date) -> str:
        """四（1）班 on `day`, or 不在班. Needs `school_class__school` loaded."""
        return self.school_class.name_on(day) if self.school_class else "不在班"
