from caretrack.schools.models.school import School, SchoolClass, Stage, Term
from caretrack.schools.models.staff import Appointment, LoginAttempt, Staff

__all__ = ["Appointment", "LoginAttempt", "School", "SchoolClass", "Staff", "Stage", "Term"]
