"""Single fields are sealed; long texts are packed before, since a plan of a thousand rows says much the same again."""

import pytest

from caretrack.access.crypto import LONG, Unreadable, decrypt, encrypt, is_sealed

CONTEXT = "children.importchunk.plan"
PLAN = "家庭住址：河湾村8组；" * (LONG // 10)


@pytest.mark.parametrize("text", ["", "父亲在外", PLAN], ids=["empty", "short", "long"])
def test_what_was_sealed_opens_again(text: str) -> None:
    sealed = encrypt(text, context=CONTEXT)
    assert decrypt(sealed, context=CONTEXT) == text
    assert is_sealed(sealed) == bool(text)


def test_a_long_text_takes_less_room_than_it_has_characters() -> None:
    assert len(encrypt(PLAN, context=CONTEXT)) < len(PLAN) / 10


@pytest.mark.parametrize("text", ["父亲在外", PLAN], ids=["short", "long"])
def test_another_context_or_another_form_does_not_open(text: str) -> None:
    sealed = encrypt(text, context=CONTEXT)
    other_form = ("z1." if sealed.startswith("v1.") else "v1.") + sealed[3:]
    with pytest.raises(Unreadable):
        decrypt(sealed, context="children.importchunk.written")
    with pytest.raises(Unreadable):
        decrypt(other_form, context=CONTEXT)
    with pytest.raises(Unreadable):
        decrypt(text, context=CONTEXT)
