"""Charts of a summary drawn from their numbers, the same for page and paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from caretrack.charts import grouped_bars, horizontal_bars, lines
from reports.builders.semester import ChartData


@dataclass(frozen=True)
class DrawnChart:
    caption: str
    svg: SafeString


def draw(chart: ChartData) -> DrawnChart:
    """One chart; KeyError for a kind that does not exist."""
    series = {line.name: line.values for line in chart.series}
    if chart.kind == "shares":
        values = chart.series[0].values
        svg = horizontal_bars(
            list(zip(chart.labels, values, strict=True)),
            title=chart.caption,
            description=chart.description,
            unit=chart.unit,
        )
    else:
        shape = {"bars": grouped_bars, "lines": lines}[chart.kind]
        svg = shape(
            chart.labels, series, title=chart.caption, description=chart.description, unit=chart.unit, height=190
        )
    return DrawnChart(chart.caption, svg)


def drawn(charts: Sequence[ChartData]) -> tuple[DrawnChart, ...]:
    return tuple(draw(chart) for chart in charts)
