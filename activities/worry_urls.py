"""Worries and what comes of them; warnings and levels beside them."""

from django.urls import include, path

from activities import absence_urls, alert_urls, night_urls
from activities.views import safety, safety_panels, worries

urlpatterns = [
    path("safety/", safety.safety, name="safety"),
    path("worries/", worries.WorryList.as_view(), name="worry_list"),
    path("worries/add/", worries.WorryAdd.as_view(), name="worry_add"),
    path("worries/names/", worries.worry_names, name="worry_names"),
    path("worries/mine/", worries.WorryMine.as_view(), name="worry_mine"),
    path("worries/mine/<int:pk>/", worries.worry_own, name="worry_own"),
    path("worries/mine/<int:pk>/told/<str:to>/", worries.worry_told, name="worry_told"),
    path("worries/mine/<int:pk>/told/<int:line>/back/", worries.worry_untold, name="worry_untold"),
    path("worries/<int:pk>/", worries.worry_show, name="worry_show"),
    path("worries/<int:pk>/take/", worries.worry_take, name="worry_take"),
    path("worries/<int:pk>/handle/", worries.WorryHandle.as_view(), name="worry_handle"),
    path("worries/<int:pk>/dismiss/", worries.WorryDismiss.as_view(), name="worry_dismiss"),
    path("", include(alert_urls.urlpatterns)),
    path("", include(absence_urls.urlpatterns)),
    path("", include(night_urls.urlpatterns)),
]
safety_panels.register_all()
