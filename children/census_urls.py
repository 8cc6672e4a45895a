"""Addresses of census rounds; part of the namespace `children`."""

from django.urls import path

from caretrack.web import workbench
from children.views import census, census_class, census_panels, census_poverty, census_review

urlpatterns = [
    path("", census.census_list, name="census_list"),
    path("new/", census.CensusOpen.as_view(), name="census_open"),
    path("<int:pk>/", census.census_show, name="census_show"),
    path("<int:pk>/close/", census.CensusClose.as_view(), name="census_close"),
    path("<int:pk>/take-in/", census.census_take_in, name="census_take_in"),
    path("<int:pk>/print/", census.census_print, name="census_print"),
    path("<int:pk>/export/", census.census_export, name="census_export"),
    path("<int:pk>/classes/<int:school_class>/", census_class.census_class, name="census_class"),
    path("<int:pk>/classes/<int:school_class>/rest/", census_class.CensusRest.as_view(), name="census_rest"),
    path("<int:pk>/classes/<int:school_class>/add/", census_poverty.CensusAskToo.as_view(), name="census_ask_too"),
    path("<int:pk>/review/", census_review.census_review, name="census_review"),
    path("<int:pk>/review/confirm/", census_review.census_confirm, name="census_confirm"),
    path("rows/<int:pk>/mark/", census_class.census_mark, name="census_mark"),
    path("rows/<int:pk>/change/", census_class.CensusChange.as_view(), name="census_change"),
    path("rows/<int:pk>/economy/", census_poverty.CensusEconomy.as_view(), name="census_economy"),
    path("rows/<int:pk>/parts/", census_class.CensusParts.as_view(), name="census_parts"),
    path("rows/<int:pk>/return/", census_review.CensusReturn.as_view(), name="census_return"),
]
workbench.register(census_panels.census_tasks, 25)
workbench.register(census_panels.plan_panel, 65)
