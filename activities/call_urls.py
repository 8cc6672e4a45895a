"""亲情电话和视频."""

from django.urls import path

from activities.views.calls import board, duty, looks, panels, setup

urlpatterns = [
    path("", board.call_board, name="call_board"),
    path("new/", board.call_pick, name="call_pick"),
    path("new/<int:pk>/", board.CallBook.as_view(), name="call_book"),
    path("<int:pk>/cancel/", board.call_cancel, name="call_cancel"),
    path("day/", duty.call_day, name="call_day"),
    path("<int:pk>/log/<slug:outcome>/", duty.call_log, name="call_log"),
    path("<int:pk>/number/", duty.call_number, name="call_number"),
    path("looks/", looks.CallLooks.as_view(), name="call_looks"),
    path("print/<slug:paper>/", duty.call_print, name="call_print"),
    path("notice/", setup.call_notice, name="call_notice"),
    path("setup/", setup.CallSetup.as_view(), name="call_setup"),
    path("setup/lines/new/", setup.LineAdd.as_view(), name="call_line_add"),
    path("setup/lines/<int:pk>/", setup.LineEdit.as_view(), name="call_line_edit"),
    path("numbers/<int:pk>/", setup.number_list, name="call_numbers"),
    path("numbers/<int:pk>/<int:phone>/<slug:answer>/", setup.number_decide, name="call_number_decide"),
    path("check/", setup.CallCheckPage.as_view(), name="call_check"),
]
panels.register_all()
