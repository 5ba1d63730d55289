from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pytest_clipdata.images.facts import Drawn
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.smoke.pixels import Opening
from pytest_clipdata.smoke.scoring import score_labels
from pytest_clipdata.smoke.suspicion import MIN_PER_LABEL, PairScore, auc, judge
from pytest_clipdata.smoke.values import Pair, SmokeError

torch = pytest.importorskip("torch", reason="suspect_labels needs pytest-clipdata[smoke]")
pytest.importorskip("transformers", reason="suspect_labels needs pytest-clipdata[smoke]")

from helpers.smoke_checkpoint import CLASSES, draw, train_on_shapes, words_of, write_checkpoint  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small gain nothing from threads, and on a busy machine lose ten times over."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that knows coloured shapes; some six seconds of training."""
    folder = tmp_path_factory.mktemp("knowing") / "clip"
    write_checkpoint(folder)
    train_on_shapes(folder)
    return folder


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """200 pairs on lines 2 to 201, half of them matches, all labelled right."""
    folder = tmp_path_factory.mktemp("shapes")
    rng = np.random.default_rng(5)
    rows = []
    for i in range(200):
        kind = int(rng.integers(len(CLASSES)))
        shown = kind if i % 2 else (kind + int(rng.integers(1, len(CLASSES)))) % len(CLASSES)
        path = folder / f"{i}.png"
        draw(rng, *CLASSES[shown]).save(path)
        rows.append(Pair(i + 2, Blob.of(path), words_of(*CLASSES[kind]), bool(i % 2), f"{i}"))
    return rows


def planted(pairs: list[Pair], n: int, seed: int = 0) -> tuple[list[Pair], set[int]]:
    wrong = {int(i) for i in np.random.default_rng(seed).choice(len(pairs), n, replace=False)}
    rows = [replace(pair, matches=pair.matches is not (i in wrong)) for i, pair in enumerate(pairs)]
    return rows, {pairs[i].row for i in wrong}


# With a model


def test_wrong_labels_are_found_and_ranked(knowing: Path, pairs: list[Pair]) -> None:
    rows, wrong = planted(pairs, 5)
    result = score_labels(rows, model=str(knowing), device="cpu")
    assert len(result.scores) == 200
    assert result.warning is None
    assert result.auc is not None
    assert result.auc > 0.9
    found = {suspect.row for suspect in result.suspects}
    assert len(found & wrong) >= 4
    assert len(found - wrong) <= 6
    assert [suspect.rank for suspect in result.suspects] == list(range(1, len(found) + 1))
    chances = [suspect.chance for suspect in result.suspects]
    assert chances == sorted(chances)


def test_right_labels_accuse_next_to_nobody(knowing: Path, pairs: list[Pair]) -> None:
    assert len(score_labels(pairs, model=str(knowing), device="cpu").suspects) <= 3


def test_inverted_labels_are_called_inverted(knowing: Path, pairs: list[Pair]) -> None:
    rows = [replace(pair, matches=not pair.matches) for pair in pairs]
    result = score_labels(rows, model=str(knowing), device="cpu")
    assert result.suspects == ()
    assert "the labels look inverted" in str(result.warning)
    assert "100 match and 100 mismatch rows" in str(result.warning)


def test_shuffled_labels_are_called_hardly_separate(knowing: Path, pairs: list[Pair]) -> None:
    labels = np.random.default_rng(0).permutation([pair.matches for pair in pairs])
    rows = [replace(pair, matches=bool(label)) for pair, label in zip(pairs, labels, strict=True)]
    result = score_labels(rows, model=str(knowing), device="cpu")
    assert result.suspects == ()
    assert "hardly separate" in str(result.warning)


def test_every_score_is_looked_up_first_and_kept(knowing: Path, pairs: list[Pair]) -> None:
    kept: dict[str, float] = {}
    first = score_labels(pairs[:80], model=str(knowing), device="cpu", cache_get=kept.get, cache_put=kept.__setitem__)
    assert len(kept) == 80
    assert all(len(key) == 64 for key in kept)
    puts: list[str] = []
    again = score_labels(
        pairs[:80], model=str(knowing), device="cpu", cache_get=kept.get, cache_put=lambda key, _: puts.append(key)
    )
    assert again == first
    assert puts == []
    more = score_labels(
        pairs[:81], model=str(knowing), device="cpu", cache_get=kept.get, cache_put=lambda key, _: puts.append(key)
    )
    assert len(puts) == 1
    assert more.scores[:80] == first.scores


