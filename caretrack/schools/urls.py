"""The way in has names of its own; the rest is schools:…"""

from django.urls import include, path

from caretrack.schools.views import calendar, entry, panels, people, settings
from caretrack.web import workbench

pages = [
    path("policy/", entry.Policy.as_view(), name="policy"),
    path("staff/", people.StaffList.as_view(), name="staff_list"),
    path("staff/new/", people.StaffAdd.as_view(), name="staff_add"),
    path("staff/<int:pk>/", people.staff_show, name="staff_show"),
    path("staff/<int:pk>/edit/", people.StaffEdit.as_view(), name="staff_edit"),
    path("staff/<int:pk>/slip/", people.staff_slip, name="staff_slip"),
    path("staff/<int:pk>/appoint/", people.AppointmentAdd.as_view(), name="appointment_add"),
    path("appointments/<int:pk>/end/", people.AppointmentEnd.as_view(), name="appointment_end"),
    path("schools/", settings.school_show, name="school_show"),
    path("schools/<int:pk>/edit/", settings.SchoolEdit.as_view(), name="school_edit"),
    path("schools/<int:pk>/calendar/", calendar.SchoolCalendar.as_view(), name="school_calendar"),
    path("school-days/<int:pk>/drop/", calendar.school_day_drop, name="school_day_drop"),
    path("terms/new/", settings.TermAdd.as_view(), name="term_add"),
    path("terms/<int:pk>/edit/", settings.TermEdit.as_view(), name="term_edit"),
    path("classes/new/", settings.ClassAdd.as_view(), name="class_add"),
    path("access-log/", settings.AccessLog.as_view(), name="access_log"),
]

urlpatterns = [
    path("login/", entry.LogIn.as_view(), name="login"),
    path("logout/", entry.LogOut.as_view(), name="logout"),
    path("setup/", entry.SetUp.as_view(), name="setup"),
    path("password/", entry.ChangePassword.as_view(), name="password_change"),
    path("office/", include((pages, "schools"))),
]
workbench.register(panels.office, 70)
