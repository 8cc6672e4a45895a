"""The totals above the lists: pupils, occurrences and money are counted apart (domain §7.10)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from children.models import Award

TEN_THOUSAND = Decimal(10_000)


def in_ten_thousands(amount: Decimal | None) -> str:
    """Yuan as the summary writes them: 12345.6 is 1.23."""
    return f"{(amount or Decimal(0)) / TEN_THOUSAND:.2f}"


def yuan(amount: Decimal | None) -> str:
    """Yuan with thousands and without useless zeros: 1,200 or 1,200.50."""
    text = f"{amount or Decimal(0):,.2f}"
    return text.removesuffix(".00")


@dataclass(frozen=True)
class HealthFigures:
    """Checks, pupils, and how far the second looks have come."""

    checks: int
    pupils: int
    to_follow_up: int
    open: int

    @property
    def done(self) -> int:
        return self.to_follow_up - self.open


@dataclass(frozen=True)
class AidFigures:
    """人数, 人次 and money of some grants; `programme` empty stands for all."""

    programme: str
    pupils: int
    occurrences: int
    amount: Decimal
    goods: int

    @property
    def yuan(self) -> str:
        return yuan(self.amount)

    @property
    def ten_thousands(self) -> str:
        return in_ten_thousands(self.amount)


@dataclass(frozen=True)
class AwardFigures:
    """人次 and 人数, and 人次 by level."""

    occurrences: int
    pupils: int
    by_scope: tuple[tuple[str, int], ...]


def health_figures(rows: QuerySet[Any]) -> HealthFigures:
    """The totals of some checks, in one statement."""
    wanted = Q(needs_follow_up=True)
    found = rows.order_by().aggregate(
        checks=Count("pk"),
        pupils=Count("child", distinct=True),
        to_follow_up=Count("pk", filter=wanted),
        open=Count("pk", filter=wanted & Q(followed_up_on__isnull=True)),
    )
    return HealthFigures(**found)


def aid_figures(rows: QuerySet[Any]) -> tuple[AidFigures, list[AidFigures]]:
    """The total of some grants and the totals by programme, most money first; two statements."""
    counts = {
        "pupils": Count("child", distinct=True),
        "occurrences": Count("pk"),
        "money": Sum("amount"),
        "things": Count("pk", filter=~Q(goods="")),
    }
    plain = rows.order_by()
    by_programme = [
        AidFigures(f["programme"], f["pupils"], f["occurrences"], f["money"] or Decimal(0), f["things"])
        for f in plain.values("programme").annotate(**counts)
    ]
    total = plain.aggregate(**counts)
    everything = AidFigures("", total["pupils"], total["occurrences"], total["money"] or Decimal(0), total["things"])
    return everything, sorted(by_programme, key=lambda f: (-f.amount, -f.occurrences, f.programme))


def award_figures(rows: QuerySet[Any]) -> AwardFigures:
    """The totals of some awards, in one statement."""
    scopes = {f"scope_{scope.value}": Count("pk", filter=Q(scope=scope)) for scope in Award.Scope}
    found = rows.order_by().aggregate(all=Count("pk"), pupils=Count("child", distinct=True), **scopes)
    by_scope = tuple((str(scope.label), found[f"scope_{scope.value}"]) for scope in Award.Scope)
    return AwardFigures(found["all"], found["pupils"], by_scope)
