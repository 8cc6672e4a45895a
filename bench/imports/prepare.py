"""Fill an empty database with one school, its classes, a term and a registrar: python -m bench.imports.prepare PUPILS."""

import datetime as dt
import sys


def main(size: int) -> None:
    """Migrate the database of the environment and make the school."""
    import django

    django.setup()
    from django.core.management import call_command

    from bench.imports.rosters import GRADES, SCHOOL_YEAR, classes
    from caretrack.access.history import change_by
    from caretrack.access.policy import Role
    from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term

    call_command("migrate", interactive=False, verbosity=0)
    with change_by(None, "bench"):
        school = School.objects.create(name="云禾县青榕镇中心小学", short_name="中心小学", code="99000001")
        starts = dt.date(SCHOOL_YEAR, 9, 1)
        Term.objects.create(
            school=school, year=SCHOOL_YEAR, season=1, starts_on=starts, ends_on=dt.date(SCHOOL_YEAR + 1, 1, 20)
        )
        staff = Staff.objects.create(username="bench", name="岑老师")
        Appointment.objects.create(staff=staff, role=Role.REGISTRAR, school=school, starts_on=starts)
        SchoolClass.objects.bulk_create(
            SchoolClass(school=school, entry_year=SCHOOL_YEAR - grade + 1, number=number, graduates_year=SCHOOL_YEAR - grade + 7)
            for grade in range(1, len(GRADES) + 1)
            for number in range(1, classes(size) + 1)
        )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
