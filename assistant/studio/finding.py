"""The deed of finding references: songs of the person's own library that sound like words, or like a recording."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from assistant.library import find_songs, known_libraries, open_library, sound_of
from assistant.library.find import Found
from assistant.studio.background import Tell, progressing
from assistant.studio.deed import Doing
from assistant.studio.outcome import Outcome
from assistant.tell import say
from console.errors import RequestError

if TYPE_CHECKING:
    from assistant.studio.studio import Studio

__all__ = ["finding"]


def finding(studio: "Studio") -> Sequence[Callable[..., Doing]]:
    """Return the deeds."""

    def find_references(
        description: Annotated[str, Field(max_length=400, description='"warm and wide", "like this but darker"')],
        like: Annotated[str | None, Field(description='the recording that "this" means')] = None,
        count: Annotated[int, Field(ge=1, le=20)] = 5,
    ) -> Doing:
        """Look in the person's own indexed music for songs that sound a certain way; they can be matched then."""
        places = known_libraries()
        if not places:
            raise RequestError("No music is indexed yet. Run: studiospeak library index FOLDER")
        path = None if like is None else studio.references.find(like)

        def work(tell: Tell) -> tuple[list[Found], list[str]]:
            tell("listen", 0.0)
            explorer = studio.assistant.explorer
            found: list[tuple[Found, str]] = []
            sound = None if path is None else sound_of(path, explorer.encoder)[0]
            for place in places:
                library = open_library(place, explorer.encoder)
                songs = find_songs(library, description, explorer.model, sound, count)
                found += [(song, str(library.music / song.path)) for song in songs]
            best = sorted(found, key=lambda entry: -entry[0].score)[:count]
            return [song for song, _ in best], [file for _, file in best]

        songs, files = yield from progressing(work)
        if not songs:
            return Outcome(say("no_songs"))
        for file in reversed(files):
            studio.references.add(file)
        lines = [
            f"{number}. {song.path}" + "".join(f", {word} {value:+.1f}" for word, value in song.words.items())
            for number, song in enumerate(songs, 1)
        ]
        return Outcome("\n".join([say("songs"), *lines, say("songs_next", name=songs[0].path.rpartition("/")[2])]))

    return (find_references,)
