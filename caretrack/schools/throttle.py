"""
Slowing down guessing without ever locking anybody out (security requirements §3.2).

A name from one address waits after five failures in 15 minutes; an address that fails on more than 15 different
names in ten minutes waits too. Waits grow to 15 minutes and end by themselves.
"""

from datetime import timedelta

from django.utils import timezone

from caretrack.schools.models import LoginAttempt

WINDOW = timedelta(minutes=15)
FREE_TRIES = 5
SPRAY_WINDOW = timedelta(minutes=10)
SPRAY_NAMES = 15
SPRAY_WAIT = timedelta(seconds=5)
KEPT = timedelta(days=1)


def wait_left(username: str, address: str) -> timedelta:
    """How long this name from this address has still to wait; zero or less means try."""
    now = timezone.now()
    tries = LoginAttempt.objects.filter(username=username.lower()[:40], address=address, at__gte=now - WINDOW)
    moments = sorted(tries.values_list("at", flat=True))
    waits = []
    if len(moments) >= FREE_TRIES:
        minutes = min(2 ** (len(moments) - FREE_TRIES), 15)
        waits.append(moments[-1] + timedelta(minutes=minutes) - now)
    sprayed = LoginAttempt.objects.filter(address=address, at__gte=now - SPRAY_WINDOW)
    if sprayed.values("username").distinct().count() > SPRAY_NAMES:
        last = sprayed.order_by("-at").values_list("at", flat=True).first()
        waits.append(last + SPRAY_WAIT - now if last else timedelta(0))
    return max(waits, default=timedelta(0))


def note_failure(username: str, address: str) -> None:
    """Remember a failed try; rows older than a day go."""
    LoginAttempt.objects.filter(at__lt=timezone.now() - KEPT).delete()
    LoginAttempt.objects.create(username=username.lower()[:40], address=address)


def note_success(username: str, address: str) -> None:
    """A right password ends the count of this name from this address."""
    LoginAttempt.objects.filter(username=username.lower()[:40], address=address).delete()
