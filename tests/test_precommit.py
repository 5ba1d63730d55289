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
    passed, said = repository.commit()
    assert passed, said
    assert not repository.git("status", "--porcelain", "--ignored")


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
