"""The numbers to call first, as a school has set them; the national ones always (domain §11.4)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from activities.models import CareRules, IncidentReport, Worry
from activities.worries import readers
from caretrack.schools.models import School

To = IncidentReport.To


@dataclass(frozen=True)
class Number:
    """One number: whom one reaches, the number as it is read, and as a telephone dials it."""

    whom: str
    number: str

    @property
    def dial(self) -> str:
        return "".join(sign for sign in self.number if sign.isdigit() or sign == "+")


def first_numbers(school: School | None, rules: CareRules) -> list[Number]:
    """Police and ambulance first, then those of the school's own leaders and offices; unset ones are left out."""
    return [number for _, number in _known(school, rules)]


def numbers_of(school: School, rules: CareRules, on: date) -> dict[str, list[Number]]:
    """
    By `IncidentReport.To` the numbers under which each is reached, so that a finder who has to tell them need not look.

    The head's is the own number of whoever is 校长 on the day. Under OTHER stand those that no step of the chain names.
    """
    found: dict[str, list[Number]] = defaultdict(list)
    for to, number in _known(school, rules):
        found[to].append(number)
    found[To.HEAD] = [Number(one.name, one.phone) for one in readers(school, Worry.To.PRINCIPAL, on) if one.phone]
    return found


def _known(school: School | None, rules: CareRules) -> list[tuple[str, Number]]:
    wanted = [(To.POLICE, "报警", "110"), (To.HEALTH, "急救", "120")]
    if school is not None:
        wanted += [
            (To.DUTY, "学校值班领导", school.duty_phone),
            (To.POLICE, "派出所", school.police_phone),
            (To.HEALTH, "卫生院", school.clinic_phone),
            (To.EDUCATION, "教育局", rules.education_phone),
            (To.CIVIL, "民政（儿童督导员）", rules.civil_phone),
            (To.OTHER, "乡镇值班", rules.township_phone),
            (To.OTHER, "未成年人保护热线", school.protection_hotline),
        ]
    wanted.append((To.OTHER, "青少年服务台", "12355"))
    return [(to, Number(whom, number)) for to, whom, number in wanted if number]
