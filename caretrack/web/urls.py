"""Two small address books: drafts of forms, and the page for developers. Included at the root."""

from django.urls import include, path

from caretrack.web import draft_views, views, workbench

draft_patterns = [
    path("", draft_views.DraftList.as_view(), name="list"),
    path("save/", draft_views.draft_save, name="save"),
    path("discard/", draft_views.draft_discard, name="discard"),
]
developer_patterns = [
    path("components/", views.component_list, name="components"),
]
urlpatterns = [
    path("", workbench.workbench, name="workbench"),
    path("drafts/", include((draft_patterns, "drafts"))),
    path("dev/", include((developer_patterns, "web"))),
]
