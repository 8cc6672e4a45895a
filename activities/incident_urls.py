"""Incident files."""

from django.urls import path

from activities.views import call_tree, incident_acts, incident_parts, incident_suspects, incidents

urlpatterns = [
    path("incidents/", incidents.IncidentList.as_view(), name="incident_list"),
    path("incidents/add/", incidents.IncidentAdd.as_view(), name="incident_add"),
    path("incidents/drill/", incidents.DrillAdd.as_view(), name="drill_add"),
    path("incidents/<int:pk>/", incidents.incident_show, name="incident_show"),
    path("incidents/<int:pk>/told/<str:to>/", incidents.incident_told, name="incident_told"),
    path("incidents/<int:pk>/told/<int:line>/back/", incidents.incident_untold, name="incident_untold"),
    path("incidents/<int:pk>/tell/", incident_acts.IncidentTell.as_view(), name="incident_tell"),
    path("incidents/<int:pk>/step/", incident_acts.IncidentStep.as_view(), name="incident_step"),
    path("incidents/<int:pk>/amend/", incident_acts.IncidentAmend.as_view(), name="incident_amend"),
    path("incidents/<int:pk>/children/add/", incident_parts.InvolvedAdd.as_view(), name="incident_child_add"),
    path("incidents/<int:pk>/children/<int:one>/", incident_parts.InvolvedAmend.as_view(), name="incident_child_amend"),
    path(
        "incidents/<int:pk>/children/<int:one>/remove/",
        incident_parts.InvolvedOut.as_view(),
        name="incident_child_remove",
    ),
    path("incidents/<int:pk>/files/add/", incident_parts.AttachmentAdd.as_view(), name="incident_file_add"),
    path("incidents/<int:pk>/files/<int:file>/", incident_parts.attachment_open, name="incident_file_open"),
    path(
        "incidents/<int:pk>/files/<int:file>/remove/",
        incident_parts.AttachmentOut.as_view(),
        name="incident_file_remove",
    ),
    path("incidents/<int:pk>/members/add/", incident_acts.MemberAdd.as_view(), name="incident_member_add"),
    path("incidents/<int:pk>/members/<int:member>/end/", incident_acts.member_end, name="incident_member_end"),
    path("incidents/<int:pk>/suspects/add/", incident_suspects.SuspectAdd.as_view(), name="incident_suspect_add"),
    path(
        "incidents/<int:pk>/suspects/<int:one>/clear/",
        incident_suspects.SuspectClear.as_view(),
        name="incident_suspect_clear",
    ),
    path("incidents/<int:pk>/close/", incident_acts.IncidentClose.as_view(), name="incident_close"),
    path("incidents/<int:pk>/reopen/", incident_acts.IncidentReopen.as_view(), name="incident_reopen"),
    path("incidents/<int:pk>/print/", incident_acts.incident_print, name="incident_print"),
    path("incidents/<int:pk>/anonymous/", incident_acts.IncidentAnonymous.as_view(), name="incident_anonymous"),
    path("calls/<int:pk>/", call_tree.call_tree_show, name="call_tree"),
    path("calls/<int:pk>/print/", call_tree.call_tree_print, name="call_tree_print"),
]
