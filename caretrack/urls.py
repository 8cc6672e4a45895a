"""Every address of CareTrack; each app keeps its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("caretrack.web.urls")),
    path("", include("caretrack.schools.urls")),
    path("jobs/", include("caretrack.jobs.urls")),
    path("students/", include("children.urls")),
    path("reports/", include("reports.urls")),
    path("pairings/", include("mentoring.urls")),
    path("records/", include("activities.urls")),
]

handler400 = "caretrack.web.errors.bad_request"
handler403 = "caretrack.web.errors.permission_denied"
handler404 = "caretrack.web.errors.page_not_found"
handler500 = "caretrack.web.errors.server_error"
