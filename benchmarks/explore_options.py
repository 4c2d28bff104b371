"""The options' half of the exploring benchmark: how different they are, which way they go, what they cost."""

import time
from typing import Any

import numpy as np

from assistant.explore import Explorer
from assistant.explore.realise import turned
from assistant.explore.stage import stage_for
from console.settings import Settings
from exchange import Song

__all__ = ["PROMPTS", "measure_options"]

PROMPTS = ("make it warmer", "brighter", "make the vocal clearer", "punchier", "calmer", "80s vibes",
           "intimate, late at night", "bigger chorus", "surprise me", "wider and smoother")  # fmt: skip
_ELSEWHERE = (0.15, 0.7)


def measure_options(explorer: Explorer, song: Song, prompts: tuple[str, ...] = PROMPTS) -> dict[str, Any]:
    """Explore prompts on a song.

    Running a prompt again gives the same settings bit for bit, so its own distance is 0. What is compared with is
    harder: the same reading tuned on two other stretches of the song.

    Returns:
        A row a prompt, and over all: the smallest ratio of the options' nearest distance to that of a re-run, and the
        share of options with a positive cosine.
    """
    settings = Settings.neutral([track.name for track in song.tracks])
    explorer.explore(song, settings, prompts[0], 2)  # compiles
    rows = []
    for prompt in prompts:
        began = time.process_time()
        found = explorer.explore(song, settings, prompt)
        seconds = time.process_time() - began
        if not found.options:
            rows.append({"prompt": prompt, "options": 0, "cpu_s": seconds})
            continue
        again = explorer.explore(song, settings, prompt, 2)
        same = again.options[0].settings == found.options[0].settings
        cosines = [option.cosine for option in found.options if option.cosine != 0.0]
        rows.append(
            {
                "prompt": prompt,
                "options": len(found.options),
                "names": [option.reading.name for option in found.options],
                "nearest": found.nearest,
                "audible": found.audible,
                "rerun": 0.0 if same else float(np.linalg.norm(again.options[0].place - found.options[0].place)),
                "other_stretch": _other_stretch(explorer, song, settings, found),
                "positive": float(np.mean([cosine > 0 for cosine in cosines])) if cosines else 1.0,
                "cosine": float(np.mean(cosines)) if cosines else 0.0,
                "cpu_s": seconds,
            }
        )
    made = [row for row in rows if row["options"] > 1]
    count = sum(row["options"] for row in made)
    return {
        "prompts": rows,
        "tracks": len(song.tracks),
        "seconds": song.duration_s,
        "least_ratio": min(row["nearest"] / max(row["other_stretch"], row["rerun"], 1e-6) for row in made),
        "least_ratio_to_audible": min(row["nearest"] / row["audible"] for row in made),
        "positive": sum(row["positive"] * row["options"] for row in made) / count,
        "cpu_s": max(row["cpu_s"] for row in rows),
        "cpu_s_median": float(np.median([row["cpu_s"] for row in rows])),
    }


def _other_stretch(explorer: Explorer, song: Song, settings: Settings, found) -> float:
    """Return how far apart the first reading comes out when it is made for two other stretches of the song."""
    stage = stage_for(song, () if found.target == "mix" else (found.target,), explorer.encoder)
    places = []
    for share in _ELSEWHERE:
        first = int(share * song.length)
        parts = tuple(_cut(track, first, song) for track in song.tracks)
        part = Song(parts, song.sample_rate, parts[0].audio.shape[1], song.source, ())
        made, _ = turned(
            found.options[0].reading, part, settings, explorer.ontology, explorer.ears, follow_gradient=True
        )
        places.append(stage.place(made))
    return float(np.linalg.norm(places[0] - places[1]))


def _cut(track, first: int, song: Song):
    from dataclasses import replace

    return replace(track, audio=np.ascontiguousarray(track.audio[:, first : first + int(0.25 * song.length)]))
