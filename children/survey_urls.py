"""Addresses of questionnaires; part of the namespace `children`."""

from django.urls import path

from caretrack.web import workbench
from children.views import survey_panel, survey_sheets, surveys

urlpatterns = [
    path("", surveys.survey_list, name="survey_list"),
    path("new/", surveys.SurveyAdd.as_view(), name="survey_add"),
    path("<int:pk>/", surveys.survey_show, name="survey_show"),
    path("<int:pk>/edit/", surveys.SurveyEdit.as_view(), name="survey_edit"),
    path("<int:pk>/open/", surveys.survey_open, name="survey_open"),
    path("<int:pk>/close/", surveys.survey_close, name="survey_close"),
    path("<int:pk>/remove/", surveys.SurveyRemove.as_view(), name="survey_remove"),
    path("<int:pk>/print/", surveys.survey_print, name="survey_print"),
    path("<int:pk>/result/print/", surveys.survey_result_print, name="survey_result_print"),
    path("<int:pk>/result/export/", surveys.survey_export, name="survey_export"),
    path("<int:pk>/classes/<int:school_class>/", survey_sheets.survey_class, name="survey_class"),
    path("<int:pk>/classes/<int:school_class>/new/", survey_sheets.SheetAdd.as_view(), name="sheet_add"),
    path("<int:pk>/classes/<int:school_class>/lines/", survey_sheets.SheetLines.as_view(), name="sheet_lines"),
    path("sheets/<int:pk>/", survey_sheets.SheetEdit.as_view(), name="sheet_edit"),
    path("sheets/<int:pk>/remove/", survey_sheets.sheet_remove, name="sheet_remove"),
]
workbench.register(survey_panel.survey_tasks, 26)
