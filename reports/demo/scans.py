"""Pictures and papers for dossiers, drawn here: a child's painting, a face, a signed page as a scanner gives it."""

import io
import random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

SKIES = ("#cfe8ff", "#ffe9c9", "#dff5e1", "#f5def0")
ROOFS = ("#c0563f", "#7a5c99", "#3f7cac", "#b5852a")
HAIR, SKIN = ("#2b2118", "#3a2a1d", "#1d1d1f"), ("#f2c9a1", "#e8b98c", "#f6d5b5")
SHIRTS = ("#3f7cac", "#c0563f", "#4f8a5b", "#7a5c99")


def painting(rng: random.Random) -> SimpleUploadedFile:
    """A house with its family under the sun, as children paint it."""
    picture = Image.new("RGB", (900, 640), rng.choice(SKIES))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((720, 40, 840, 160), fill="#f6b73c")
    for x, height in ((0, 210), (240, 270), (520, 230)):
        pen.polygon(((x - 60, 460), (x + 170, 460 - height), (x + 420, 460)), fill="#8fb98b")
    pen.rectangle((0, 450, 900, 640), fill="#7fb069")
    pen.rectangle((150, 330, 390, 530), fill="#fbf3e3", outline="#5b4636", width=5)
    pen.polygon(((120, 335), (270, 220), (420, 335)), fill=rng.choice(ROOFS))
    pen.rectangle((245, 430, 305, 530), fill="#8d5a3b")
    for place in range(rng.randrange(3, 6)):
        left, size = 460 + place * 75, rng.randrange(28, 40)
        pen.ellipse((left, 430 - size, left + size, 430), fill=rng.choice(SKIN))
        pen.rectangle((left + 2, 430, left + size - 2, 430 + size * 2), fill=rng.choice(SHIRTS))
    return _jpeg(picture, "painting.jpg")


def portrait(rng: random.Random) -> SimpleUploadedFile:
    """A face of nobody in the format of a school photo."""
    picture = Image.new("RGB", (480, 640), "#dbe8f4")
    pen = ImageDraw.Draw(picture)
    hair, skin = rng.choice(HAIR), rng.choice(SKIN)
    pen.ellipse((60, 450, 420, 800), fill=rng.choice(SHIRTS))
    pen.rectangle((205, 400, 275, 480), fill=skin)
    pen.ellipse((125, 130, 355, 440), fill=hair)
    pen.ellipse((145, 185, 335, 430), fill=skin)
    for x in (195, 265):
        pen.ellipse((x, 285, x + 20, 305), fill="#222222")
    pen.arc((205, 320, 275, 375), 20, 160, fill="#a8483b", width=5)
    return _jpeg(picture, "portrait.jpg")


def signed_page(rng: random.Random) -> SimpleUploadedFile:
    """A printed page with two signatures and a red seal, scanned to PDF."""
    picture = Image.new("RGB", (1240, 1754), "#fbfaf6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((360, 170, 880, 206), fill="#333333")
    for line in range(18):
        right = 1080 if (line + 1) % 5 else rng.randrange(500, 900)
        pen.rectangle((160 if line % 5 else 220, 300 + line * 58, right, 312 + line * 58), fill="#8a8a88")
    for left in (200, 700):
        x, y = left, 1480
        for _ in range(14):
            to = (x + rng.randrange(8, 24), 1480 + rng.randrange(-34, 34))
            pen.line((x, y, *to), fill="#23306b", width=5)
            x, y = to
    pen.ellipse((880, 1380, 1080, 1580), outline="#c8312b", width=8)
    pen.regular_polygon((980, 1480, 46), 5, fill="#c8312b")
    file = io.BytesIO()
    picture.convert("L").convert("RGB").save(file, "PDF", resolution=150)
    return SimpleUploadedFile("page.pdf", file.getvalue(), "application/pdf")


def _jpeg(picture: Image.Image, name: str) -> SimpleUploadedFile:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")
