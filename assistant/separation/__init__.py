"""A finished stereo mix as a song of four stems, taken apart once and kept."""

from assistant.separation.stems import FOLDER, stems_of

__all__ = ["FOLDER", "stems_of"]
