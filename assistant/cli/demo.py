"""`studiospeak demo OUT_DIR`: the demo song's stems."""

import argparse

from exchange.demo_song import copy_demo

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Copy the demo and say where it is."""
    stems = copy_demo(options.out_dir)
    print(f"{len(stems)} stems written to {options.out_dir}. Try:")
    print(f'  studiospeak edit {options.out_dir} --say "make the lead warmer and bring it forward" --out edited')
    return 0
