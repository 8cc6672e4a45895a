from caretrack.schools.models.school import School, SchoolClass, SchoolDay, Stage, Term
from caretrack.schools.models.staff import Appointment, LoginAttempt, Staff

__all__ = ["Appointment", "LoginAttempt", "School", "SchoolClass", "SchoolDay", "Staff", "Stage", "Term"]
