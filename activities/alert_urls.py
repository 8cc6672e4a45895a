"""Warnings and support levels."""

from django.urls import path

from activities.views import alert_panel, alerts, answered, levels

urlpatterns = [
    path("alerts/", alerts.AlertList.as_view(), name="alert_list"),
    path("alerts/panel/", alert_panel.alert_panel, name="alert_panel"),
    path("alerts/recheck/", alert_panel.alert_recheck, name="alert_recheck"),
    path("alerts/rules/", alerts.RulesPage.as_view(), name="care_rules"),
    path("alerts/answered/", answered.AnsweredList.as_view(), name="alert_answered"),
    path("alerts/answered/<int:pk>/recall/", answered.answer_recall, name="alert_recall"),
    path("alerts/<int:pk>/<str:rule>/", alerts.AlertAnswerPage.as_view(), name="alert_answer"),
    path("levels/", levels.LevelList.as_view(), name="level_list"),
    path("levels/export/", levels.level_export, name="level_export"),
    path("levels/print/", levels.level_print, name="level_print"),
    path("levels/suggestions/", levels.SuggestionList.as_view(), name="level_suggestions"),
    path("levels/<int:pk>/accept/", levels.SuggestionAccept.as_view(), name="suggestion_accept"),
    path("levels/<int:pk>/decline/", levels.SuggestionDecline.as_view(), name="suggestion_decline"),
]
