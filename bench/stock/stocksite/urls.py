"""The admin site, and three reports."""

from django.contrib import admin
from django.urls import path
from roster import reports

urlpatterns = [
    path("admin/", admin.site.urls),
    path("reports/month/", reports.month),
    path("reports/matrix/", reports.matrix),
    path("reports/schools/", reports.schools),
]
