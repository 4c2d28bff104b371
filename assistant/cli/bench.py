"""`studiospeak bench [NAME...]`: the benchmarks."""

import argparse

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the named benchmarks, or all of them."""
    from benchmarks.run import names, run

    return max(run(name, options.json) for name in options.names or names())
