"""Personal fields of what school and family tell each other."""

from caretrack.access.catalogue import personal
from caretrack.access.policy import DataClass

personal(
    "activities.FamilyFeedback",
    purpose="每月向外出父母反馈孩子情况",
    data=DataClass.CARE,
    required="month",
    optional="words next_step",
)
