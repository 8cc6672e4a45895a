"""Daily rolls and cases against dropping out."""

from django.urls import path

from activities.views import absence, dropout

urlpatterns = [
    path("absence/", absence.absence_home, name="absence_home"),
    path("absence/panel/", absence.absence_panel, name="absence_panel"),
    path("absence/month/", absence.absence_month, name="absence_month"),
    path("absence/<int:pk>/<str:on>/", absence.AbsenceClass.as_view(), name="absence_class"),
    path("absence/<int:pk>/<str:on>/full/", absence.absence_full, name="absence_full"),
    path("absence/called/<int:pk>/<slug:outcome>/", absence.absence_called, name="absence_called"),
    path("dropout/", dropout.CaseList.as_view(), name="case_list"),
    path("dropout/open/<int:pk>/", dropout.CaseOpen.as_view(), name="case_open"),
    path("dropout/<int:pk>/", dropout.case_show, name="case_show"),
    path("dropout/<int:pk>/step/", dropout.CaseStepAdd.as_view(), name="case_step_add"),
    path("dropout/<int:pk>/withdraw/", dropout.CaseWithdraw.as_view(), name="case_withdraw"),
    path("dropout/<int:pk>/close/", dropout.CaseClose.as_view(), name="case_close"),
    path("dropout/<int:pk>/letter/<str:what>/", dropout.case_letter, name="case_letter"),
]
