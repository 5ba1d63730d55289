"""What workers draw for reports and models: in order, bounded, upright, and with nothing of the file but its pixels."""

from __future__ import annotations

import io
import struct
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from PIL import Image

from pytest_clipdata.images import drawing
from pytest_clipdata.images.facts import Drawn, ImageStatus, Limits
from pytest_clipdata.images.measure import measure
from pytest_clipdata.images.workers.pool import draw_all
from pytest_clipdata.reading.blob import Blob

HERE = Path(__file__).parents[1]
LIMITS = Limits(max_pixels=1_000_000, max_bytes=1_000_000, timeout=20.0)


def thumbnail(path: Path, limits: Limits = LIMITS) -> Drawn:
    return drawing.thumbnail(Blob.of(path), limits, side=144)


def seen(drawn: Drawn) -> Image.Image:
    assert drawn.data is not None, drawn.error
    picture = Image.open(io.BytesIO(drawn.data))
    assert (picture.format, picture.size) == ("WEBP", (drawn.width, drawn.height))
    return picture


def halves() -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", (300, 200), "red")
    picture.paste((0, 0, 255), (150, 0, 300, 200))
    return picture


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif"])
def test_a_thumbnail_is_upright_and_keeps_no_metadata(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a secret place"
    path = tmp_path / f"a.{suffix}"
    halves().save(path, exif=exif, icc_profile=b"a secret profile", quality=95)
    drawn = thumbnail(path)
    picture = seen(drawn)
    assert picture.size == (96, 144)
    top, bottom = picture.convert("RGB").getpixel((48, 20)), picture.convert("RGB").getpixel((48, 120))
    assert top[0] > 200 > 60 > top[2]  # type: ignore[index]
    assert bottom[2] > 200 > 60 > bottom[0]  # type: ignore[index]
    assert drawn.data is not None
    assert b"secret" not in drawn.data
    assert not {"exif", "icc_profile"} & picture.info.keys()


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert min(seen(thumbnail(tmp_path / "a.png")).convert("RGB").getpixel((25, 25))) > 250  # type: ignore[arg-type,type-var]
    clip = drawing.for_clip(Blob.of(tmp_path / "a.png"), LIMITS, side=64)
    assert clip.data == b"\xff" * 50 * 50 * 3
    assert not clip.saturated


@pytest.mark.parametrize("draw", [drawing.thumbnail, drawing.for_clip])
def test_what_measuring_refuses_is_not_drawn(tmp_path: Path, draw: object) -> None:
    whole = encoded(photo(1, (300, 200)))
    bad = {
        "cut.jpg": whole[: len(whole) // 2],
        "empty.jpg": b"",
        "text.jpg": b"<svg/>",
        "document.jpg": encoded(photo(1, (30, 30)), "ppm"),
        "wide.png": encoded(Image.new("1", (2000, 1000)), "png"),
        "large.png": whole + bytes(LIMITS.max_bytes),
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    for name in (*bad, "gone.jpg", "nul\0.jpg"):
        blob = Blob.of(tmp_path / name)
        drawn, facts = draw(blob, LIMITS, side=64), measure(blob, LIMITS, pixels=True)  # type: ignore[operator]
        assert drawn == Drawn(facts.status, facts.error)
        assert drawn.status is not ImageStatus.OK


def test_a_picture_within_a_file_is_drawn_as_if_it_stood_alone(tmp_path: Path) -> None:
    data = encoded(photo(1, (300, 200)))
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "shard").write_bytes(b"before" + data + b"after")
    part = Blob(str(tmp_path / "shard"), 6, len(data))
    assert drawing.thumbnail(part, LIMITS, side=144) == thumbnail(tmp_path / "a.jpg")


def test_metadata_without_bound_costs_next_to_nothing(tmp_path: Path) -> None:
    """4,000 tags that each name the same two megabytes, in 16 MB of EXIF: 250 segments to be joined."""
    tags = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    tags += b"".join(struct.pack("<HHII", 0x8000 + n, 7, 2_000_000, 50_000) for n in range(4000))
    block = (b"II*\0" + struct.pack("<IH", 8, 4001) + tags).ljust(16_000_000, b"x")
    parts = [b"Exif\0\0" + block[at : at + 65_000] for at in range(0, len(block), 65_000)]
    whole = encoded(photo(1, (300, 200)))
    path = tmp_path / "a.jpg"
    path.write_bytes(whole[:2] + b"".join(b"\xff\xe1" + struct.pack(">H", len(p) + 2) + p for p in parts) + whole[2:])
    blob, limits = Blob.of(path), Limits()
    assert measure(blob, limits, pixels=True).orientation == 6
    started = time.process_time()
    for _ in range(5):
        assert measure(blob, limits, pixels=False).orientation == 6
        assert drawing.for_clip(blob, limits, side=64).status is ImageStatus.OK
        assert seen(drawing.thumbnail(blob, limits, side=144)).size == (96, 144)
    assert time.process_time() - started < 1.0  # 0.1 s; Pillow took 1.7 s


def test_more_segments_than_a_photo_has_are_refused(tmp_path: Path) -> None:
    whole = encoded(photo(1, (300, 200)))
    for count, status in ((9_000, ImageStatus.OK), (11_000, ImageStatus.TOO_LARGE)):
        path = tmp_path / f"{count}.jpg"
        path.write_bytes(whole[:2] + b"\xff\xe5\0\2" * count + whole[2:])
        for pixels in (True, False):
            assert measure(Blob.of(path), LIMITS, pixels=pixels).status is status


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins use POSIX signals")
class TestInWorkers:
    @pytest.fixture(autouse=True)
    def _standins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(HERE)
        monkeypatch.setattr("pytest_clipdata.images.workers.pool._PIXELS_PER_WORKER", 4)

    def drawn(self, names: list[str], folder: Path = Path("/nowhere"), timeout: float = 20.0) -> list[Drawn]:
        from helpers.standins import draws

        blobs = [Blob.of(folder / name) for name in names]
        limits = Limits(1_000_000, 1_000_000, timeout)
        return list(draw_all(blobs, draws, 7, limits=limits, workers=2))

    def test_they_come_in_order_and_exactly(self) -> None:
        names = [f"{'slow' if n % 5 == 0 else 'fine'}-{'x' * n}" for n in range(60)]
        fine = [Drawn(ImageStatus.OK, None, len(name), 7, bytes(range(256))) for name in names]
        assert self.drawn(names) == fine

    def test_one_that_fails_costs_itself_alone(self) -> None:
        names = ["fine-a"] * 40
        names[3], names[20], names[39] = "hang-1", "segv-1", "kill-1"
        found = self.drawn(names, timeout=1.0)
        assert {n: drawn.status for n, drawn in enumerate(found) if drawn.status is not ImageStatus.OK} == {
            3: ImageStatus.TIMED_OUT,
            20: ImageStatus.CRASHED,
            39: ImageStatus.CRASHED,
        }

    def test_only_a_few_are_drawn_ahead_of_the_caller(self, tmp_path: Path) -> None:
        from helpers.standins import draws

        blobs = [Blob.of(tmp_path / f"note-{n:03}") for n in range(200)]
        with closing(draw_all(blobs, draws, 7, limits=LIMITS, workers=2)) as drawing_all:
            for taken in range(1, 60, 20):
                while next(drawing_all).width != taken:
                    pass
                time.sleep(0.3)
                assert taken <= len(list(tmp_path.iterdir())) <= taken + 16
        left = len(list(tmp_path.iterdir()))
        time.sleep(0.2)
        assert len(list(tmp_path.iterdir())) == left
