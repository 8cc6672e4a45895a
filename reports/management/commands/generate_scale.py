"""Generate schools, children and records in bulk, to measure how the product behaves at size."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caretrack.schools.models import School, Staff
from reports.scale import Scale


class Command(BaseCommand):
    """See the module's first line."""

    help = "批量生成测试数据（每所学校约500名学生），用于测速。只在空的系统里运行，除非加 --append。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--children", type=int, required=True, metavar="N", help="学生总数")
        parser.add_argument(
            "--records-per-child", type=int, default=10, metavar="M", help="每名学生的关爱记录数，默认10"
        )
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="随机种子，相同的种子生成相同的数据")
        parser.add_argument("--append", action="store_true", help="系统里已有数据时仍然生成，接在后面")
        parser.add_argument("--today", type=date.fromisoformat, help="以这一天为“今天”（YYYY-MM-DD），默认当天")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted, each = options["children"], options["records_per_child"]
        if wanted < 1 or each < 0:
            raise CommandError("--children 至少为 1，--records-per-child 不能为负数。")
        if not options["append"] and (School.objects.exists() or Staff.objects.exists()):
            raise CommandError("系统里已有数据，不能生成测试数据。确实要接在后面，请加 --append。")
        begun = time.monotonic()
        scale = Scale(
            children=wanted,
            records_per_child=each,
            seed=options["seed"],
            today=options["today"] or timezone.localdate(),
            first_number=School.objects.count() + 1,
        )
        for made in scale.make():
            self.stdout.write(f"学生 {made}/{wanted}，记录 {made * each}，用时 {time.monotonic() - begun:.0f} 秒")
