from django.urls import path

from caretrack.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="job_list"),
    path("<int:pk>/", views.job_show, name="job_show"),
    path("<int:pk>/file/", views.job_download, name="job_download"),
]
