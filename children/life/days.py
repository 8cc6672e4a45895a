"""The days on which something about a pupil can lie."""

from datetime import date


def before_birth(name: str, birth: str, day: date) -> str:
    """Why nothing about a pupil lies on a day before the birth, as far as that is known (2016-05); empty if it can."""
    return f"{name}出生于{birth}，日期不能更早。" if birth and day.isoformat() < birth else ""
