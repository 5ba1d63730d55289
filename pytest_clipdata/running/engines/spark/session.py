"""The Spark session of a run: one that is there is taken, else one is started, and only that one is stopped."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from typing import Any

#: Set by ``spark-submit`` for the Python that it starts: the master is then its affair.
_SUBMITTED = "PYSPARK_GATEWAY_PORT"
#: Parts of what is joined or counted by value on one machine.
_LOCAL_PARTITIONS = 4


def unusable(master: str) -> str | None:
    """Why there can be no session for ``engine.master``, in words, as far as can be told without starting one."""
    if find_spec("pyspark") is None:
        return "--clip-engine spark needs pyspark: pip install 'pytest-clipdata[spark]'"
    if os.environ.get("SPARK_REMOTE") or master.startswith("sc://"):
        return "--clip-engine spark cannot work through Spark Connect; name the master itself in engine.master"
    there = _active()
    if there is not None:
        found = there.sparkContext.master
        differs = f"engine.master is {master!r}, but a Spark session is there already whose master is {found!r}"
        return differs if master not in ("", found) else None
    if not (_SUBMITTED in os.environ or os.environ.get("JAVA_HOME") or shutil.which("java")):
        return "--clip-engine spark needs Java 17 or later: there is no java on the PATH, and JAVA_HOME is not set"
    return None


def find_or_start(master: str) -> tuple[Any, bool]:
    """The session (a ``pyspark.sql.SparkSession``), and whether it was started here and is ours to stop."""
    there = _active()
    if there is not None:
        return there, False
    from pyspark.sql import SparkSession

    # Python of the same version must serve the tasks; on a cluster whoever sets one of these knows where it is.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("pytest-clipdata")
    if not master and _SUBMITTED not in os.environ:
        master = "local[*]"
    builder = builder.master(master) if master else builder
    settings = {
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.enabled": "false",  # a port that a machine of CI may not have
        "spark.ui.showConsoleProgress": "false",  # it would write over pytest's lines
        "spark.log.level": "ERROR",
    }
    if master.startswith("local"):  # the default is for a cluster: 200 tasks for each of hundreds of small jobs
        settings["spark.sql.shuffle.partitions"] = str(_LOCAL_PARTITIONS)
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate(), True


def _active() -> Any:
    """The session that somebody started in this process, None if nobody did. Imports nothing."""
    if "pyspark" not in sys.modules:
        return None
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()
