"""Health checks, results, aid, awards, bus and boarding: lists, entry for one and for many, workbooks."""

from django.urls import path

from children.views.life import aid, health, lists, results

urlpatterns = [
    path("life/", lists.life_home, name="life_home"),
    path("life/<slug:slug>/pick/", lists.life_pick, name="life_pick"),
    path("life/<slug:slug>/undo/<uuid:change>/", lists.life_undo, name="life_undo"),
    path("health/", health.HealthList.as_view(), name="health_list"),
    path("health/many/", health.HealthMany.as_view(), name="health_many"),
    path("health/export/", health.HealthExport.as_view(), name="health_export"),
    path("<int:pk>/health/new/", health.HealthEntry.as_view(), name="health_add"),
    path("<int:pk>/health/<int:row>/", health.HealthEntry.as_view(), name="health_edit"),
    path("<int:pk>/health/<int:row>/follow-up/", health.HealthFollowUp.as_view(), name="health_follow_up"),
    path("<int:pk>/health/<int:row>/delete/", health.HealthDelete.as_view(), name="health_delete"),
    path("results/", results.ResultList.as_view(), name="results_list"),
    path("results/spread/", results.results_spread, name="results_spread"),
    path("results/many/", results.ResultMany.as_view(), name="results_many"),
    path("results/export/", results.ResultExport.as_view(), name="results_export"),
    path("<int:pk>/results/new/", results.ResultEntry.as_view(), name="results_add"),
    path("<int:pk>/results/<int:row>/", results.ResultEntry.as_view(), name="results_edit"),
    path("<int:pk>/results/<int:row>/delete/", results.ResultDelete.as_view(), name="results_delete"),
    path("aid/", aid.AidList.as_view(), name="aid_list"),
    path("aid/many/", aid.AidMany.as_view(), name="aid_many"),
    path("aid/export/", aid.AidExport.as_view(), name="aid_export"),
    path("<int:pk>/aid/new/", aid.AidEntry.as_view(), name="aid_add"),
    path("<int:pk>/aid/<int:row>/", aid.AidEntry.as_view(), name="aid_edit"),
    path("<int:pk>/aid/<int:row>/delete/", aid.AidDelete.as_view(), name="aid_delete"),
    path("awards/", aid.AwardList.as_view(), name="awards_list"),
    path("awards/many/", aid.AwardMany.as_view(), name="awards_many"),
    path("awards/export/", aid.AwardExport.as_view(), name="awards_export"),
    path("<int:pk>/awards/new/", aid.AwardEntry.as_view(), name="awards_add"),
    path("<int:pk>/awards/<int:row>/", aid.AwardEntry.as_view(), name="awards_edit"),
    path("<int:pk>/awards/<int:row>/delete/", aid.AwardDelete.as_view(), name="awards_delete"),
]
