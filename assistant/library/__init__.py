"""Library: any folder of music, found by how it sounds; the folder itself is only read."""

from assistant.library.find import Found, find_songs
from assistant.library.index import Entry, Library, build_library, default_folder, known_libraries, open_library
from assistant.library.scan import music_files, sound_of

__all__ = [
    "Entry",
    "Found",
    "Library",
    "build_library",
    "default_folder",
    "find_songs",
    "known_libraries",
    "music_files",
    "open_library",
    "sound_of",
]
