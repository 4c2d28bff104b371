"""What a first mix did and why, in sentences; nothing is said that was not turned or measured."""

from assistant.start.starting import Started
from assistant.tell import name_channel

__all__ = ["sentences"]


def sentences(started: Started) -> str:
    """Return a line for every channel: what was turned, why, and where it stands now."""
    levels = {entry.track: entry for entry in started.measured if entry.what == "level against the rest"}
    lines = ["A first mix. Every level is the loudness of what plays, set against the lead:"]
    for name, why in started.why.items():
        who = name_channel(name)
        line = f"{who[0].upper()}{who[1:]}: {', '.join(why)}."
        if name in levels:
            entry = levels[name]
            line += f" Against the rest: {entry.before:.1f} to {entry.after:.1f} LU."
        lines.append(line)
    return "\n".join(lines)
