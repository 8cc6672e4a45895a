"""Personal fields of monthly forms and appraisals; reports themselves hold figures."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass

personal(
    "reports.MonthlyForm",
    purpose="每月小结关爱情况",
    data=DataClass.CARE,
    sensitivity=3,
    required="month",
    optional="conduct problems next_steps handed_in_on",
)
personal(
    "reports.Appraisal",
    purpose="考核代理家长",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="points state",
    optional="total manual_points manual_reason comment",
)
