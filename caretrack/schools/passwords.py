"""Password hashing and rules for shared office PCs."""

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError


class Argon2Modest(Argon2PasswordHasher):
    """Argon2id with 46 MiB: Django's 100 MiB a log-in would exhaust a 4 GB office PC at eight o'clock."""

    time_cost = 2
    memory_cost = 46 * 1024
    parallelism = 1


class ChineseHabitsValidator:
    """Refuses what is guessed first in a Chinese school: keyboard rows, lucky numbers, the product's and own name."""

    FRAGMENTS = (
        "woaini",
        "5201314",
        "caretrack",
        "qwerty",
        "1qaz2wsx",
        "123456",
        "888888",
        "666666",
        "abc123",
        "password",
    )

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a Chinese sentence."""
        low = password.lower()
        if any(fragment in low for fragment in self.FRAGMENTS) or len(set(low)) < 5:
            raise ValidationError("这个密码太容易被猜到：请不要用连续数字、重复字符或常见组合。", code="guessable")
        phone = getattr(user, "phone", "")
        if phone and phone in password:
            raise ValidationError("密码里不要包含自己的电话号码。", code="phone")

    def get_help_text(self) -> str:
        return "至少 10 个字符，可以是一句容易记的话；不要用连续数字、姓名拼音或电话号码。"
