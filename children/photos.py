"""
A child's photo: what is taken, what of it is kept, and whether the family agreed (security requirements §3.7).

Nothing of the sent file survives: it is decoded, turned upright, made small and written anew, so that place, time,
comments and anything hidden in it are gone.
"""

import uuid
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageOps

from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.consents import agreed
from children.models import Child, Consent

MAX_BYTES = 15 * 1024 * 1024
MEGAPIXEL = 1_000_000
MAX_PIXELS = {"JPEG": 64 * MEGAPIXEL, "PNG": 25 * MEGAPIXEL, "WEBP": 25 * MEGAPIXEL}
LONGEST_SIDE = 800
QUALITY = 82


def read_photo(file: IO[bytes], *, size: int, longest: int = LONGEST_SIDE) -> bytes:
    """
    The picture in `file` as a JPEG of at most `longest` pixels a side, without any of the sender's data.

    Raises ValidationError with what to do for a file that is too large, no picture, or a picture of another kind.
    """
    if size > MAX_BYTES:
        raise ValidationError(
            f"照片有 {size / 1024 / 1024:.0f} MB，超过 {MAX_BYTES // 1024 // 1024} MB。请在手机相册里“缩小”或截图后再选。"
        )
    if size == 0:
        raise ValidationError("这个文件是空的，请重新选择照片。")
    head = file.read(32)
    file.seek(0)
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheif"):
        raise ValidationError("这是苹果手机的 HEIC 格式，请在手机上另存为 JPEG 再上传（设置—相机—格式—兼容性最佳）。")
    try:
        with Image.open(file, formats=list(MAX_PIXELS)) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS[str(picture.format)]:
                raise ValidationError(f"照片尺寸 {width}×{height} 太大，请缩小后再上传。")
            if picture.format == "JPEG":
                picture.draft("RGB", (longest * 2, longest * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((longest, longest))
            flat = Image.new("RGB", upright.size, "white")
            rgba = upright.convert("RGBA")
            flat.paste(rgba, mask=rgba)
    except ValidationError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError("这个文件不是照片，或者已经损坏。请选 JPG、PNG 或 WEBP 格式的图片。") from error
    out = BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def photo_consent(child: Child) -> Consent | None:
    """What the family last said about a photo; None if nobody was asked."""
    return child.consents.filter(purpose=Consent.Purpose.PHOTO).order_by("-given_on", "-pk").first()


def photo_allowed(child: Child) -> bool:
    """Whether the family's last word on a photo is a consent that was not withdrawn (PIPL art. 15, 31)."""
    consent = photo_consent(child)
    return consent is not None and not consent.refused and consent.withdrawn_on is None


@transaction.atomic
def keep_photo(*, child: Child, file: Any) -> None:
    """
    Replace the child's photo by an uploaded file (with `size`).

    Raises ValidationError without consent, and as read_photo does. The old file goes after the commit.
    """
    if not photo_allowed(child):
        raise ValidationError("家长或监护人没有同意拍照存档，不能上传照片。请先登记知情同意。")
    picture = read_photo(file, size=file.size)
    old, storage = child.photo.name, child.photo.storage
    child.photo.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture), save=False)
    child.save(update_fields=["photo"])
    if old:
        transaction.on_commit(lambda: storage.delete(old))


@transaction.atomic
def remove_photo(*, child: Child) -> None:
    """Take the photo out of the dossier and off the disk."""
    old, storage = child.photo.name, child.photo.storage
    if not old:
        return
    child.photo = ""
    child.save(update_fields=["photo"])
    transaction.on_commit(lambda: storage.delete(old))


Withdrawal = Callable[[Child, date], None]
_withdrawals: dict[str, list[Withdrawal]] = {}


def on_withdrawal(purpose: Consent.Purpose, act: Withdrawal) -> None:
    """Enter what else rests on a consent: it is called when the family takes the consent back."""
    if act not in (acts := _withdrawals.setdefault(purpose, [])):
        acts.append(act)


@transaction.atomic
def withdraw_consent(*, consent: Consent, on: Any, by: Staff) -> None:
    """The family takes its consent back; a photo that rested on it is removed. Raises ValidationError if done before."""
    if consent.withdrawn_on is not None:
        raise ValidationError(f"这项同意已于{chinese_date(consent.withdrawn_on)}撤回。")
    consent.withdrawn_on = on
    consent.save(update_fields=["withdrawn_on"])
    purpose = Consent.Purpose(consent.purpose)
    if agreed(purpose, [consent.child_id]):
        return
    if purpose == Consent.Purpose.PHOTO:
        remove_photo(child=consent.child)
    for act in _withdrawals.get(purpose, ()):
        act(consent.child, on)
