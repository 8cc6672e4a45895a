"""Indexes that begin another one of their table go: what an import fills has less to keep up. See docs/benchmarks.md."""

import django.db.models.deletion
from django.db import migrations, models

from caretrack.indexes import AlterOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("children", "0034_all_readings"),
        ("schools", "0008_given_name_readings"),
    ]

    operations = [
        AlterOwnIndex(
            model_name="absencespan",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="absences",
                to="children.familymember",
                verbose_name="家庭成员",
            ),
        ),
        AlterOwnIndex(
            model_name="carearrangement",
            name="child",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="care",
                to="children.child",
                verbose_name="学生",
            ),
        ),
        AlterOwnIndex(
            model_name="child",
            name="school_class",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="schools.schoolclass",
                verbose_name="班级",
            ),
        ),
        AlterOwnIndex(
            model_name="enrollment",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="学校",
            ),
        ),
        AlterOwnIndex(
            model_name="enrollment",
            name="school_class",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrollments",
                to="schools.schoolclass",
                verbose_name="班级",
            ),
        ),
        AlterOwnIndex(
            model_name="familymember",
            name="child",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="family",
                to="children.child",
                verbose_name="学生",
            ),
        ),
        AlterOwnIndex(
            model_name="phone",
            name="child",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="phones",
                to="children.child",
                verbose_name="学生",
            ),
        ),
        AlterOwnIndex(
            model_name="statuschange",
            name="child",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="status_changes",
                to="children.child",
                verbose_name="学生",
            ),
        ),
        AlterOwnIndex(
            model_name="statuschange",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="学校",
            ),
        ),
    ]
