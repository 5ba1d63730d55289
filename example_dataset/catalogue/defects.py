"""Savers of pictures, each with one property that a loader may trip over; all return the path they wrote."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PIL import Image, ImageFilter


def jpeg(image: Image.Image, path: Path, quality: int = 85) -> Path:
    image.save(path, "JPEG", quality=quality)
    return path


def truncated(path: Path, share: float = 0.6) -> Path:
    """Cut a file off, in place, after ``share`` (0..1) of its bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def exif_rotated(image: Image.Image, path: Path, quality: int = 85) -> Path:
    """A JPEG stored lying on its side, with the EXIF orientation (6) that shows it upright again."""
    exif = Image.Exif()
    exif[0x0112] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", quality=quality, exif=exif)
    return path


def cmyk(image: Image.Image, path: Path, quality: int = 85) -> Path:
    image.convert("CMYK").save(path, "JPEG", quality=quality)
    return path


def png16(image: Image.Image, path: Path) -> Path:
    """A grey PNG of 16 bits a sample; the 8 bits of the picture's luma fill the whole 16-bit range."""
    samples = bytes(value for grey in image.convert("L").tobytes() for value in (grey, grey))
    Image.frombytes("I;16", image.size, samples).save(path, "PNG")
    return path


def palette_transparent(image: Image.Image, path: Path, colours: int = 48) -> Path:
    """A palette PNG in which the colour of the upper left pixel is transparent."""
    paletted = image.quantize(colours, dither=Image.Dither.NONE)
    paletted.save(path, "PNG", transparency=paletted.getpixel((0, 0)), optimize=True)
    return path


def animated_gif(image: Image.Image, path: Path, frames: int = 2) -> Path:
    """A GIF whose frames differ (the first upright, the others upside down, in turn)."""
    first = image.quantize(24, dither=Image.Dither.NONE)
    turned = [first.transpose(Image.Transpose.ROTATE_180) if i % 2 == 0 else first.copy() for i in range(frames - 1)]
    first.save(path, "GIF", save_all=True, append_images=turned, duration=200, loop=0)
    return path


def bomb(path: Path, side: int = 20_000) -> Path:
    """A black PNG of ``side`` x ``side`` pixels, 1 bit each: 50 kB that a decoder unpacks into 400 MB.

    Written row by row, so that drawing it costs no memory.
    """
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    packed = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks))  # fmt: skip
    return path


def lfs_pointer(path: Path, size: int = 48_213) -> Path:
    """What Git leaves in place of a file that Git LFS has not fetched."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a21' * 10}4d7a\nsize {size}\n"
    path.write_text(text, encoding="ascii", newline="")
    return path


def dark(image: Image.Image) -> Image.Image:
    """An underexposed shot: a tenth of the light, and less still where there was little."""
    return image.point(lambda v: v**3 * 28 // 255**3)


def overexposed(image: Image.Image) -> Image.Image:
    """A shot with far too much light: all but the darkest tones run into white."""
    return image.point(lambda v: min(255, 205 + v * 5 // 4))


def blurred(image: Image.Image, radius: int = 14) -> Image.Image:
    """Out of focus by ``radius`` pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))
