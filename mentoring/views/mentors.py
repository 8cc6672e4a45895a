"""The list of mentors: load, yearly check, particulars."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.versions import KeepsVersion
from mentoring.forms.mentors import MentorEditForm, MentorForm
from mentoring.models import Mentor
from mentoring.services import add_mentor
from mentoring.standing import CheckState, standings
from mentoring.views.reach import AtOneSchool, mentors_of
from mentoring.views.tabs import tabs


@require_safe
@allows(Act.PAIRING_VIEW)
def mentor_list(request: HttpRequest) -> HttpResponse:
    """Who is a mentor, how many children each has, until when the check for offences holds."""
    today = timezone.localdate()
    rows = [
        {
            "mentor": row.mentor,
            "load": row.load,
            "limit": row.limit,
            "over": row.load > row.limit,
            "check": row.check,
            "fit_check": row.check in {CheckState.VALID, CheckState.SOON},
            "absence": row.absence,
            "gone": row.gone,
        }
        for row in standings(mentors_of(request.user, Act.PAIRING_VIEW, today), today)
    ]
    may_edit = request.user.may(Act.PAIRING_EDIT)  # type: ignore[union-attr]
    return render(
        request,
        "mentoring/mentor_list.html",
        {"rows": rows, "may_edit": may_edit, "tabs": tabs("mentor_list", request.user)},
    )


@allows(Act.PAIRING_EDIT)
class MentorAdd(AtOneSchool):
    """Put a member of staff or somebody from outside on the list."""

    form_class = MentorForm
    heading = "添加代理家长"
    crumbs = (("结对", "mentoring:board"), ("代理家长", "mentoring:mentor_list"))
    cancel_url = success_url = "mentoring:mentor_list"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"school": self.school, "today": timezone.localdate()}

    def save(self, form: Any) -> Mentor:
        return add_mentor(school=self.school, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]

    def get_saved_text(self, result: Mentor) -> str:
        return f"{result}已列入代理家长名单。"


@allows(Act.PAIRING_EDIT)
class MentorEdit(KeepsVersion):
    """Correct a mentor's particulars, above all the date of the yearly check."""

    form_class = MentorEditForm
    crumbs = (("结对", "mentoring:board"), ("代理家长", "mentoring:mentor_list"))
    cancel_url = success_url = "mentoring:mentor_list"

    def find_row(self) -> Mentor:
        mine = mentors_of(self.request.user, Act.PAIRING_EDIT, timezone.localdate())
        return get_object_or_404(mine, pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"修改代理家长{self.row}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"school": self.row.school, "today": timezone.localdate()}

    def get_saved_text(self, result: Mentor) -> str:
        return f"{result}的资料已保存。"
