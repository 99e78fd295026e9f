"""
Pictures made anew: only their pixels go over, turned upright, in sRGB. What the camera wrote beside them (place, time,
owner, thumbnails) stays behind, and so does anything hidden in or after the file.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from telegut.messaging.uploads.remaking import Bounds, Remade, Unusable
from telegut.messaging.uploads.rules import Kind

_QUALITY = 88
_THUMBNAIL_QUALITY = 80
_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.HEIC: "HEIF"}
Image.MAX_IMAGE_PIXELS = None  # the bound is ours, and is asked before anything is decoded


def remade(data: bytes, kind: Kind, bounds: Bounds) -> Remade:
    """
    The picture in *data*, at most `Bounds.image_side` pixels wide and high; its first frame when it moves.

    Raises:
        Unusable: it cannot be read, or has too many pixels.
    """
    if kind is Kind.HEIC:
        _know_heic()
    with Image.open(BytesIO(data), formats=[_FORMATS[kind]]) as found:
        if found.width * found.height > bounds.pixels:
            raise Unusable("too_large")
        found.draft("RGB", (bounds.image_side, bounds.image_side))  # JPEG decodes at half or a quarter by itself
        found.load()
        picture = _plain(_smaller(found, bounds.image_side), keep_alpha=kind is not Kind.JPEG)
    as_png = picture.mode == "RGBA" or kind is Kind.PNG
    return Remade(
        type=(Kind.PNG if as_png else Kind.JPEG).value,
        content=_written(picture, "PNG") if as_png else _written(picture, "JPEG", quality=_QUALITY),
        thumbnail=_thumbnail(picture, bounds.thumbnail_side),
        width=picture.width,
        height=picture.height,
    )


def _know_heic() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False, aux_images=False, depth_images=False)


def _smaller(found: Image.Image, side: int) -> Image.Image:
    """At most *side* wide and high, before anything else is done: a large picture is copied once, not four times."""
    if max(found.size) <= side:
        return found
    if found.mode not in ("RGB", "RGBA", "L"):  # palettes cannot be mixed
        beside = found.info
        found = found.convert("RGBA" if found.has_transparency_data else "RGB")
        found.info = beside
    found.thumbnail((side, side), Image.Resampling.LANCZOS)
    return found


def _plain(found: Image.Image, *, keep_alpha: bool) -> Image.Image:
    """Pixels alone: upright, sRGB, with transparency only where there is some."""
    upright = ImageOps.exif_transpose(found)
    mode = "RGBA" if keep_alpha and upright.has_transparency_data else "RGB"
    converted = _in_srgb(upright, mode)
    pixels = Image.new(mode, converted.size)
    pixels.paste(converted)
    return pixels


def _in_srgb(picture: Image.Image, mode: str) -> Image.Image:
    """A phone's wide colours as every screen shows them; a profile that makes no sense is left aside."""
    profile = picture.info.get("icc_profile")
    plain = picture.convert(mode)
    if not profile or picture.mode not in ("RGB", "RGBA"):
        return plain
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        changed = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return plain
    return changed or plain


def _thumbnail(picture: Image.Image, side: int) -> bytes:
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    if small.mode == "RGBA":
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    return _written(small, "JPEG", quality=_THUMBNAIL_QUALITY)


def _written(picture: Image.Image, form: str, **options: int) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
