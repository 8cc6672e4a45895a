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
personal(
    "activities.LetterText",
    purpose="致家长的信的文本",
    data=DataClass.FIGURES,
    required="kind title text number made_on",
    optional="question options retired_on",
)
personal(
    "activities.HomeLetter",
    purpose="给家长的信和回执",
    data=DataClass.CONTACT,
    required="on",
    optional="return_by returned_on choice",
)
personal(
    "activities.Suggestion",
    purpose="听取家长建议并答复",
    data=DataClass.CONTACT,
    required="given_by on about text answer_by",
    optional="answer answered_on told_on",
)
personal(
    "activities.ParentPromise",
    purpose="跟进外出父母答应的联系和回家",
    data=DataClass.CONTACT,
    required="agreed_on",
)
