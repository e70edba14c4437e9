"""Watchdogs: one for a chief that was not seen for too long, one for a job's end."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.cluster.job_status import (
    JobStatus,
    JobStatusFile,
    JobStatusVariables,
)
from estimator_mnist.estimator.run_config import RunConfig

SECS_BETWEEN_LOOKS = 1
# A step that another task's absence blocks is broken off this long after the job's end.
SECS_FOR_LAST_STEP = 4
_SECS_TO_JOIN = 2


class ChiefWatchdog:
    """Raises an error when nothing was seen of the chief for too long."""

    def __init__(self, config: RunConfig):
        # The evaluator's own RunConfig has no cluster.
        spec = tf_config.cluster_of(tf_config.read())
        jobs = [job for job in (tf_config.CHIEF, tf_config.MASTER) if job in spec.jobs]
        self._address = spec.task_address(jobs[0], 0)
        self._secs = config.session_creation_timeout_secs
        self._seen = time.monotonic()
        self._sign: str | None = None

    def look(self, sign: str | None = None) -> None:
        """Looks for the chief; a `sign` other than the last one is one of life.

        Raises:
          ClusterError: nothing was seen for session_creation_timeout_secs.
        """
        if sign != self._sign or servers.is_up(self._address):
            self._seen, self._sign = time.monotonic(), sign
        elif time.monotonic() - self._seen > self._secs:
            raise errors.ClusterError(
                f"Nothing was seen of the chief, at {self._address}, for {self._secs:g}"
                " s (RunConfig.session_creation_timeout_secs): start it, or correct "
                "its address in TF_CONFIG."
            )


class JobWatchdog(tf.compat.v1.train.SessionRunHook):
    """Ends a worker's session when the job is over.

    with JobWatchdog(config, job) as watchdog:
        estimator.train(input_fn, hooks=[watchdog])

    Attributes:
      over: threading.Event, set when the job is over.
      status: what the chief said of it; None until then.
      broke_off: whether a step that would never have ended was broken off.
    """

    def __init__(self, config: RunConfig, job: JobStatusFile):
        """Watches when it is entered.

        Args:
          job: where to look for the end, beside the parameter servers.
        """
        self._config, self._job = config, job
        self._session: Any = None
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._leave = threading.Event()
        self.over = threading.Event()
        self.status: JobStatus | None = None
        self.broke_off = False

    def __enter__(self) -> "JobWatchdog":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._leave.set()
        self._thread.join(_SECS_TO_JOIN)

    def after_create_session(self, session: Any, coord: Any) -> None:
        self._session = session

    def before_run(self, run_context: Any) -> None:
        self._busy_since = time.monotonic()

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._busy_since = None
        if self.over.is_set():
            run_context.request_stop()

    def _watch(self) -> None:
        with contextlib.ExitStack() as stack:
            read = self._reader(stack)
            while not self._leave.wait(SECS_BETWEEN_LOOKS):
                self.status = self.status or read()
                if self.status:
                    self.over.set()
                self._break_off()

    def _reader(self, stack: contextlib.ExitStack) -> Callable[[], JobStatus | None]:
        """Returns what asks the file and the first parameter server, in one session."""
        ((task, address), *_) = servers.servers(self._config).items()
        variables = JobStatusVariables(task, self._config.master, self._config)
        opened: list[tf.compat.v1.Session] = []

        def read() -> JobStatus | None:
            try:
                if not opened and servers.is_up(address):
                    opened.append(stack.enter_context(variables.open()))
                ended = self._job.ended()
                if ended or not opened:
                    return ended
                return variables.read(opened[0])
            except tf.errors.OpError:
                opened.clear()
                return None

        return read

    def _break_off(self) -> None:
        since = self._busy_since
        if not (self.status and since) or self.broke_off:
            return
        if time.monotonic() - since > SECS_FOR_LAST_STEP:
            self.broke_off = True
            self._session.close()
