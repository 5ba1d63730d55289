from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pytest_clipdata.judging.great_expectations import preload
preload()
assert "altair.vegalite" not in sys.modules and "scipy.stats._stats_py" not in sys.modules
import altair, scipy.stats
assert round(scipy.stats.norm.cdf(0), 3) == 0.5 and altair.Chart is not None
assert not any(type(finder).__name__ == "_Late" for finder in sys.meta_path)
"""


def test_what_great_expectations_hardly_uses_is_loaded_when_it_is_asked_for() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", CODE], check=True)


def test_a_module_that_is_there_stays_as_it_is() -> None:
    code = "import altair, scipy.stats\nbefore = scipy.stats\n" + CODE.partition("preload()\n")[0]
    subprocess.run([sys.executable, "-c", code + "preload()\nassert scipy.stats is before"], check=True)


def test_garbage_is_not_looked_for_during_the_import_and_is_again_after_it() -> None:
    code = (
        "import gc\nseen = []\ngc.callbacks.append(lambda phase, info: seen.append(phase))\n"
        "from pytest_clipdata.judging.great_expectations import preload\n{before}\nseen.clear()\npreload()\n"
        "print(len(seen) <= 2, gc.isenabled())"
    )
    for before, after in (("gc.enable()", "True"), ("gc.disable()", "False")):
        run = [sys.executable, "-W", "ignore", "-c", code.format(before=before)]
        done = subprocess.run(run, check=True, capture_output=True, text=True)
        assert done.stdout.split() == ["True", after]
