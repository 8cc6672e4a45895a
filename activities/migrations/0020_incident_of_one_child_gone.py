from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('activities', '0019_fill_incident_children')]

    operations = [
        migrations.RemoveIndex(
            model_name='incident',
            name='incident_child_state',
        ),
        migrations.RemoveField(
            model_name='incident',
            name='child',
        ),
        migrations.RemoveField(
            model_name='incident',
            name='guardian_suspected',
        ),
        migrations.AddField(
            model_name='incident',
            name='children',
            field=models.ManyToManyField(blank=True, related_name='incidents', through='activities.IncidentChild', to='children.child', verbose_name='涉及学生'),
        ),
    ]
