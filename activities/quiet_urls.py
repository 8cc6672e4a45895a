"""What is between few: letters, 悄悄话, counselling appointments, special openings."""

from django.urls import path

from activities.views import counselling, counselling_steps, letters, openings, sealed

urlpatterns = [
    path("letters/", letters.LetterList.as_view(), name="letter_list"),
    path("letters/print/", letters.letter_print, name="letter_print"),
    path("letters/boxes/", letters.BoxEmpty.as_view(), name="box_empty"),
    path("letters/<int:pk>/reply/", letters.letter_reply, name="letter_reply"),
    path("letters/<int:pk>/forward/", letters.letter_forward, name="letter_forward"),
    path("notes/", sealed.note_list, name="note_list"),
    path("notes/pick/<slug:way>/", sealed.note_pick, name="note_pick"),
    path("notes/new/", sealed.NoteAdd.as_view(), name="note_add_unnamed"),
    path("notes/new/<int:pk>/", sealed.NoteAdd.as_view(), name="note_add"),
    path("notes/write/<int:pk>/", sealed.NoteWrite.as_view(), name="note_write"),
    path("notes/<int:pk>/", sealed.note_show, name="note_show"),
    path("notes/<int:pk>/another/", sealed.NoteReaddress.as_view(), name="note_readdress"),
    path("notes/<int:pk>/open/", sealed.note_open, name="note_open"),
    path("notes/<int:pk>/words/", sealed.note_words, name="note_words"),
    path("notes/<int:pk>/done/", sealed.note_done, name="note_done"),
    path("counselling/", counselling.appointment_list, name="appointment_list"),
    path("counselling/ask/", counselling.appointment_pick, name="appointment_pick"),
    path("counselling/ask/<int:pk>/", counselling.AppointmentAsk.as_view(), name="appointment_ask"),
    path("counselling/<int:pk>/time/", counselling.AppointmentTime.as_view(), name="appointment_time"),
    path("counselling/<int:pk>/end/<slug:state>/", counselling.appointment_end, name="appointment_end"),
    path("counselling/<int:pk>/step/", counselling_steps.CounsellingStep.as_view(), name="counselling_step"),
    path("openings/", openings.opening_list, name="opening_list"),
    path("openings/ask/<slug:what>/<int:pk>/", openings.OpeningAsk.as_view(), name="opening_ask"),
    path("openings/<int:pk>/", openings.opening_show, name="opening_show"),
    path("openings/<int:pk>/sign/", openings.opening_sign, name="opening_sign"),
]
counselling.register_all()
counselling_steps.register_all()
sealed.register_all()
