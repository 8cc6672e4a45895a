"""Health checks, results, aid, awards, bus and boarding: lists, entry for one and for many, workbooks."""

from django.urls import path

from caretrack.web import workbench
from children.views.life import aid, boarding, bus, health, lists, results
from children.views.life.workbench import dangers

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
    path("bus/", bus.BusList.as_view(), name="bus_list"),
    path("bus/many/", bus.BusMany.as_view(), name="bus_many"),
    path("bus/export/", bus.BusExport.as_view(), name="bus_export"),
    path("bus/routes/new/", bus.RouteAdd.as_view(), name="bus_route_add"),
    path("bus/routes/<int:pk>/", bus.bus_show, name="bus_show"),
    path("bus/routes/<int:pk>/edit/", bus.RouteEdit.as_view(), name="bus_route_edit"),
    path("bus/routes/<int:pk>/end/", bus.RouteEnd.as_view(), name="bus_route_end"),
    path("bus/routes/<int:pk>/print/", bus.bus_print, name="bus_print"),
    path("<int:pk>/bus/new/", bus.RideEntry.as_view(), name="bus_add"),
    path("<int:pk>/bus/<int:row>/", bus.RideEntry.as_view(), name="bus_edit"),
    path("<int:pk>/bus/<int:row>/delete/", bus.RideDelete.as_view(), name="bus_delete"),
    path("boarding/", boarding.BoardingList.as_view(), name="boarding_list"),
    path("boarding/many/", boarding.BoardingMany.as_view(), name="boarding_many"),
    path("boarding/export/", boarding.BoardingExport.as_view(), name="boarding_export"),
    path("boarding/print/", boarding.boarding_print, name="boarding_print"),
    path("<int:pk>/boarding/new/", boarding.BoardingEntry.as_view(), name="boarding_add"),
    path("<int:pk>/boarding/<int:row>/", boarding.BoardingEntry.as_view(), name="boarding_edit"),
    path("<int:pk>/boarding/<int:row>/delete/", boarding.BoardingDelete.as_view(), name="boarding_delete"),
]

workbench.register(dangers, 75)
