"""How an account is found that is signed in: by a question whose SQL is ready, because every request asks it."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from caretrack.fixed import fixed
from caretrack.schools.models import Staff


class StaffBackend(ModelBackend):
    """Django's, with its rules for passwords and closed accounts."""

    def get_user(self, user_id: int) -> Staff | None:
        """The account of a session; None when it is gone or closed."""
        found = next(iter(_account(int(user_id))), None)
        return found if found is not None and self.user_can_authenticate(found) else None


@fixed
def _account(staff: int) -> QuerySet[Staff]:
    return Staff.objects.filter(pk=staff)
