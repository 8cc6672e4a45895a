"""The pages on which a person waits for background work and fetches its result."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.policy import Act, refusal
from caretrack.jobs.aside import take_over
from caretrack.jobs.models import Job, JobStatus
from caretrack.jobs.registry import kind_called

SHOWN = 30
TONES = {
    JobStatus.QUEUED: "neutral",
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "good",
    JobStatus.FAILED: "bad",
    JobStatus.STOPPED: "warn",
}


@require_safe
@allows(Act.JOB_SHOW)
def job_list(request: HttpRequest) -> HttpResponse:
    """The latest background work of the person who asks."""
    rows = [(job, TONES[JobStatus(job.status)]) for job in Job.objects.of(request.user)[:SHOWN]]
    return render(request, "jobs/job_list.html", {"rows": rows})


@require_safe
@allows(Act.JOB_SHOW)
def job_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress and result. htmx asks for the inner part alone; without JavaScript the page reloads itself."""
    job = get_object_or_404(Job.objects.of(request.user), pk=pk)
    take_over(job)
    template = "jobs/_job_progress.html" if request.headers.get("HX-Request") else "jobs/job_show.html"
    shown = {
        "job": job,
        "tone": TONES[JobStatus(job.status)],
        "next_url": (job.result or {}).get("next", ""),
        "ahead": Job.objects.ahead_of(job).count() if job.status == JobStatus.QUEUED else 0,
    }
    response = render(request, template, shown)
    response["Vary"] = "HX-Request"
    return response


@require_safe
@allows(Act.JOB_SHOW)
def job_download(request: HttpRequest, pk: int) -> FileResponse:
    """The result file, while it is kept and while the person still has the right that the work needs."""
    job = get_object_or_404(Job.objects.of(request.user), pk=pk)
    try:
        kind = kind_called(job.kind)
    except LookupError as error:
        raise Http404 from error
    if kind.act and not request.user.may(kind.act):  # type: ignore[union-attr]
        raise PermissionDenied(refusal(kind.act))
    path = job.file_path
    if path is None or not path.is_file():
        raise Http404("结果文件只保留一天，请重新生成。")
    note(request, kind.event, detail=f"job {job.pk} {job.kind}")
    return FileResponse(path.open("rb"), as_attachment=True, filename=job.file_name)
