"""What the forms of a school's activities, meetings, groups and campaigns share: whose school the new row is."""

from collections.abc import Sequence
from typing import Any

from django import forms

from caretrack.schools.models import School
from caretrack.web.forms import CareForm


class OfSchoolForm(CareForm, forms.ModelForm):
    """A row with a `school`: asked for a new row by somebody of several schools, else there is nothing to choose."""

    def ask_school(self, schools: Sequence[School]) -> None:
        """Offer `schools` for a new row. The only one is set without a field; a row that stands keeps its own."""
        if self.instance.pk is None and len(schools) != 1:
            choice: Any = self.fields["school"]
            choice.queryset = School.objects.filter(pk__in=[school.pk for school in schools])
            return
        del self.fields["school"]
        if self.instance.pk is None:
            self.instance.school = schools[0]

    def school_fields(self) -> list[str]:
        """For the layout: the field of the school where it is asked."""
        return ["school"] if "school" in self.fields else []
