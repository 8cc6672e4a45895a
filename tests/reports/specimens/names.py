"""Names and the imprint that all invented papers share."""

from datetime import datetime

from reports.builders.paper import Imprint

SCHOOL = "青石镇中心小学"
IMPRINT = Imprint("赵文静", datetime(2026, 1, 20, 15, 32))  # noqa: DTZ001 - shown, never compared
NAMES = ("陈欣怡", "罗浩宇", "吴玥", "欧阳喆", "阿依古丽·买买提", "杨子涵", "周昇", "龙䶮", "石珺", "韦小兰")
