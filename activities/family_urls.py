"""School and family."""

from django.urls import path

from activities.views.family import feedback

urlpatterns = [
    path("", feedback.FeedbackList.as_view(), name="feedback_list"),
    path("children/<int:pk>/", feedback.FeedbackEdit.as_view(), name="feedback_edit"),
    path("sent/", feedback.FeedbackSent.as_view(), name="feedback_sent"),
    path("print/", feedback.feedback_print, name="feedback_print"),
]
