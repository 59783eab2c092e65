"""What this process's worker has done, as figures for Prometheus; nothing personal is in their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

#: Stages take seconds to hours; the wait for a worker, too.
LONG_BUCKETS_S = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 7200.0)
RATE_BUCKETS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)


class Figures:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._stages = self._histogram("stage_seconds", "What stages took, without those found in the cache.", "kind", "stage")
        self._waits = self._histogram("wait_seconds", "From a job's order to its start.", "kind")
        self._jobs = self._histogram("job_seconds", "What jobs took from their start.", "kind", "outcome")
        self._rates = self._histogram("frames_per_second", "How quickly films were drawn.", "kind", buckets=RATE_BUCKETS)
        self._frames = self._counter("frames", "Frames that were drawn.", "kind")
        self._failures = self._counter("failures", "Jobs that failed, by the code of what is told.", "kind", "code")
        self._cache = self._counter("cache", "Stages whose result lay in the cache, or did not.", "stage", "found")

    def _histogram(self, name: str, says: str, *labels: str, buckets: Sequence[float] = LONG_BUCKETS_S) -> Histogram:
        return Histogram(f"belcanto_{name}", says, labels, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"belcanto_{name}", says, labels, registry=self.registry)

    def waited(self, kind: str, seconds: float) -> None:
        """A job waited so long for its start."""
        self._waits.labels(kind).observe(max(0.0, seconds))

    def ended(self, kind: str, outcome: str, seconds: float) -> None:
        """A job has come to an end."""
        self._jobs.labels(kind, outcome).observe(seconds)

    def failed(self, kind: str, code: str) -> None:
        """A job failed with that code."""
        self._failures.labels(kind, code).inc()

    def made(self, kind: str, spent_s: Mapping[str, float], cached: Iterable[str], frames: int, frames_stage: str) -> None:
        """A job was done: what its stages took, those that lay in the cache, and how many frames were drawn."""
        for stage, seconds in spent_s.items():
            self._stages.labels(kind, stage).observe(seconds)
            self._cache.labels(stage, "no").inc()
        for stage in cached:
            self._cache.labels(stage, "yes").inc()
        drawing_s = spent_s.get(frames_stage, 0.0)
        if frames and drawing_s > 0:
            self._frames.labels(kind).inc(frames)
            self._rates.labels(kind).observe(frames / drawing_s)


#: Of the worker in this process.
FIGURES = Figures()
