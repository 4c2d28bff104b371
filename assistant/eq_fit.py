"""Turn a curve in dB into the console's equaliser: few bands, each where and as wide as the curve wants it."""

from collections.abc import Mapping

import numpy as np
import torch
from scipy.optimize import least_squares
from torch import Tensor

from console.filters import BANDS, bell_section, eq_sections, response_db, shelf_section
from console.parameters import Value, spec
from console.settings import Settings

__all__ = ["current_curve_db", "fit_eq", "response_of"]

_PRICE = 0.002  # squared dB of misfit that one squared dB of gain must buy
_STEP = 1e-4
_EVALUATIONS = 15
_GOOD_ENOUGH_DB, _GOOD_ENOUGH_SHARE = 0.4, 0.15
_PARTS = ("gain_db", "freq_hz", "q")
_SMALLEST_DB = 0.7
_Q_LIMITS = (0.35, 3.0)
_LOWEST_HZ = 40.0  # below it a bell moves rumble, not tone


def current_curve_db(settings: Settings, address: str, freqs_hz: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return what a channel's equaliser does now at `freqs_hz` (points,), dB."""
    return response_of(settings.channel(address), freqs_hz, sample_rate)


def response_of(values: Mapping[str, Value], freqs_hz: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return what the `eq.*` values of a channel do at `freqs_hz` (points,), dB; those left out are neutral."""
    values = {name[3:]: float(value) for name, value in values.items() if name.startswith("eq.")}
    like = torch.zeros(1, 1, 1, dtype=torch.float64)
    sections = eq_sections(like, sample_rate, **values)
    return response_db(sections, torch.as_tensor(freqs_hz), sample_rate)[0].numpy()


def fit_eq(
    curve_db: np.ndarray,
    freqs_hz: np.ndarray,
    weights: np.ndarray,
    sample_rate: int,
    start: Mapping[str, Value],
) -> dict[str, Value]:
    """Fit the six bands to a curve.

    Args:
        curve_db: (points,) wanted response of the equaliser, dB.
        freqs_hz: (points,) Hz, ascending.
        weights: (points,) how much each point matters, 0..1.
        sample_rate: Hz.
        start: the channel's values now; bands in use keep their place to begin with.
    Returns:
        Every `eq.*` value of the fit, rounded to what a person would type; bands that bring under 0.7 dB are at 0.
    """
    keep = freqs_hz < 0.45 * sample_rate
    freqs = torch.as_tensor(freqs_hz[keep])
    wanted = torch.as_tensor(curve_db[keep], dtype=torch.float64)
    weight = torch.as_tensor(weights[keep] / max(weights[keep].sum(), 1e-9), dtype=torch.float64)
    enough = max(_GOOD_ENOUGH_DB, _GOOD_ENOUGH_SHARE * float((weight * wanted.square()).sum().sqrt()))
    used = [band for band in BANDS if float(start.get(f"eq.{band}_gain_db", 0.0)) != 0.0]
    fitted = {f"{band}_{part}": float(start.get(f"eq.{band}_{part}", spec(f"eq.{band}_{part}").default))
              for band in used for part in _PARTS}  # fmt: skip
    if used:
        fitted, _ = _descend(used, fitted, freqs, wanted, weight, sample_rate)
    while True:
        missing = wanted - _response(fitted, freqs, sample_rate)
        if float((weight * missing.square()).sum().sqrt()) <= enough or len(used) == len(BANDS):
            break
        trials = []
        for band in _candidates(used):
            at = {**fitted, **_place(band, freqs, missing, weight)}
            trials.append((*_descend([*used, band], at, freqs, wanted, weight, sample_rate), band))
        fitted, _, band = min(trials, key=lambda trial: trial[1])
        used.append(band)
    result: dict[str, Value] = {f"eq.{band}_gain_db": 0.0 for band in BANDS}
    for band in used:
        if abs(fitted[f"{band}_gain_db"]) >= _SMALLEST_DB:
            for part in _PARTS:
                name = f"eq.{band}_{part}"
                result[name] = spec(name).round(fitted[f"{band}_{part}"])
    return result


def _candidates(used: list[str]) -> list[str]:
    """Return what can be tried next: each free shelf and one free bell (bells are alike)."""
    bells = [band for band in BANDS if band.startswith("bell") and band not in used]
    return [band for band in ("low_shelf", "high_shelf") if band not in used] + bells[:1]


def _place(band: str, freqs: Tensor, missing: Tensor, weight: Tensor) -> dict[str, float]:
    """Return where a new band starts: a bell where most is missing, a shelf at its default with its side's mean."""
    freq_hz = float(spec(f"eq.{band}_freq_hz").default)
    if band.startswith("bell"):
        at = int((missing.abs() * weight.sqrt()).argmax())
        return {f"{band}_gain_db": float(missing[at]), f"{band}_freq_hz": float(freqs[at]), f"{band}_q": 0.8}
    side = freqs < freq_hz if band == "low_shelf" else freqs > freq_hz
    share = weight[side].sum().clamp(min=1e-9)
    gain_db = float((missing[side] * weight[side]).sum() / share)
    return {f"{band}_gain_db": gain_db, f"{band}_freq_hz": freq_hz, f"{band}_q": 0.71}


def _response(fitted: Mapping[str, float], freqs: Tensor, sample_rate: int) -> Tensor:
    like = torch.zeros(1, 1, 1, dtype=torch.float64)
    return response_db(eq_sections(like, sample_rate, **fitted), freqs, sample_rate)[0]


def _descend(
    bands: list[str],
    start: dict[str, float],
    freqs: Tensor,
    wanted: Tensor,
    weight: Tensor,
    sample_rate: int,
) -> tuple[dict[str, float], float]:
    """Minimise the weighted misfit plus a price on gain, over gains in dB and logs of frequency and Q."""
    names = [f"{band}_{part}" for band in bands for part in _PARTS]
    lows, highs = (np.array(limit) for limit in zip(*(_limits(name) for name in names), strict=True))
    linear = np.array([name.endswith("gain_db") for name in names])
    first = np.array([start[name] if flat else np.log(start[name]) for name, flat in zip(names, linear, strict=True)])
    root, goal = torch.sqrt(weight).numpy(), wanted.numpy()
    prices = np.sqrt(_PRICE) * np.eye(len(names))[linear]

    def around(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (residuals,) and their slopes (residuals, values): a value moves its own band's response alone."""
        steps = np.where(point + _STEP > highs, -_STEP, _STEP).reshape(-1, len(_PARTS), 1)
        here = point.reshape(-1, 1, len(_PARTS))
        found = _responses(bands, np.hstack((here, here + steps * np.eye(len(_PARTS)))), freqs, sample_rate)
        moved = ((found[:, 1:] - found[:, :1]) / steps).reshape(len(names), -1).T
        missing = found[:, 0].sum(axis=0) - goal
        return np.concatenate((missing * root, prices @ point)), np.vstack((moved * root[:, None], prices))

    seen: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}

    def at(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        key = point.tobytes()
        if key not in seen:
            seen[key] = around(point)
        return seen[key]

    inside = np.clip(first, lows + 1e-3 * (highs - lows), highs - 1e-3 * (highs - lows))
    result = least_squares(
        lambda point: at(point)[0], inside, lambda point: at(point)[1], bounds=(lows, highs), max_nfev=_EVALUATIONS
    )
    values = {name: float(v if flat else np.exp(v)) for name, v, flat in zip(names, result.x, linear, strict=True)}
    return values, float(result.cost)


def _responses(bands: list[str], values: np.ndarray, freqs: Tensor, sample_rate: int) -> np.ndarray:
    """Return (bands, ways, points) dB of each band alone; values are (bands, ways, 3): dB, logs of frequency and Q."""
    parts = torch.from_numpy(values)
    gain_db, freq_hz, q = parts[..., 0], parts[..., 1].exp(), parts[..., 2].exp()
    sections = torch.empty(*parts.shape[:2], 5, dtype=parts.dtype)
    for kind in ("low_shelf", "bell", "high_shelf"):
        rows = [row for row, band in enumerate(bands) if band.startswith(kind)]
        if rows and kind == "bell":
            sections[rows] = bell_section(sample_rate, gain_db[rows], freq_hz[rows], q[rows])
        elif rows:
            sections[rows] = shelf_section(sample_rate, gain_db[rows], freq_hz[rows], q[rows], kind == "high_shelf")
    return response_db(sections.reshape(-1, 1, 5), freqs, sample_rate).reshape(*parts.shape[:2], -1).numpy()


def _limits(name: str) -> tuple[float, float]:
    entry = spec(f"eq.{name}")
    if name.endswith("gain_db"):
        return entry.low, entry.high
    if name.endswith("_q"):
        low, high = _Q_LIMITS
        return float(np.log(max(low, entry.low))), float(np.log(min(high, entry.high)))
    return float(np.log(max(entry.low, _LOWEST_HZ))), float(np.log(min(entry.high, 16000.0)))
