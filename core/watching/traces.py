"""Traces by OpenTelemetry, sent by OTLP over HTTP where `BELCANTO_TRACES` names a collector; without it nothing is loaded.

A trace is handed on as a text, the header `traceparent` of W3C's Trace Context. Spans bear kinds, stages and codes, and nothing
that people wrote.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import InputError, MissingError
from core.places import SCALE_PINS, pip_install

VARIABLE = "BELCANTO_TRACES"
PACKAGES = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
#: Longest wait for the collector when a process ends, in milliseconds.
FLUSH_MS = 3000
_lock = threading.Lock()
_tracer: Any = None
_provider: Any = None


def begin_traces(service: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send traces from now on where the environment asks for it; once a process.

    service: by which name the process is known. Raises InputError for an address that is none, MissingError where OpenTelemetry
    is not installed.
    """
    global _tracer, _provider
    address = environment.get(VARIABLE, "").rstrip("/")
    if not address or _tracer is not None:
        return
    if not address.startswith(("http://", "https://")):
        raise InputError("core.traces_unreadable", name=VARIABLE, text=address)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingError("core.no_opentelemetry", name=VARIABLE, command=pip_install(PACKAGES, SCALE_PINS)) from error
    with _lock:
        provider = TracerProvider(resource=Resource({"service.name": service}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{address}/v1/traces", timeout=FLUSH_MS / 1000)))
        _provider, _tracer = provider, provider.get_tracer("belcanto")


def end_traces() -> None:
    """Send what is left, for a process that ends."""
    if _provider is not None:
        _provider.force_flush(FLUSH_MS)


@contextmanager
def span(name: str, parent: str = "", **attributes: str | int | float) -> Iterator[Span]:
    """What is done in the block, as a part of `parent` (a `traceparent`; empty: a trace of its own)."""
    begun = begin_span(name, parent, None, **attributes)
    try:
        yield begun
    except BaseException as error:
        begun.set(error=type(error).__name__)
        raise
    finally:
        begun.end()


class Span:
    """A span that is under way; nothing at all where no traces are sent."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        """By which others hang their parts on it; empty where no traces are sent."""
        if self._span is None:
            return ""
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"

    def set(self, **attributes: str | int | float) -> None:
        """Say more of it."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def end(self) -> None:
        """It is over."""
        if self._span is not None:
            self._span.end()


def begin_span(name: str, parent: str = "", began_s: float | None = None, **attributes: str | int | float) -> Span:
    """A span that `Span.end` ends. began_s: when it began, in seconds since 1970; None: now."""
    if _tracer is None:
        return Span()
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
    began_ns = int((time.time() if began_s is None else began_s) * 1e9)
    return Span(_tracer.start_span(name, context, attributes=attributes, start_time=began_ns))


class StageSpans:
    """The stages of a piece of work as spans, one after the other, as its progress names them."""

    def __init__(self, parent: str) -> None:
        self._parent, self._stage, self._span = parent, "", Span()

    def at(self, stage: str) -> None:
        """The work is at that stage."""
        if stage != self._stage:
            self._span.end()
            self._stage, self._span = stage, begin_span(f"stage {stage}", self._parent, stage=stage)

    def end(self) -> None:
        """The last one is over."""
        self._span.end()
        self._stage, self._span = "", Span()
