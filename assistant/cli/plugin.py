"""`studiospeak plugin`: tune the knobs of a plug-in until a sound goes where words want it.

The folder gets `before.wav` and `after.wav` (equally loud: plug-ins change level, and louder is not better) and
`report.json`: {"plugin", "knobs": {name: {"before", "after", "unit"}}, "gain_db", "left", "renders", "measured",
"reply", "cpu_seconds"}.
"""

import argparse
import json
import time
from pathlib import Path

from assistant.blackbox.plugins import HostedChain, load_chain
from assistant.blackbox.table import ESTIMATORS
from assistant.blackbox.tune_plugin import TunedPlugin, tune_plugin
from assistant.tell import measured
from console.errors import AudioFileError, RequestError
from exchange import load_tracks, write_audio
from models import ProductionFeatures
from ontology import load_ontology

__all__ = ["run"]

_OUTPUTS = ("before.wav", "after.wav", "report.json")


def run(options: argparse.Namespace) -> int:
    """Tune, write the folder, print the knobs or the report.

    Returns:
        0 done; errors (no such plug-in, no pedalboard, nothing understood) are raised, then nothing is written.
    """
    out = Path(options.out)
    taken = [name for name in _OUTPUTS if (out / name).exists()]
    if taken:
        raise AudioFileError(f"{out} already holds {taken[0]}. Choose another folder with --out; nothing was written.")
    song = load_tracks(options.audio)
    if len(song.tracks) != 1:
        raise RequestError(f"A plug-in takes one sound; {options.audio} holds {len(song.tracks)}. Name one file.")
    chain = load_chain(options.plugin, [name.strip() for name in options.knobs.split(",") if name.strip()])
    started = time.process_time()
    tuned = tune_plugin(
        chain,
        song,
        options.say,
        load_ontology(),
        ProductionFeatures(),
        ESTIMATORS[options.estimator],
        options.renders,
        options.seed,
    )
    shown = chain.shown(tuned.values) if isinstance(chain, HostedChain) else {}
    units = {entry.name: entry.unit for entry in chain.parameters}
    report = {
        "plugin": chain.name,
        "estimator": options.estimator,
        "knobs": {
            name: {"before": round(tuned.started[name], 4), "after": round(value, 4), "unit": units[name]}
            | ({"shown": shown[name]} if name in shown else {})
            for name, value in tuned.values.items()
        },
        "gain_db": round(tuned.gain_db, 2),
        "left": round(tuned.left, 4),
        "renders": tuned.renders,
        "measured": [entry.model_dump(mode="json") for entry in tuned.measured],
        "reply": _reply(chain.name, tuned, units, shown),
        "cpu_seconds": round(time.process_time() - started, 2),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, audio in (("before.wav", tuned.before), ("after.wav", tuned.after)):
            write_audio(out / name, audio, song.sample_rate, "float", protect=[Path(options.audio)])
        (out / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise AudioFileError(f"{out} cannot be written ({error.strerror}). Choose another folder.") from error
    print(json.dumps(report, ensure_ascii=False) if options.json else f"{report['reply']}\n\nWritten to {out}")
    return 0


def _reply(name: str, tuned: TunedPlugin, units: dict[str, str], shown: dict[str, str]) -> str:
    lines = [f"{name}: {100 * (1 - tuned.left):.0f} % of the way after {tuned.renders} renders."]
    for knob, value in tuned.values.items():
        text = shown.get(knob) or f"{value:.3g} {units[knob]}"
        lines.append(f"  {knob}: {text}")
    lines += [measured(entry) for entry in tuned.measured if entry.wanted is not None]
    lines.append(f"After it {tuned.gain_db:+.1f} dB, so that it is as loud as before.")
    return "\n".join(lines)
