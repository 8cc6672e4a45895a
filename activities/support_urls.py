"""Support plans."""

from django.urls import path

from activities.views import support

urlpatterns = [
    path("support/", support.SupportList.as_view(), name="support_list"),
    path("support/blank/<slug:kind>/", support.support_blank, name="support_blank"),
    path("support/children/<int:pk>/<slug:kind>/new/", support.SupportAdd.as_view(), name="support_add"),
    path("support/<int:pk>/", support.support_show, name="support_show"),
    path("support/<int:pk>/edit/", support.SupportEdit.as_view(), name="support_edit"),
    path("support/<int:pk>/review/", support.SupportReview.as_view(), name="support_review"),
    path("support/<int:pk>/end/", support.SupportEnd.as_view(), name="support_end"),
    path("support/<int:pk>/readers/", support.support_reader_add, name="support_reader_add"),
    path("support/<int:pk>/readers/<int:reader>/off/", support.support_reader_off, name="support_reader_off"),
    path("support/<int:pk>/print/", support.support_print, name="support_print"),
]
