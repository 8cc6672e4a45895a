from django.urls import path

from mentoring import views

app_name = "mentoring"
urlpatterns = [
    path("", views.PairingList.as_view(), name="pairing_list"),
    path("new/", views.PairingAdd.as_view(), name="pairing_add"),
    path("<int:pk>/end/", views.PairingEnd.as_view(), name="pairing_end"),
    path("mentors/", views.mentor_list, name="mentor_list"),
    path("mentors/new/", views.MentorAdd.as_view(), name="mentor_add"),
    path("mentors/<int:pk>/edit/", views.MentorEdit.as_view(), name="mentor_edit"),
]
