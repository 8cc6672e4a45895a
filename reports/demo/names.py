"""Names that a register must get right: surnames read otherwise than they look, two-character ones, ones with ·."""

from dataclasses import dataclass

from reports.demo.households import Household


@dataclass(frozen=True)
class RareName:
    """A pupil's name with its surname, sex and people; `father` where his name does not begin with the surname."""

    name: str
    surname: str
    male: bool
    ethnic: str = "01"
    father: str = ""


RARE = (
    RareName("单志华", "单", male=True),
    RareName("解语桐", "解", male=False),
    RareName("仇念慈", "仇", male=False),
    RareName("曾启航", "曾", male=True, ethnic="08"),
    RareName("阿依努尔·买买提", "阿依努尔", male=False, ethnic="05", father="买买提·吐尔逊"),
    RareName("盖明轩", "盖", male=True),
    RareName("区若兰", "区", male=False),
    RareName("欧阳宇航", "欧阳", male=True),
    RareName("沙马·拉且", "沙马", male=True, ethnic="07", father="沙马·木呷"),
    RareName("查佳怡", "查", male=False),
    RareName("覃乐瑶", "覃", male=False, ethnic="08"),
    RareName("尉迟文博", "尉迟", male=True),
)


class RareNames:
    """Hands them out once each, to first children of a household, one a class."""

    def __init__(self) -> None:
        self.left = list(RARE)

    def take(self, home: Household, number: int) -> RareName | None:
        """The next name for pupil `number` of a class, and the household renamed after it; usually None."""
        if number != 6 or home.kids > 1 or not self.left:
            return None
        rare = self.left.pop(0)
        for adult in (home.father, *home.elders):
            if adult.name.startswith(home.surname):
                adult.name = rare.surname + adult.name.removeprefix(home.surname)
        if rare.father:
            home.father.name = rare.father
        home.surname, home.minority = rare.surname, rare.ethnic
        return rare
