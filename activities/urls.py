from django.urls import include, path

from activities import award_urls, event_urls, family_urls, incident_urls, support_urls, worry_urls
from activities.views import (
    correcting,
    event_panels,
    follow_ups,
    left_open_panel,
    panels,
    phrases,
    reading,
    record_cards,
    record_photos,
    remark_panels,
    remarks,
    silences,
    support_panels,
    withdrawing,
    writing,
)
from activities.views.family import panel as family_panel

app_name = "activities"
urlpatterns = [
    path("", include("activities.programme_urls")),
    path("", reading.RecordList.as_view(), name="record_list"),
    path("add/", writing.RecordAdd.as_view(), name="record_add"),
    path("<int:pk>/", reading.record_show, name="record_show"),
    path("<int:pk>/card/", record_cards.record_card, name="record_card"),
    path("cards/", record_cards.record_cards, name="record_cards"),
    path("cards/blank/", record_cards.record_card_blank, name="record_card_blank"),
    path("<int:pk>/edit/", correcting.RecordEdit.as_view(), name="record_edit"),
    path("<int:pk>/withdraw/", withdrawing.RecordWithdraw.as_view(), name="record_withdraw"),
    path("<int:pk>/addendum/", writing.AddendumAdd.as_view(), name="record_addendum_add"),
    path("<int:pk>/photos/new/", record_photos.RecordPhotoAdd.as_view(), name="record_photo_add"),
    path("photos/<int:pk>/", record_photos.record_photo, name="record_photo"),
    path("photos/<int:pk>/remove/", record_photos.record_photo_remove, name="record_photo_remove"),
    path("<int:pk>/ask/", remarks.RemarkAsk.as_view(), name="remark_ask"),
    path("<int:pk>/thank/", remarks.remark_thank, name="remark_thank"),
    path("remarks/<int:pk>/take-back/", remarks.remark_take_back, name="remark_take_back"),
    path("questions/<int:pk>/answer/", remarks.RemarkAnswer.as_view(), name="remark_answer"),
    path("follow-ups/", follow_ups.FollowUpList.as_view(), name="follow_up_list"),
    path("follow-ups/new/<int:pk>/", follow_ups.FollowUpAdd.as_view(), name="follow_up_add"),
    path("follow-ups/<int:pk>/move/", follow_ups.FollowUpMove.as_view(), name="follow_up_move"),
    path("follow-ups/<int:pk>/close/", follow_ups.follow_up_close, name="follow_up_close"),
    path("phrases/", phrases.PhraseList.as_view(), name="phrase_list"),
    path("phrases/keep/", phrases.phrase_keep, name="phrase_keep"),
    path("phrases/begin/", phrases.phrase_begin, name="phrase_begin"),
    path("phrases/<int:pk>/", phrases.PhraseEdit.as_view(), name="phrase_edit"),
    path("phrases/<int:pk>/delete/", phrases.phrase_delete, name="phrase_delete"),
    path("calls/", include("activities.call_urls")),
    path("", include("activities.quiet_urls")),
    path("silence/", silences.SilenceList.as_view(), name="silence_list"),
    path("", include(worry_urls.urlpatterns)),
    path("", include(incident_urls.urlpatterns)),
    path("", include(event_urls.urlpatterns)),
    path("awards/", include(award_urls.urlpatterns)),
    path("", include(support_urls.urlpatterns)),
    path("family/", include(family_urls.urlpatterns)),
]
panels.register_all()
remark_panels.register_all()
event_panels.register_all()
left_open_panel.register_all()
support_panels.register_all()
family_panel.register_all()
