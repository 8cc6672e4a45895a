"""Plain models, no history, no access rules, no encryption."""

from django.db import models


class School(models.Model):
    name = models.CharField("学校", max_length=80)

    def __str__(self) -> str:
        return self.name


class SchoolClass(models.Model):
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT)
    name = models.CharField("班级", max_length=40)

    def __str__(self) -> str:
        return self.name


class Child(models.Model):
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT)
    school_class = models.ForeignKey(SchoolClass, verbose_name="班级", null=True, on_delete=models.PROTECT)
    name = models.CharField("姓名", max_length=50)
    sex = models.CharField("性别", max_length=1)
    birth_date = models.DateField("出生日期")
    id_no = models.CharField("身份证号", max_length=18, blank=True)
    student_no = models.CharField("学籍号", max_length=20, blank=True)
    address = models.CharField("住址", max_length=200, blank=True)
    support_level = models.CharField("帮扶级别", max_length=10)

    def __str__(self) -> str:
        return self.name


class Parent(models.Model):
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE)
    name = models.CharField("姓名", max_length=50)
    relation = models.CharField("关系", max_length=2)
    status = models.CharField("状况", max_length=20)
    phone = models.CharField("电话", max_length=20, blank=True)
    work_place = models.CharField("务工地点", max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE)
    on = models.DateField("日期")
    kind = models.CharField("类别", max_length=20)
    content = models.TextField("内容")
    state = models.CharField("学生状态", max_length=10, blank=True)
    advice = models.CharField("建议", max_length=500, blank=True)

    class Meta:
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on} {self.kind}"
