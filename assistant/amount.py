"""Amount: how much of an edit stands, all of it or its parts, 0 to 150 %.

An edit is the way from a version's parent to the version. Its knobs go a share of that way (`console.blend`); an
equaliser whose bands were moved about goes a share of its curve, fitted anew. Loudness stays honest: where the edit
turned a track's level, the track is as loud as the share of the level says, whatever became of the other parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.eq_fit import current_curve_db, fit_eq
from assistant.parts import part_named, part_of
from assistant.session import Session, Share, Version
from assistant.track_level import track_loudness_lufs
from console.blend import Key, blend, differing, standing
from console.errors import RequestError
from console.filters import BANDS
from console.parameters import spec
from console.settings import Settings, kind_of

__all__ = ["HIGHEST", "Rescaled", "amount_now", "rescale"]

HIGHEST = 1.5
_LEAST_DB = 0.1
_LEVELS = ("fader.gain_db", "compressor.makeup_db")
_SAME_PLACE_OCTAVES, _SAME_Q = 1 / 6, 1.3
_POINTS = 60


@dataclass(frozen=True)
class Rescaled:
    """An edit at another amount: the new settings, the number of the edit, and what of it stands."""

    settings: Settings
    of: int
    shares: tuple[Share, ...]


def rescale(session: Session, amount: float, parts: Sequence[str] = (), tracks: Sequence[str] = ()) -> Rescaled:
    """Return the settings with the last edit at another amount.

    Args:
        session: where it stands; nothing in it is changed.
        amount: 0 takes it back, 1 is as it was made, up to 1.5.
        parts: as `assistant.parts` names them; empty means all.
        tracks: channel addresses; empty means all.
    Raises:
        RequestError: an amount outside 0 to 1.5, no such part, or no edit turned such a knob.
    """
    if not 0.0 <= amount <= HIGHEST:
        raise RequestError(f"An amount of {100 * amount:g} % cannot be set. Use 0 to {100 * HIGHEST:g} %.")
    share = Share(amount=amount, parts=tuple(part_named(name) for name in parts), tracks=tuple(tracks))
    found = _edit_with(session, share)
    edit = found.edit
    before = session.versions[edit.parent or 0].settings
    shares = (*(old for old in found.shares if not _covered(old, share)), share)
    keys = differing(before, edit.settings)
    amounts = {key: _amount(shares, key) for key in keys}
    settings = _with_curves(blend(before, edit.settings, amounts), before, edit.settings, amounts, session)
    settings = _with_levels(settings, before, edit.settings, amounts, session)
    if not found.on_top:  # later edits stay as they are
        wanted, settings = settings, session.settings
        for key in found.free:
            settings = settings.turned({key[1:]: standing(wanted, key)}, key[0])
    return Rescaled(session.held(settings), edit.number, shares)


def amount_now(session: Session) -> float | None:
    """Return the amount at which all of the last edit stands; None where there is none or its parts differ."""
    version = session.version
    if version.parent is None:
        return None
    if version.of is None:
        return 1.0
    whole = [share for share in version.shares if not share.parts and not share.tracks]
    return whole[-1].amount if whole and version.shares[-1] == whole[-1] else None


@dataclass(frozen=True)
class _Found:
    """An edit, what stands of it, its knobs that are meant and were not turned again since, and if it lies on top."""

    edit: Version
    shares: tuple[Share, ...]
    free: list[Key]
    on_top: bool


def _edit_with(session: Session, share: Share) -> _Found:
    """Return the last edit that turned something the share is about."""
    seen: set[int] = set()
    path = session.path()
    numbers = [version.number for version in path]
    for version in path:
        number = version.number if version.of is None else version.of
        edit = session.versions[number]
        if number in seen or edit.parent is None:
            continue
        seen.add(number)
        later = [other for other in path[: numbers.index(number)] if other.of != number]
        again = {key for other in later for key in _turned(session, other)}
        free = [key for key in _turned(session, edit) if _is_about(share, key) and key not in again]
        if free:
            return _Found(edit, version.shares, free, not later)
    what = "anything" if not share.parts else "anything else" if len(share.parts) > 3 else f"the {share.parts[0]}"
    what += "".join(f" or the {part}" for part in share.parts[1:]) if len(share.parts) <= 3 else ""
    where = f" of {', '.join(share.tracks)}" if share.tracks else ""
    raise RequestError(f"No change turned {what}{where}, so nothing of that can be rescaled. Say what should change.")


def _turned(session: Session, version: Version) -> list[Key]:
    return differing(session.versions[version.parent or 0].settings, version.settings)


def _is_about(share: Share, key: Key) -> bool:
    return (not share.parts or part_of(key[2]) in share.parts) and (not share.tracks or key[1] in share.tracks)


def _covered(old: Share, new: Share) -> bool:
    """Say whether everything the old share is about is now said anew."""
    within = [not wide or (bool(narrow) and set(narrow) <= set(wide)) for narrow, wide in
              ((old.parts, new.parts), (old.tracks, new.tracks))]  # fmt: skip
    return all(within)


def _amount(shares: Sequence[Share], key: Key) -> float:
    return next((share.amount for share in reversed(shares) if _is_about(share, key)), 1.0)


def _with_curves(
    settings: Settings, before: Settings, after: Settings, amounts: Mapping[Key, float], session: Session
) -> Settings:
    """Fit the equalisers anew whose bands were moved about: their curve goes the share of the way, not their knobs."""
    rate = session.song.sample_rate
    freqs = np.geomspace(25.0, min(18000.0, 0.45 * rate), _POINTS)
    for time_s, address in dict.fromkeys(key[:2] for key in amounts if key[2].startswith("eq.")):
        shares = {share for key, share in amounts.items() if key[:2] == (time_s, address) and key[2].startswith("eq.")}
        moved = any(_moved(before, after, (time_s, address), band) for band in BANDS)
        if not moved or len(shares) != 1 or shares <= {0.0, 1.0}:
            continue
        one, other = (part if time_s is None else part.within(time_s) for part in (before, after))
        curves = [current_curve_db(part, address, freqs, rate) for part in (one, other)]
        wanted = curves[0] + shares.pop() * (curves[1] - curves[0])
        fitted = fit_eq(wanted, freqs, np.ones_like(freqs), rate, other.channel(address))
        settings = settings.turned({(address, name): value for name, value in fitted.items()}, time_s)
    return settings


def _moved(before: Settings, after: Settings, where: tuple, band: str) -> bool:
    """Say whether a band is in use in both and stands elsewhere."""

    def both(part: str) -> tuple[float, float]:
        one, other = (float(standing(s, (*where, f"eq.{band}_{part}"))) for s in (before, after))
        return one, other

    if 0.0 in both("gain_db"):
        return False
    (freq_1, freq_2), (q_1, q_2) = both("freq_hz"), both("q")
    return abs(np.log2(freq_2 / freq_1)) > _SAME_PLACE_OCTAVES or max(q_1 / q_2, q_2 / q_1) > _SAME_Q


def _with_levels(
    settings: Settings, before: Settings, after: Settings, amounts: Mapping[Key, float], session: Session
) -> Settings:
    """Turn each level the edit turned so that the track is as loud as the share of the level says."""
    levels = {key for key in amounts if key[2] in _LEVELS and kind_of(key[1]) == "track"}
    for time_s, address in dict.fromkeys(key[:2] for key in levels):
        here = [key for key in amounts if key[:2] == (time_s, address)]
        if {amounts[key] for key in here} <= {0.0} or {amounts[key] for key in here} <= {1.0}:
            continue
        name = next(name for name in _LEVELS if (time_s, address, name) in levels)
        was, full, now = (
            track_loudness_lufs(session.song, part, address, time_s, session.kept) for part in (before, after, settings)
        )
        missing = was + amounts[time_s, address, name] * (full - was) - now
        if np.isfinite(missing) and abs(missing) >= _LEAST_DB:
            entry = spec(name)
            at = float(standing(settings, (time_s, address, name)))
            settings = settings.turned({(address, name): entry.round(entry.clip(at + missing))}, time_s)
    return settings
