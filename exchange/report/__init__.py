"""The mix report: one HTML file with numbers, plots, what was said and what turned. It needs no network.

`sound` measures the song before and after, `plots` draws, `page` writes the file from `page.html`.
"""

from exchange.report.page import Reading, Told, write_report
from exchange.report.sound import Sound, hear

__all__ = ["Reading", "Sound", "Told", "hear", "write_report"]
