"""Pages of pairing, one file a page group."""

from mentoring.views.mentors import MentorAdd, MentorEdit, mentor_list
from mentoring.views.pairings import PairingAdd, PairingEnd, PairingList

__all__ = ["MentorAdd", "MentorEdit", "PairingAdd", "PairingEnd", "PairingList", "mentor_list"]