def test_a_score_is_asked_again_when_picture_text_or_checkpoint_change(
    knowing: Path, pairs: list[Pair], tmp_path: Path
) -> None:
    def key_of(pair: Pair, model: Path) -> str:
        keys: list[str] = []
        score_labels([pair], model=str(model), device="cpu", cache_put=lambda key, _: keys.append(key))
        return keys[0]

    other = tmp_path / "other"
    write_checkpoint(other)
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(pairs[0].image.url).read_bytes())
    first = key_of(pairs[0], knowing)
    assert key_of(replace(pairs[0], image=Blob.of(copy), row=77, matches=True), knowing) == first
    changed = {
        key_of(replace(pairs[0], text=pairs[0].text + " "), knowing),
        key_of(replace(pairs[0], image=pairs[1].image), knowing),
        key_of(pairs[0], other),
    }
    assert len(changed | {first}) == 4


def test_cached_scores_need_no_torch(knowing: Path, pairs: list[Pair]) -> None:
    program = (
        "import sys; from pytest_clipdata.reading.blob import Blob; from pytest_clipdata.smoke.scoring import score_labels; from pytest_clipdata.smoke.values import Pair;"
        f"row = Pair(2, Blob({pairs[0].image.url!r}), 'a', True, 'k');"
        f"r = score_labels([row], model={str(knowing)!r}, cache_get=lambda key: 0.5);"
        "print(r.scores[0].score, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0.5", "False"]


def test_a_picture_and_a_text_go_through_the_model_once(
    knowing: Path, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[Path] = []
    whole = Opening.pictures

    def counted(self: Opening, paths: list[Path], side: int) -> Iterator[Drawn]:
        seen.extend(paths)
        return whole(self, paths, side)

    monkeypatch.setattr(Opening, "pictures", counted)
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(pairs[0].image.url).read_bytes())
    rows = [
        replace(pairs[0], row=i, text=f"text {i}", image=Blob.of(copy) if i % 2 else pairs[0].image)
        for i in range(2, 12)
    ]
    assert len(score_labels(rows, model=str(knowing), device="cpu").scores) == 10
    assert len(seen) == 1


