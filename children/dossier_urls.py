"""What hangs on a dossier: phones, papers, siblings, standing; and what is missing in many of them."""

from django.urls import path

from children.views import files, gaps, happenings, phones, siblings, standing

urlpatterns = [
    path("gaps/", gaps.gap_table, name="gap_table"),
    path("gaps/export/<slug:what>/", gaps.gap_export, name="gap_export"),
    path("contacts/", gaps.ContactList.as_view(), name="contact_list"),
    path("<int:pk>/phones/<int:phone>/check/<slug:outcome>/", phones.phone_check, name="phone_check"),
    path("<int:pk>/phones/<int:phone>/move/<slug:way>/", phones.phone_move, name="phone_move"),
    path("special/", standing.SpecialList.as_view(), name="special_list"),
    path("special/export/", standing.special_export, name="special_export"),
    path("<int:pk>/special/new/", standing.StandingAdd.as_view(), name="standing_add"),
    path("<int:pk>/special/<int:standing>/", standing.StandingEdit.as_view(), name="standing_edit"),
    path("<int:pk>/pledge/<slug:party>/", standing.PledgeSign.as_view(), name="pledge_sign"),
    path("<int:pk>/mind/", standing.MindEdit.as_view(), name="mind_edit"),
    path("<int:pk>/restricted/", standing.RestrictedNoteEdit.as_view(), name="restricted_edit"),
    path("<int:pk>/siblings/", siblings.sibling_find, name="sibling_find"),
    path("<int:pk>/siblings/<int:other>/<slug:answer>/", siblings.sibling_say, name="sibling_say"),
    path("<int:pk>/timeline/", happenings.child_timeline, name="child_timeline"),
    path("<int:pk>/files/", files.file_list, name="file_list"),
    path("<int:pk>/files/new/", files.FileAdd.as_view(), name="file_add"),
    path("<int:pk>/files/<int:file>/", files.file_open, name="file_open"),
    path("<int:pk>/files/<int:file>/remove/", files.FileRemove.as_view(), name="file_remove"),
]
