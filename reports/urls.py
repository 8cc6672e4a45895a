"""Addresses of reports and prints: the months of a unit, the summaries of a school, the print centre."""

from django.urls import include, path, register_converter

from caretrack.web import workbench
from reports.views import (
    cards,
    cells,
    growth,
    ledger,
    month_acts,
    month_panel,
    monthly_forms,
    months,
    prints,
    registration,
    semesters,
    signing,
    statistics,
    submitted,
    workbooks,
)


class UnitCode:
    """A school (s3) or a class (c12)."""

    regex = "[sc][1-9][0-9]{0,17}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class MonthKey:
    """A reporting month (2026-11)."""

    regex = "20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(UnitCode, "unit")
register_converter(MonthKey, "month")

app_name = "reports"
MONTH = "months/<unit:unit>/<month:month>/"
SEMESTER = "semesters/<int:pk>/"
urlpatterns = [
    path("", months.month_list, name="month_list"),
    path(MONTH, months.month, name="month"),
    path(f"{MONTH}pdf/", months.month_pdf, name="month_pdf"),
    path(f"{MONTH}cells/<int:scope>/<str:key>/", cells.cell_list, name="cell_list"),
    path(f"{MONTH}text/", month_acts.MonthText.as_view(), name="month_text"),
    path(f"{MONTH}open/", month_acts.month_open, name="month_open"),
    path(f"{MONTH}submit/", month_acts.month_submit, name="month_submit"),
    path(f"{MONTH}approve/", month_acts.month_approve, name="month_approve"),
    path(f"{MONTH}return/", month_acts.MonthReturn.as_view(), name="month_return"),
    path(f"{MONTH}reopen/", month_acts.MonthReopen.as_view(), name="month_reopen"),
    path("submitted/", submitted.submitted_list, name="submitted_list"),
    path("submitted/programmes/", submitted.submitted_programmes, name="submitted_programmes"),
    path("submitted/<int:pk>/", submitted.submitted_show, name="submitted_show"),
    path("semesters/", semesters.semester_list, name="semester_list"),
    path(SEMESTER, semesters.semester, name="semester"),
    path(f"{SEMESTER}pdf/", semesters.semester_pdf, name="semester_pdf"),
    path(f"{SEMESTER}take/", semesters.SemesterTake.as_view(), name="semester_take"),
    path(f"{SEMESTER}text/", semesters.SemesterText.as_view(), name="semester_text"),
    path(f"{SEMESTER}submit/", semesters.semester_submit, name="semester_submit"),
    path(f"{SEMESTER}approve/", semesters.semester_approve, name="semester_approve"),
    path(f"{SEMESTER}return/", semesters.SemesterReturn.as_view(), name="semester_return"),
    path(f"{SEMESTER}reopen/", semesters.SemesterReopen.as_view(), name="semester_reopen"),
    path("", include("reports.change_urls")),
    path("forms/<int:pk>/<month:month>/", monthly_forms.MonthlyFormPage.as_view(), name="monthly_form"),
    path("statistics/", statistics.class_table, name="class_table"),
    path("statistics/cells/<int:scope>/<str:key>/", statistics.statistics_cell, name="statistics_cell"),
    path("statistics/print/", statistics.class_table_print, name="class_table_print"),
    path("statistics/export/", statistics.class_table_export, name="class_table_export"),
    path("statistics/civil/", statistics.civil_summary, name="civil_summary"),
    path("statistics/civil/print/", statistics.civil_print, name="civil_print"),
    path("statistics/civil/export/", statistics.civil_export, name="civil_export"),
    path("statistics/ledger/", ledger.ledger, name="ledger"),
    path("statistics/ledger/print/", ledger.ledger_print, name="ledger_print"),
    path("statistics/ledger/export/", ledger.ledger_export, name="ledger_export"),
    path("prints/", prints.print_centre, name="print_centre"),
    path("prints/classes/<int:pk>/", prints.print_class, name="print_class"),
    path("prints/classes/<int:pk>/cards/", prints.class_cards, name="class_cards"),
    path("prints/classes/<int:pk>/forms/<month:month>/", prints.class_forms, name="class_forms"),
    path("prints/classes/<int:pk>/family-cards/", cards.class_family_cards, name="class_family_cards"),
    path("prints/papers/<slug:kind>/", signing.sign_print, name="sign_print"),
    path("prints/cards/", cards.CardList.as_view(), name="card_list"),
    path("prints/cards/print/", cards.card_print, name="card_print"),
    path("prints/cards/hand-out/", cards.card_hand_out, name="card_hand_out"),
    path("prints/cards/copies/<int:pk>/collect/", cards.card_collect, name="card_collect"),
    path("prints/registration/", registration.registration, name="registration"),
    path("prints/registration/blank/", registration.registration_blank, name="registration_blank"),
    path("prints/children/<int:pk>/registration/", registration.child_registration, name="child_registration"),
    path("prints/workbooks/", workbooks.Workbooks.as_view(), name="workbooks"),
    path("prints/mentees/", prints.print_mentees, name="print_mentees"),
    path("prints/mentees/forms/<month:month>/", prints.mentee_forms, name="mentee_forms"),
    path("prints/children/<int:pk>/card/", prints.child_card, name="child_card"),
    path("prints/classes/<int:pk>/papers/", growth.class_papers, name="class_papers"),
    path("prints/children/<int:pk>/", growth.child_papers, name="child_papers"),
    path("prints/children/<int:pk>/growth-file/", growth.child_growth_file, name="child_growth_file"),
    path("prints/children/<int:pk>/cards/", cards.card_show, name="card_show"),
    path("prints/children/<int:pk>/family-card/", cards.child_family_card, name="child_family_card"),
    path("prints/children/<int:pk>/dossier/", prints.child_dossier, name="child_dossier"),
    path("prints/children/<int:pk>/form/<month:month>/", prints.child_form, name="child_form"),
]
workbench.register(month_panel.months_due, 4)
workbench.register(month_panel.months_missing, 4)
