import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_initial'),
        ('activities', '0017_record_school_written'),
        ('children', '0020_consent_groups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IncidentChild',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('part', models.CharField(choices=[('concerned', '当事学生'), ('harmed', '受到伤害'), ('acted', '实施伤害'), ('witness', '目击或知情')], default='concerned', max_length=10, verbose_name='涉及情况')),
                ('guardian_suspected', models.BooleanField(default=False, verbose_name='监护人有侵害嫌疑')),
            ],
            options={
                'verbose_name': '事件涉及学生',
                'verbose_name_plural': '事件涉及学生',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='IncidentFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('title', models.CharField(max_length=100, verbose_name='名称')),
                ('file', models.FileField(max_length=120, upload_to='files/', verbose_name='文件')),
                ('content_type', models.CharField(blank=True, max_length=60, verbose_name='文件类型')),
                ('size', models.PositiveIntegerField(default=0, verbose_name='大小（字节）')),
                ('created_at', models.DateTimeField(auto_now_add=True, null=True, verbose_name='上传时间')),
                ('removed_on', models.DateField(blank=True, null=True, verbose_name='移除日期')),
                ('removed_reason', models.CharField(blank=True, max_length=200, verbose_name='移除原因')),
            ],
            options={
                'verbose_name': '事件附件',
                'verbose_name_plural': '事件附件',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='incidentchild',
            name='change',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.changeset', verbose_name='变更'),
        ),
        migrations.AddField(
            model_name='incidentchild',
            name='child',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incident_parts', to='children.child', verbose_name='涉及学生'),
        ),
        migrations.AddField(
            model_name='incidentchild',
            name='incident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='involved', to='activities.incident', verbose_name='事件'),
        ),
        migrations.AddField(
            model_name='incidentreport',
            name='about',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='reports', to='activities.incidentchild', verbose_name='哪名学生的监护人'),
        ),
        migrations.AddField(
            model_name='incidentfile',
            name='change',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.changeset', verbose_name='变更'),
        ),
        migrations.AddField(
            model_name='incidentfile',
            name='incident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='activities.incident', verbose_name='事件'),
        ),
        migrations.AddField(
            model_name='incidentfile',
            name='uploaded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人'),
        ),
        migrations.AddConstraint(
            model_name='incidentchild',
            constraint=models.UniqueConstraint(fields=('incident', 'child'), name='incident_child_once', violation_error_message='这名学生已经在这份档案里。'),
        ),
        migrations.AddConstraint(
            model_name='incidentfile',
            constraint=models.CheckConstraint(condition=models.Q(('removed_on__isnull', True), models.Q(('removed_reason', ''), _negated=True), _connector='OR'), name='incident_file_removed_has_reason', violation_error_message='请写明移除原因。'),
        ),
    ]
