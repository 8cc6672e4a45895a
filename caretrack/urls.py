"""Every address of CareTrack; each app keeps its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("caretrack.schools.urls")),
]
