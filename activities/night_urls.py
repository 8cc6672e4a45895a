"""The evening roll of the dormitories."""

from django.urls import path

from activities.views import night, night_duty

urlpatterns = [
    path("nights/", night.night_home, name="night_home"),
    path("nights/rest/", night.night_rest, name="night_rest"),
    path("nights/month/", night.night_month_show, name="night_month"),
    path("nights/print/", night.night_print, name="night_print"),
    path("nights/duty/", night_duty.NightDutyPage.as_view(), name="night_duty"),
    path("nights/duty/<int:pk>/end/", night_duty.night_duty_end, name="night_duty_end"),
    path("nights/rooms/<str:room>/", night.NightRoom.as_view(), name="night_room"),
    path("nights/rooms/<str:room>/full/", night.night_full, name="night_full"),
    path("nights/<int:pk>/raise/", night.night_raise, name="night_raise"),
    path("nights/<int:pk>/verify/", night.NightVerify.as_view(), name="night_verify"),
]
