"""Whether the access log is whole: every line chained to the one before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caretrack.access.log import first_broken
from caretrack.access.models import AccessEntry


class Command(BaseCommand):
    help = "Check the keyed chain of the access log; fails with the number of the first line that does not fit."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = first_broken()
        if broken is not None:
            raise CommandError(f"The access log does not fit from entry {broken} on.")
        last = AccessEntry.objects.order_by("-pk").first()
        head = last.chain[:8] if last else "—"
        self.stdout.write(f"{AccessEntry.objects.count()} entries, all whole. Head of the chain: {head}")
