"""What hangs on a dossier: phones, papers, siblings, standing; and what is missing in many of them."""

from django.urls import path

from children.views import gaps, phones

urlpatterns = [
    path("gaps/", gaps.gap_table, name="gap_table"),
    path("gaps/export/<slug:what>/", gaps.gap_export, name="gap_export"),
    path("contacts/", gaps.ContactList.as_view(), name="contact_list"),
    path("<int:pk>/phones/<int:phone>/check/<slug:outcome>/", phones.phone_check, name="phone_check"),
    path("<int:pk>/phones/<int:phone>/move/<slug:way>/", phones.phone_move, name="phone_move"),
]
