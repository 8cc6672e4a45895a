"""Addresses of changes: registering one, and putting a wrong one right."""

from django.urls import path

from children.views import changes

urlpatterns = [
    path("changes/new/", changes.change_pick, name="change_pick"),
    path("changes/<int:pk>/correct/", changes.ChangeCorrect.as_view(), name="change_correct"),
    path("<int:pk>/changes/new/", changes.change_kinds, name="change_kinds"),
    path("<int:pk>/changes/new/<slug:kind>/", changes.ChangeAdd.as_view(), name="change_add"),
]
