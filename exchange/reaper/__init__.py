"""REAPER projects: tracks, folders, sends and automation as REAPER's own, the console's processors as JSFX.

`chunks` writes the text format, `effects` makes the JSFX from the parameter table and the code beside it, `write` a
whole project with its audio.
"""

from exchange.reaper.write import WrittenReaper, write_reaper

__all__ = ["WrittenReaper", "write_reaper"]
