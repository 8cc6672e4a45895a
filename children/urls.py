"""The pages about children: the dossier, and the import of rosters."""

from django.urls import include, path

from children.views import (
    dossier,
    family,
    finding,
    group_contacts,
    lists,
    photo,
    register,
    roster_export,
    sections,
    trace,
)

app_name = "children"
dossiers = [
    path("", lists.ChildList.as_view(), name="child_list"),
    path("export/", roster_export.child_export, name="child_export"),
    path("group-contacts/", group_contacts.group_contact_list, name="group_contact_list"),
    path("group-contacts/print/", group_contacts.group_contact_print, name="group_contact_print"),
    path("group-contacts/export/", group_contacts.group_contact_export, name="group_contact_export"),
    path("find/", finding.child_find, name="child_find"),
    path("new/", register.ChildAdd.as_view(), name="child_add"),
    path("<int:pk>/", dossier.child_show, name="child_show"),
    path("<int:pk>/reveal/<slug:what>/", dossier.child_reveal, name="child_reveal"),
    path("<int:pk>/edit/<slug:section>/", sections.SectionEdit.as_view(), name="section_edit"),
    path("<int:pk>/family/new/", family.MemberAdd.as_view(), name="member_add"),
    path("<int:pk>/family/<int:member>/", family.MemberEdit.as_view(), name="member_edit"),
    path("<int:pk>/care/", family.CareEdit.as_view(), name="care_edit"),
    path("<int:pk>/support/", register.SupportDecide.as_view(), name="support_decide"),
    path("<int:pk>/consents/", family.consent_list, name="consent_list"),
    path("<int:pk>/consents/new/", family.ConsentAdd.as_view(), name="consent_add"),
    path("<int:pk>/consents/<int:consent>/withdraw/", family.consent_withdraw, name="consent_withdraw"),
    path("<int:pk>/photo/", photo.child_photo, name="child_photo"),
    path("<int:pk>/photo/edit/", photo.PhotoEdit.as_view(), name="photo_edit"),
    path("<int:pk>/photo/remove/", photo.photo_remove, name="photo_remove"),
    path("<int:pk>/history/", trace.child_history, name="child_history"),
    path("<int:pk>/access/", trace.child_access, name="child_access"),
]
changes = [path("", include("children.change_urls"))]
rosters = [path("import/", include("children.import_urls"))]
tables = [path("lists/", include("children.table_urls"))]
census = [path("census/", include("children.census_urls"))]
surveys = [path("surveys/", include("children.survey_urls"))]
life = [path("", include("children.life_urls"))]

urlpatterns = [
    *changes,
    *dossiers,
    path("", include("children.dossier_urls")),
    *rosters,
    *tables,
    *census,
    *surveys,
    *life,
]
