"""Pages of programmes, what they oblige to, and excuses; included by activities.urls."""

from django.urls import path

from activities.views import check_ins, duties, duty_panels, duty_papers, goals, programmes, taking_back, waivers
from caretrack.web import workbench

urlpatterns = [
    path("programmes/", duties.duty_matrix, name="duty_matrix"),
    path("programmes/groups/", duties.duty_groups, name="duty_groups"),
    path("programmes/children/<int:pk>/", duties.child_duties, name="child_duties"),
    path("programmes/print/", duty_papers.duty_print, name="duty_print"),
    path("programmes/export/", duty_papers.duty_export, name="duty_export"),
    path("programmes/list/", programmes.programme_list, name="programme_list"),
    path("programmes/adopt/<int:school>/<slug:code>/", programmes.ProgrammeAdopt.as_view(), name="programme_adopt"),
    path("programmes/found/<int:school>/", programmes.ProgrammeFound.as_view(), name="programme_found"),
    path("programmes/<int:pk>/stop/", programmes.ProgrammeStop.as_view(), name="programme_stop"),
    path("programmes/<int:pk>/resume/", programmes.programme_resume, name="programme_resume"),
    path("programmes/<int:pk>/items/new/", programmes.ItemAdd.as_view(), name="item_add"),
    path("programmes/items/<int:pk>/edit/", programmes.ItemEdit.as_view(), name="item_edit"),
    path("programmes/items/<int:pk>/remove/", programmes.ItemRemove.as_view(), name="item_remove"),
    path("programmes/items/<int:pk>/keep/", programmes.item_keep, name="item_keep"),
    path("programmes/waivers/", waivers.WaiverList.as_view(), name="waiver_list"),
    path("programmes/waivers/new/", waivers.WaiverAdd.as_view(), name="waiver_add"),
    path("programmes/waivers/<int:pk>/drop/", waivers.waiver_drop, name="waiver_drop"),
    path("programmes/goals/", goals.GoalList.as_view(), name="goal_list"),
    path("programmes/goals/classes/<int:pk>/set/", goals.GoalsSet.as_view(), name="goals_set"),
    path("programmes/goals/classes/<int:pk>/look/", goals.GoalsLook.as_view(), name="goals_look"),
    path("programmes/goals/classes/<int:pk>/print/", goals.goals_print, name="goals_print"),
    path("programmes/goals/<int:pk>/", waivers.GoalEdit.as_view(), name="goal_edit"),
    path("programmes/goals/<int:child>/<int:item>/", waivers.GoalAdd.as_view(), name="goal_add"),
    path("programmes/check-ins/", check_ins.CheckInList.as_view(), name="check_in_list"),
    path("programmes/check-ins/print/", check_ins.check_in_print, name="check_in_print"),
    path("programmes/check-ins/children/<int:pk>/", check_ins.CheckInAdd.as_view(), name="check_in_add"),
    path("programmes/check-ins/<int:pk>/", check_ins.check_in_show, name="check_in_show"),
    path("programmes/check-ins/<int:pk>/take-back/", taking_back.CheckInTakeBack.as_view(), name="check_in_take_back"),
]
workbench.register(duty_panels.duties, 25)
