"""The hooks under the real pre-commit, on a real git repository, without network.

``language: python`` would make pre-commit build an environment from the network; ``system`` runs the same entry with
this interpreter, the rest of each hook is the one in ``.pre-commit-hooks.yaml``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers.drawn import encoded, photo
from helpers.projects import ROOT, append, environment, write_dataset

pytest.importorskip("pre_commit", reason="needs pre-commit")
if shutil.which("git") is None:
    pytest.skip("needs git", allow_module_level=True)

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}


class Repository:
    """A git repository with one good dataset committed, and one hook that guards it."""

    def __init__(self, top: Path, hook_id: str, *arguments: str) -> None:
        self.folder = top / "repository"
        write_dataset(self.folder / "datasets", train=2, val=1)
        shim = top / "bin" / "clipdata"
        shim.parent.mkdir()
        code = "import sys; from pytest_clipdata.cli import main; sys.exit(main())"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
        shim.chmod(0o755)
        self.env = environment(
            top / "home",
            PATH=os.pathsep.join([str(shim.parent), os.environ["PATH"]]),
            PRE_COMMIT_HOME=str(top / "pre-commit"),
            GIT_CONFIG_NOSYSTEM="1",
            **{f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        )
        hook = {**HOOKS[hook_id], "language": "system", "args": list(arguments)}
        config = {"repos": [{"repo": "local", "hooks": [hook]}]}
        (self.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
        self.git("init", "-q", "-b", "main")
        self.commit()
        self.run(sys.executable, "-m", "pre_commit", "install")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.env, check=check, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments).stdout

    def commit(self) -> tuple[bool, str]:
        """Whether a commit of everything goes through, and what is said."""
        before = self.run("git", "rev-parse", "-q", "--verify", "HEAD", check=False).stdout
        self.git("add", "--all")
        done = self.run("git", "commit", "-q", "-m", "data", check=False)
        assert (self.git("rev-parse", "HEAD") != before) == (done.returncode == 0)
        return done.returncode == 0, done.stdout


def test_a_bad_commit_is_blocked_at_its_line_and_the_mended_one_passes(tmp_path: Path) -> None:
    repository = Repository(tmp_path, "clip-dataset", "--clip-smoke=off")
    train = repository.folder / "datasets/train.csv"
    good = train.read_bytes()

    leak = repository.folder / "datasets/images/new.jpg"
    leak.write_bytes(encoded(photo(10, (256, 256)), "png"))  # val0.jpg again, in another format
    append(train, ("images/new.jpg", "A fine landscape of the new kind", "match"))
    passed, said = repository.commit()
    assert not passed
    assert "datasets/val.csv:2: leakage: images/val0.jpg is the same picture as images/new.jpg (datasets/tr" in said

    leak.write_bytes(encoded(photo(20, (256, 256))))
    passed, said = repository.commit()
    assert passed, said

    (repository.folder / "datasets/images/val0.jpg").write_bytes(b"")  # only an image changes
    passed, said = repository.commit()
    assert not passed
    assert "datasets/val.csv:2: decodable: images/val0.jpg does not decode: the file is empty" in said
    repository.git("checkout", "-q", "HEAD", "datasets")

    train.write_bytes(good + b'images/train0.jpg,"never closed')
    passed, said = repository.commit()
    assert not passed
    assert "datasets/train.csv:6: columns: the quoted cell that opens here is never closed" in said


def test_what_is_no_data_is_let_through(tmp_path: Path) -> None:
    repository = Repository(tmp_path, "clip-dataset", "--clip-smoke=off")
    (repository.folder / "README").write_text("no data")
    (repository.folder / "logo.png").write_bytes(b"a logo that no CSV names")
    (repository.folder / "src").mkdir()
    (repository.folder / "src/prices.csv").write_text("sku,price\n1,2\n")
    passed, said = repository.commit()
    assert passed, said
    assert not repository.git("status", "--porcelain", "--ignored")


def test_deletions_and_renames_are_seen(tmp_path: Path) -> None:
    repository = Repository(tmp_path, "clip-dataset", "--clip-smoke=off")
    changes = {
        "datasets/images/train0.jpg": "images/train0.jpg does not exist",
        "datasets/images/val0.jpg": "images/val0.jpg does not exist",
    }
    for name, words in changes.items():
        for command in (["mv", name, "datasets/images/other.jpg"], ["rm", "-q", name], ["mv", name, "elsewhere.jpg"]):
            repository.git(*command)
            passed, said = repository.commit()
            assert not passed, (command, said)
            assert words in said
            repository.git("reset", "-q", "--hard")

    # A picture that no source names any more belongs to the dataset above it; a split that is gone too.
    bad = repository.folder / "datasets/val.csv"
    append(bad, ("images/val0.jpg", "A fine landscape of old", "macth"))
    repository.git("add", "--all")
    repository.git("commit", "-q", "--no-verify", "-m", "bad")
    for command in (["rm", "-q", "datasets/train.csv"], ["mv", "datasets/train.csv", "train.txt"]):
        repository.git(*command)
        passed, said = repository.commit()
        assert not passed
        assert "datasets/val.csv:4: labels: 'macth' is not a label" in said
        repository.git("reset", "-q", "--hard")
    (repository.folder / "datasets/images/unnamed.jpg").write_bytes(b"")
    passed, said = repository.commit()
    assert not passed
    assert "datasets/val.csv:4: labels: 'macth' is not a label" in said


def test_a_baseline_in_the_settings_is_used(tmp_path: Path) -> None:
    repository = Repository(tmp_path, "clip-dataset", "--clip-smoke=off")
    datasets = repository.folder / "datasets"
    append(datasets / "train.csv", ("images/train0.jpg", "A fine landscape of old", "macth"))
    (datasets / "clipdata.toml").write_text('baseline = "known.json"\n')
    passed, said = repository.commit()
    assert not passed
    assert "known.json" in said
    write = ("clipdata", "check", "datasets", "--clip-write-baseline", "--clip-smoke=off")
    assert repository.run(*write, check=False).returncode == 0
    passed, said = repository.commit()
    assert passed, said
    append(datasets / "train.csv", ("images/train1.jpg", "Another landscape of old", "mismacth"))
    passed, said = repository.commit()
    assert not passed
    assert "'mismacth' is not a label" in said
    assert "'macth' is not a label" not in said


def test_the_text_hook_opens_no_image(tmp_path: Path) -> None:
    repository = Repository(tmp_path, "clip-dataset-text")
    (repository.folder / "datasets/images/train0.jpg").write_bytes(b"not looked at")
    append(repository.folder / "datasets/train.csv", ("images/train0.jpg", "A fine landscape of old", "match"))
    passed, said = repository.commit()
    assert passed, said
    append(repository.folder / "datasets/train.csv", ("images/train0.jpg", "A fine landscape of old", "macth"))
    passed, said = repository.commit()
    assert not passed
    assert "datasets/train.csv:7: labels: 'macth' is not a label; did you mean 'match'?" in said


HEAVY = ("pytest", "pandas", "numpy", "PIL", "great_expectations", "torch", "pyarrow")
SPY = (
    "import sys; from pytest_clipdata.cli import main; code = main(sys.argv[1:]);"
    f" print(sorted(set({HEAVY}) & set(sys.modules))); sys.exit(code)"
)


def staged(repository: Repository, *arguments: str) -> tuple[int, str]:
    done = repository.run(sys.executable, "-c", SPY, "check", "--staged", "--clip-smoke=off", *arguments, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path, "clip-dataset")


@pytest.mark.parametrize("name", ["README", "src/prices.csv", "logo.png", "src/deep/logo.png", "data.arrow"])
def test_a_commit_that_touches_no_dataset_imports_nothing_heavy(repository: Repository, name: str) -> None:
    nothing = "clipdata: nothing is staged: nothing to check\n[]\n"
    assert staged(repository) == (0, nothing)
    path = repository.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("sku,price\n")
    repository.git("add", "--all")
    code, said = staged(repository)
    left_out = (
        "clipdata: src/prices.csv is left out: it has no column of pictures, no label, and no split in its name\n"
    )
    assert code == 0
    assert (
        said == (left_out if name.endswith("csv") else "") + "clipdata: no dataset is touched: nothing to check\n[]\n"
    )


def test_settings_that_change_are_tried_on_the_datasets_below(repository: Repository) -> None:
    (repository.folder / "clipdata.toml").write_text("resolution.min_side = 300\n")
    repository.git("add", "--all")
    code, said = staged(repository)
    assert code == 1
    assert "datasets/train.csv:2: resolution: images/train0.jpg is 256x256" in said


def test_what_is_excluded_is_not_checked(repository: Repository) -> None:
    (repository.folder / "clipdata.toml").write_text('exclude = ["drafts"]\n')
    (repository.folder / "drafts").mkdir()
    append(repository.folder / "drafts/train.csv", ("image_path", "text", "label"), ("gone.jpg", "x", "y"))
    repository.git("add", "drafts")
    code, said = staged(repository)
    assert (code, said.splitlines()[0]) == (0, "clipdata: drafts/train.csv is left out: exclude names drafts")
    assert staged(repository, "--clip-set=exclude=[]")[0] == 1


def test_what_is_on_disk_must_be_what_is_staged(repository: Repository) -> None:
    train = repository.folder / "datasets/train.csv"
    good = train.read_bytes()
    append(train, ("images/train0.jpg", "A fine landscape of old", "macth"))
    repository.git("add", "--all")
    train.write_bytes(good)
    words = "clipdata: datasets/train.csv on disk is not what is staged, and what is on disk would be judged"
    code, said = staged(repository)
    assert code == 4
    assert words in said

    repository.git("reset", "-q", "--hard")
    append(repository.folder / "datasets/val.csv", ("images/val0.jpg", "A fine landscape of old", "match"))
    (repository.folder / "datasets/images/val0.jpg").write_bytes(b"")
    repository.git("add", "datasets/images")  # the sibling that is compared with is not as it will be
    assert staged(repository)[0] == 4

    repository.git("reset", "-q", "--hard")
    repository.git("rm", "-q", "--cached", "datasets/images/train0.jpg")
    code, said = staged(repository)
    assert code == 4
    assert "datasets/images/train0.jpg on disk is not staged" in said
    (repository.folder / ".gitignore").write_text("*.jpg\n")  # it went to DVC
    assert staged(repository)[0] == 0


def test_a_picture_that_was_not_added_is_missed(repository: Repository) -> None:
    picture = repository.folder / "datasets/images/new.jpg"
    picture.write_bytes(encoded(photo(40, (256, 256))))
    (repository.folder / "datasets/images/unnamed.jpg").write_bytes(b"")
    append(repository.folder / "datasets/train.csv", ("images/new.jpg", "A fine landscape of the new kind", "match"))
    repository.git("add", "datasets/train.csv")
    code, said = staged(repository)
    assert code == 4
    assert "clipdata: datasets/images/new.jpg on disk is not staged, and what is on disk would be judged" in said
    repository.git("add", "datasets/images/new.jpg")
    assert staged(repository)[0] == 0


def test_between_two_commits_what_changed_there_is_checked(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD").strip()
    append(repository.folder / "datasets/train.csv", ("images/train0.jpg", "A fine landscape of old", "macth"))
    repository.git("add", "--all")
    repository.git("commit", "-q", "--no-verify", "-m", "bad")
    assert staged(repository)[0] == 0
    done = repository.run(
        sys.executable, "-m", "pre_commit", "run", "--from-ref", first, "--to-ref", "HEAD", check=False
    )
    assert done.returncode == 1
    assert "labels: 'macth' is not a label" in done.stdout


def test_a_folder_that_is_no_repository_is_a_usage_error(repository: Repository) -> None:
    shutil.rmtree(repository.folder / ".git")
    code, said = staged(repository)
    assert code == 4
    assert "clipdata: --staged: git rev-parse fails: fatal: not a git repository" in said
