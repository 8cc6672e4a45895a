"""Pledges and agreements."""

from django.urls import path

from mentoring.views import signing

urlpatterns = [
    path("papers/", signing.paper_list, name="paper_list"),
    path("papers/ending/", signing.PaperEnding.as_view(), name="paper_ending"),
    path("papers/<slug:kind>/", signing.paper_kind, name="paper_kind"),
    path("papers/<slug:kind>/print/", signing.paper_print, name="paper_print"),
    path("papers/<slug:kind>/unsigned/", signing.paper_reminder, name="paper_reminder"),
    path("papers/<slug:kind>/text/", signing.PaperTextEdit.as_view(), name="paper_text"),
    path("papers/<slug:kind>/<int:pk>/back/", signing.paper_take_back, name="paper_take_back"),
]
