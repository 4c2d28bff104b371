"""Listen to the tracks whose file name told nothing, and say what plays on them."""

from dataclasses import replace

from console.errors import ModelError
from exchange import Song, Track
from exchange.names import load_table

__all__ = ["recognised"]

_UNKNOWN = "unknown"


def recognised(song: Song) -> Song:
    """Return the song with instruments of unnamed tracks recognised by ear.

    Tracks whose name says what they are, and silent ones, are not listened to; where there are no others the song
    comes back as it is and no model is loaded.

    Args:
        song: as `exchange.load_tracks` gives it.
    Returns:
        The song; a note says which tracks were recognised and how surely, or why none could be.
    """
    unnamed = [track for track in song.tracks if track.instrument == _UNKNOWN and not track.silent]
    if not unnamed:
        return song
    from models.instruments import load_tagger  # loads torch's kernels and 0.8 MB of weights: only where needed

    try:
        tagger = load_tagger()
    except ModelError as error:
        return replace(song, notes=(*song.notes, f"Tracks without a telling name were not recognised by ear: {error}"))
    heard: dict[str, Track] = {}
    words: list[str] = []
    for track in unnamed:
        tag = tagger.tag(track.audio, song.sample_rate)
        if tag.instrument == _UNKNOWN:
            continue
        colour = load_table().instruments[tag.instrument]["colour"]
        confidence = round(tag.confidence, 2)
        heard[track.name] = replace(
            track, instrument=tag.instrument, group=tag.group, colour=colour, confidence=confidence
        )
        words.append(f"{track.name} is {tag.say} ({confidence:.0%} sure)")
    deaf = [track.name for track in unnamed if track.name not in heard]
    notes = [f"Recognised by ear, as the names say nothing: {', '.join(words)}."] if words else []
    notes += [f"Not recognised by ear either: {', '.join(deaf)}."] if deaf else []
    tracks = tuple(heard.get(track.name, track) for track in song.tracks)
    return replace(song, tracks=tracks, notes=(*song.notes, *notes))
