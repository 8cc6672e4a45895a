"""School and family."""

from django.urls import path

from activities.views import taking_back
from activities.views.family import feedback, letters, promises, suggestions

urlpatterns = [
    path("", feedback.FeedbackList.as_view(), name="feedback_list"),
    path("children/<int:pk>/", feedback.FeedbackEdit.as_view(), name="feedback_edit"),
    path("sent/", feedback.FeedbackSent.as_view(), name="feedback_sent"),
    path("print/", feedback.feedback_print, name="feedback_print"),
    path("print/all/", feedback.feedback_print_all, name="feedback_print_all"),
    path("letters/", letters.letter_text_list, name="letter_text_list"),
    path("letters/new/", letters.LetterTextAdd.as_view(), name="letter_text_add"),
    path("letters/shipped/", letters.letter_text_ship, name="letter_text_ship"),
    path("letters/<int:pk>/", letters.letter_text_show, name="letter_text_show"),
    path("letters/<int:pk>/change/", letters.LetterTextChange.as_view(), name="letter_text_change"),
    path("letters/<int:pk>/send/", letters.LetterSend.as_view(), name="letter_text_send"),
    path("letters/<int:pk>/take-back/", letters.letter_take_back, name="letter_take_back"),
    path("letters/<int:pk>/slips/", letters.letter_slips, name="letter_slips"),
    path("letters/<int:pk>/print/", letters.letter_print, name="letter_text_print"),
    path("promises/", promises.promise_list, name="promise_list"),
    path("promises/agree/", promises.promise_agree, name="promise_agree"),
    path("promises/<int:pk>/take-back/", taking_back.PromiseTakeBack.as_view(), name="promise_take_back"),
    path("suggestions/", suggestions.SuggestionList.as_view(), name="suggestion_list"),
    path("suggestions/print/", suggestions.suggestion_print, name="suggestion_print"),
    path("suggestions/new/", suggestions.suggestion_pick, name="suggestion_pick"),
    path("suggestions/children/<int:pk>/new/", suggestions.SuggestionAdd.as_view(), name="suggestion_add"),
    path("suggestions/<int:pk>/", suggestions.SuggestionAnswer.as_view(), name="suggestion_answer"),
    path("suggestions/<int:pk>/take-back/", taking_back.SuggestionTakeBack.as_view(), name="suggestion_take_back"),
]
