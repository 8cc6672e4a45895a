"""评优表彰: rounds, nominations, decisions, papers."""

from django.urls import path

from activities.views import honour_panel, honour_papers, honour_steps, honour_verdicts, honours, nominations
from caretrack.web import workbench

urlpatterns = [
    path("", honours.RoundList.as_view(), name="award_round_list"),
    path("new/", honours.RoundAdd.as_view(), name="award_round_add"),
    path("<int:pk>/", honours.RoundShow.as_view(), name="award_round_show"),
    path("<int:pk>/edit/", honours.RoundEdit.as_view(), name="award_round_edit"),
    path("<int:pk>/delete/", honour_steps.RoundDelete.as_view(), name="award_round_delete"),
    path("<int:pk>/publish/", honour_steps.RoundPublish.as_view(), name="award_round_publish"),
    path("<int:pk>/honour/", honour_steps.RoundHonour.as_view(), name="award_round_honour"),
    path("<int:pk>/back/", honour_steps.RoundBack.as_view(), name="award_round_back"),
    path("<int:pk>/kinds/new/", honours.KindAdd.as_view(), name="award_kind_add"),
    path("kinds/<int:pk>/edit/", honours.KindEdit.as_view(), name="award_kind_edit"),
    path("kinds/<int:pk>/delete/", honours.kind_delete, name="award_kind_delete"),
    path("kinds/<int:pk>/candidates/", nominations.CandidateList.as_view(), name="award_candidates"),
    path("kinds/<int:pk>/children/<int:child>/", nominations.NominateChild.as_view(), name="award_nominate_child"),
    path("kinds/<int:pk>/mentors/<int:mentor>/", nominations.NominateMentor.as_view(), name="award_nominate_mentor"),
    path("kinds/<int:pk>/decide/", honour_verdicts.KindDecide.as_view(), name="award_decide"),
    path("nominations/<int:pk>/", nominations.nomination_show, name="nomination_show"),
    path("nominations/<int:pk>/edit/", nominations.NominationEdit.as_view(), name="nomination_edit"),
    path("nominations/<int:pk>/withdraw/", nominations.nomination_withdraw, name="nomination_withdraw"),
    path("nominations/<int:pk>/objection/", honour_verdicts.NominationObjection.as_view(), name="nomination_objection"),
    path("<int:pk>/list/", honour_papers.public_list, name="award_list_print"),
    path("<int:pk>/certificates/", honour_papers.certificates, name="award_certificates"),
    path("<int:pk>/export/", honour_papers.round_export, name="award_export"),
]
workbench.register(honour_panel.honours, 42)
