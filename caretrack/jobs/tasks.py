"""The one task of django-tasks: everything else about a job is in its row."""

from django_tasks import task

from caretrack.jobs import services


@task()
def run_job(job_id: int) -> None:
    """Run the job with this number."""
    services.run(job_id)
