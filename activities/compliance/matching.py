"""Which deed is whose, where several things ask for the like of it and each deed counts for one of them only."""

from collections.abc import Sequence


class Claims:
    """
    Who claims first is served as long as everybody served so far can be kept so, with the same deed or another.

    Deeds are numbers; `holder` says who (a number too) has which.
    """

    def __init__(self) -> None:
        self.holder: dict[int, int] = {}
        self._wanted: dict[int, Sequence[int]] = {}

    def claim(self, who: int, deeds: Sequence[int]) -> bool:
        """Give `who` one of `deeds`; whoever held it moves to another of those that were claimed then. False if none."""
        self._wanted[who] = deeds
        if self._served(who, set()):
            return True
        del self._wanted[who]
        return False

    def _served(self, who: int, tried: set[int]) -> bool:
        for deed in self._wanted[who]:
            if deed in tried:
                continue
            tried.add(deed)
            if deed not in self.holder or self._served(self.holder[deed], tried):
                self.holder[deed] = who
                return True
        return False