def test_rows_whose_picture_cannot_be_read_are_named(knowing: Path, pairs: list[Pair], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    rows = [
        pairs[0],
        replace(pairs[1], image=Blob.of(broken)),
        replace(pairs[2], image=Blob.of(tmp_path / "gone.png")),
        pairs[3],
    ]
    result = score_labels(rows, model=str(knowing), device="cpu")
    assert result.unreadable == (rows[1].row, rows[2].row)
    assert [score.row for score in result.scores] == [rows[0].row, rows[3].row]


def test_nothing_to_score_and_no_checkpoint(knowing: Path, pairs: list[Pair], tmp_path: Path) -> None:
    assert score_labels([], model=str(knowing)).skipped == "no row to score"
    with pytest.raises(SmokeError, match="is not a folder"):
        score_labels(pairs, model=str(tmp_path / "none"))


def test_memory_that_runs_out_halves_the_batch_once(
    knowing: Path, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_clipdata.smoke import scoring

    whole: Callable[..., object] = scoring._scored
    expected = score_labels(pairs[:8], model=str(knowing), device="cpu")
    sizes: list[int] = []

    def scarce(*how: object) -> object:
        sizes.append(int(str(how[4])))
        if sizes[-1] > fits:
            raise torch.OutOfMemoryError("out of memory")
        return whole(*how)

    monkeypatch.setattr(scoring, "_scored", scarce)
    fits = 16
    assert score_labels(pairs[:8], model=str(knowing), device="cpu").scores == expected.scores
    assert sizes == [32, 16]
    fits = 8
    with pytest.raises(SmokeError, match="cpu ran out of memory with 16 pictures"):
        score_labels(pairs[:8], model=str(knowing), device="cpu")


def test_scoring_leaves_random_state_and_grad_mode(knowing: Path, pairs: list[Pair]) -> None:
    before = torch.get_rng_state()
    with torch.inference_mode():
        score_labels(pairs[:2], model=str(knowing), device="cpu")
        assert torch.is_inference_mode_enabled()
    assert torch.equal(torch.get_rng_state(), before)


# The rule on plain numbers


def drawn(
    n: int = 100, gap: float = 6.0, seed: int = 0, flips: tuple[int, ...] = (), mismatches: int | None = None
) -> list[PairScore]:
    """Normal scores, ``gap`` deviations apart, matches first; those in ``flips`` carry the other label."""
    rng = np.random.default_rng(seed)
    labels = [True] * n + [False] * (n if mismatches is None else mismatches)
    values = [0.25 + 0.02 * (rng.standard_normal() + (gap if label else 0)) for label in labels]
    return [
        PairScore(i + 2, label is not (i in flips), round(float(value), 4))
        for i, (label, value) in enumerate(zip(labels, values, strict=True))
    ]


def test_auc_by_hand() -> None:
    def of(*rows: tuple[float, bool]) -> float | None:
        return auc([PairScore(i, matches, score) for i, (score, matches) in enumerate(rows)])

    assert of((0.9, True), (0.1, False)) == 1.0
    assert of((0.1, True), (0.9, False)) == 0.0
    assert of((0.5, True), (0.5, False)) == 0.5
    assert of((0.1, True), (0.3, True), (0.2, False), (0.3, False)) == pytest.approx(1.5 / 4)
    assert of((0.1, True)) is None
    assert of() is None


def test_flipped_rows_are_the_suspects_and_say_so() -> None:
    suspects, area, warning = judge(drawn(flips=(3, 50, 120)))
    assert {suspect.row for suspect in suspects} == {5, 52, 122}
    assert warning is None
    assert area is not None
    assert area > 0.95
    match = next(suspect for suspect in suspects if suspect.row == 122)
    assert match.matches
    assert match.typical == pytest.approx(0.37, abs=0.02)
    assert match.message.startswith("the model scores the pair 0.2")
    assert "far below the match rows' usual 0.3" in match.message
    assert match.message.endswith("of 3)")
    mismatch = next(suspect for suspect in suspects if suspect.row == 5)
    assert "the mismatch rows' usual" in mismatch.message
    assert "far above" in mismatch.message


@pytest.mark.parametrize("gap", [3.0, 6.0, 12.0])
def test_right_labels_accuse_few(gap: float) -> None:
    assert sum(len(judge(drawn(gap=gap, seed=seed))[0]) for seed in range(20)) <= 20 * 6


def test_a_wide_spread_within_a_label_accuses_nobody() -> None:
    """A distance in MADs would: most matches score alike, some far higher."""
    rows = drawn(gap=6)
    rows[:20] = [replace(row, score=row.score + 0.5) for row in rows[:20]]
    assert judge(rows)[0] == ()


def test_few_mismatches_among_many_matches() -> None:
    suspects, _, _ = judge(drawn(n=400, mismatches=40, flips=(1, 2, 410)))
    assert {suspect.row for suspect in suspects[:3]} == {3, 4, 412}
    assert len(suspects) <= 5


def test_scores_that_say_little_accuse_no_row() -> None:
    rows = drawn(gap=0.7)
    area = auc(rows)
    assert area is not None
    assert 0.6 < area < 0.75
    assert judge(rows) == ((), area, None)
    shuffled = judge(drawn(gap=0.0))
    assert shuffled[0] == ()
    assert "hardly separate match from mismatch rows (AUC 0.5" in str(shuffled[2])


def test_inverted_needs_more_than_chance() -> None:
    assert "look inverted" in str(judge(drawn(gap=-3))[2])
    assert "look inverted" not in str(judge(drawn(n=MIN_PER_LABEL, gap=-0.3))[2])


@pytest.mark.parametrize("n", [1, MIN_PER_LABEL - 1])
def test_with_few_rows_nothing_is_said(n: int) -> None:
    for gap in (-6, 0, 6):
        suspects, area, warning = judge(drawn(n=n, gap=gap))
        assert (suspects, warning) == ((), None)
        assert area is not None
    assert judge([]) == ((), None, None)


def test_equal_scores_raise_nothing() -> None:
    suspects, area, warning = judge([PairScore(i, i % 2 == 0, 0.3) for i in range(100)])
    assert suspects == ()
    assert area == 0.5
    assert warning is not None


def test_the_order_of_rows_does_not_matter() -> None:
    rows = drawn(flips=(3, 50, 120))
    assert judge(rows) == judge(rows[::-1])


def test_the_pictures_are_counted_as_they_are_seen(knowing: Path, pairs: list[Pair]) -> None:
    from contextlib import contextmanager

    totals: list[int] = []
    done: list[int] = []

    @contextmanager
    def progress(total: int, doing: str) -> Iterator[Callable[[int], object]]:
        totals.append(total)
        yield done.append

    opening = Opening(progress=progress)
    score_labels(pairs[:40], model=str(knowing), device="cpu", opening=opening)
    assert totals == [40]
    assert sum(done) == 40
    assert len(done) > 1
