"""The numbers to call first, as a school has set them; the national ones always (domain §11.4)."""

from dataclasses import dataclass

from activities.models import CareRules
from caretrack.schools.models import School


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
    wanted = [("报警", "110"), ("急救", "120")]
    if school is not None:
        wanted += [
            ("学校值班领导", school.duty_phone),
            ("派出所", school.police_phone),
            ("卫生院", school.clinic_phone),
            ("教育局", rules.education_phone),
            ("民政（儿童督导员）", rules.civil_phone),
            ("乡镇值班", rules.township_phone),
            ("未成年人保护热线", school.protection_hotline),
        ]
    wanted.append(("青少年服务台", "12355"))
    return [Number(whom, number) for whom, number in wanted if number]
