"""Benchmarks against peers; `benchmarks.run` finds them by name."""

__all__: list[str] = []
