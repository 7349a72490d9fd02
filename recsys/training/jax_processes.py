"""Several processes, on one machine or many, by way of JAX's own runtime."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from numpy.typing import ArrayLike

from recsys.errors import DataError

START_SECONDS = 300  # for which the processes of a job wait for each other when they start
HEARTBEAT_SECONDS = 60  # after which a process that says nothing counts as gone
END_SECONDS = 30  # likewise, when they end


class LostError(DataError):
    """Another process of the job has gone, or cannot be reached."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which process this is, of which job.

    Attributes:
        coordinator: HOST:PORT at which the first process can be reached; None: the cluster tells all three.
        number: of this process, from 0.
        count: of all processes.
    """

    coordinator: str | None = None
    number: int | None = None
    count: int | None = None


class JaxProcesses:
    """The processes of a job that was joined; see `Processes`. Sums are made by the devices, one of each process."""

    def __init__(self) -> None:
        self.number, self.count = jax.process_index(), jax.process_count()
        first = {device.process_index: device for device in reversed(jax.devices())}
        self.device = first[self.number]
        mesh = Mesh(np.array([first[number] for number in range(self.count)]), ("process",))
        self.one_each, everywhere = NamedSharding(mesh, PartitionSpec("process")), NamedSharding(mesh, PartitionSpec())
        self.summed = jax.jit(lambda parts: parts.sum(axis=0, dtype=parts.dtype), out_shardings=everywhere)
        self.collected = jax.jit(lambda parts: parts, out_shardings=everywhere)

    def sum(self, values: ArrayLike) -> np.ndarray:
        """See `Processes`."""
        return self.together(self.summed, np.asarray(values))

    def gathered(self, rows: np.ndarray) -> np.ndarray:
        """See `Processes`."""
        counts = self.together(self.collected, np.asarray(len(rows)))  # (processes,)
        padded = np.zeros((int(counts.max(initial=0)), *rows.shape[1:]), dtype=rows.dtype)
        padded[: len(rows)] = rows
        parts = self.together(self.collected, padded)
        return np.concatenate([part[:count] for part, count in zip(parts, counts, strict=True)])

    def told_by_first(self, message: bytes) -> bytes:
        """See `Processes`."""
        is_first = self.number == 0
        length = int(self.sum(len(message) if is_first else 0))
        said = np.frombuffer(message, dtype=np.uint8) if is_first else np.zeros(length, dtype=np.uint8)
        return self.sum(said).tobytes()

    def together(self, work: Any, values: np.ndarray) -> np.ndarray:
        """What a function makes of an array of each process: (...) each, (processes, ...) together."""
        with jax.enable_x64(True), lost_explained():
            own = jax.device_put(values[None], self.device)
            parts = jax.make_array_from_single_device_arrays((self.count, *values.shape), self.one_each, [own])
            return np.array(work(parts).addressable_data(0))


@contextmanager
def lost_explained() -> Iterator[None]:
    """Turn what JAX says of a process that has gone into a sentence.

    Raises:
        LostError: for it.
    """
    try:
        yield
    except (jax.errors.JaxRuntimeError, ValueError) as error:  # gloo's are the latter
        said = " ".join(str(error).split())[:200]
        raise LostError(
            f"another process of this job has gone or cannot be reached ({said}); start all of them again with the "
            "same commands, and they go on from what was kept"
        ) from None


@contextmanager
def joined(job: Job) -> Iterator[JaxProcesses]:
    """Be a process of a job inside this context; comes before anything else that JAX does in this process.

    Whoever leaves it by an exception leaves the job, which then ends in the others, too.

    Raises:
        DataError: the job cannot be joined.
        LostError: a process of it has gone.
    """
    jax.config.update("jax_cpu_collectives_implementation", "gloo")  # where there are processors alone
    try:
        jax.distributed.initialize(
            coordinator_address=job.coordinator,
            num_processes=job.count,
            process_id=job.number,
            cluster_detection_method=None if job.coordinator is None else "deactivate",
            initialization_timeout=START_SECONDS,
            heartbeat_timeout_seconds=HEARTBEAT_SECONDS,
            shutdown_timeout_seconds=END_SECONDS,
        )
    except (RuntimeError, ValueError) as error:
        raise DataError(not_joined(job, error)) from None
    processes = JaxProcesses()
    yield processes
    processes.told_by_first(b"")  # nobody goes before all have come here
    with lost_explained():
        jax.distributed.shutdown()


def not_joined(job: Job, error: Exception) -> str:
    """A sentence for a job that could not be joined."""
    said = " ".join(str(error).split())[:200]
    if job.coordinator is None:
        return f"no cluster tells which process this is ({said}); give --coordinator, --process-id and --num-processes"
    return f"process {job.number} of {job.count} could not join the job at {job.coordinator} ({said})"
