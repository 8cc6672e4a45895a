from django.urls import path

from activities.views import panels, reading, writing

app_name = "activities"
urlpatterns = [
    path("", reading.RecordList.as_view(), name="record_list"),
    path("add/", writing.RecordAdd.as_view(), name="record_add"),
    path("<int:pk>/", reading.record_show, name="record_show"),
    path("<int:pk>/edit/", writing.RecordEdit.as_view(), name="record_edit"),
    path("<int:pk>/addendum/", writing.AddendumAdd.as_view(), name="record_addendum_add"),
    path("follow-ups/", reading.FollowUpList.as_view(), name="follow_up_list"),
    path("follow-ups/<int:pk>/close/", reading.follow_up_close, name="follow_up_close"),
    path("silence/", reading.SilenceList.as_view(), name="silence_list"),
]
panels.register_all()
