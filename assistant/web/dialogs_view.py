"""What opens on request, as HTML: exports, settings, sessions, keys."""

from assistant.diagnose.wording import EXPERIENCES
from assistant.export import TARGETS
from assistant.web.markup import button, text
from assistant.web.state import Workbench
from console.errors import OntologyError
from ontology import PersonalDictionary

__all__ = ["dialogs", "fetchable", "heading"]

_EXPORTS = {
    "stems": "Stems and mix, sample-accurate",
    "mix": "Mix, one file",
    "dawproject": "DAWproject (Bitwig, Studio One, Cubase)",
    "rpp": "REAPER project",
    "json": "Settings (JSON)",
    "report": "Mix report (HTML)",
    "recall": "Recall sheet (text)",
}
_EXPERIENCE = {
    "amateur": "I make music: plain words",
    "pro-am": "I mix a lot: words and numbers",
    "professional": "I mix for a living: numbers, briefly",
}
_LOUDNESS = (("", "as it is"), ("-14", "-14 LUFS"), ("-16", "-16 LUFS"), ("-23", "-23 LUFS"))
_FORMATS = (("wav24", "WAV, 24 bit"), ("float", "WAV, 32-bit float"), ("flac", "FLAC"))
_KEYS = (
    ("Space", "play and pause"),
    ("A, B, X", "hear A, B, or one of them hidden"),
    ("M", "loudness-matched or real level"),
    ("L", "loop"),
    ("[ and ]", "mark where a section to loop starts and ends; \\ takes the marks away"),
    ("← →", "5 s back or forward; with Shift 1 s"),
    ("Home", "to the start"),
    ("U and Shift U", "undo and redo"),
    ("1 to 6", "the panels"),
    ("/", "say something"),
    ("Esc", "stop, keeping the best so far; close what is open"),
)


def heading(bench: Workbench | None) -> str:
    """Return the name of the program, what is loaded, and what can be opened."""
    if bench is None:
        return '<header id="head"><h1>Studiospeak</h1><span class="facts">Loading ...</span></header>'
    song = bench.session.song
    tracks = "stereo mix" if len(song.tracks) == 1 else f"{len(song.tracks)} tracks"
    seconds = int(song.duration_s)
    facts = f"{tracks}, {seconds // 60}:{seconds % 60:02d}, {song.sample_rate / 1000:g} kHz"
    kept = "saved" if bench.touched else "nothing to save yet"
    buttons = "".join(
        f'<button type="button" class="quiet" data-open="{ident}" aria-haspopup="dialog">{label}</button>'
        for ident, label in (("export", "Export"), ("sessions", "Sessions"), ("settings", "Settings"), ("keys", "Keys"))
    )
    return (
        f'<header id="head" data-token="{bench.token}" data-title="{text(bench.title)}" '
        f'data-kept="{int(bench.touched)}"'
        f' data-panel="{bench.panel}"><h1>Studiospeak</h1>'
        f'<span class="song long" title="{text(bench.title)}">{text(bench.title)}</span>'
        f'<span class="facts">{facts} · {kept}</span><span class="spacer"></span><span class="tools">{buttons}'
        f"</span></header>"
    )


def dialogs(bench: Workbench, url: str) -> str:
    """Return the dialogs, closed.

    Args:
        bench: whose exports, words and folder are shown.
        url: where this session's files are served, ending in a slash.
    """
    parts = (
        ("export", "Export", _export(bench, url)),
        ("sessions", "Sessions", _sessions(bench)),
        ("settings", "Settings", _settings(bench)),
        (
            "keys",
            "Keys",
            "<dl>" + "".join(f"<div><dt>{text(key)}</dt><dd>{what}</dd></div>" for key, what in _KEYS) + "</dl>",
        ),
    )
    return "".join(
        f'<dialog id="dialog-{ident}" aria-labelledby="title-{ident}"><div class="bar"><h2 '
        f'id="title-{ident}">{title}</h2>'
        f'<button type="button" class="quiet" data-close="{ident}" aria-label="Close {title}">Close</button>'
        f"</div>{body}</dialog>"
        for ident, title, body in parts
    )


def _export(bench: Workbench, url: str) -> str:
    assert set(_EXPORTS) == set(TARGETS)
    targets = "".join(
        f'<label><input type="radio" name="to" value="{key}" '
        f'id="to-{key}"{" checked" if key == "stems" else ""}> {label}</label>'
        for key, label in _EXPORTS.items()
    )
    formats = "".join(f'<option value="{key}">{label}</option>' for key, label in _FORMATS)
    loudness = "".join(f'<option value="{key}">{label}</option>' for key, label in _LOUDNESS)
    done = f"<h3>Ready</h3>{fetchable(bench, url)}" if bench.exported else ""
    now = f"{bench.session.current}: {bench.version_name(bench.session.current)}"
    return (
        f'<p>Version {text(now)}. The recordings you loaded are never written to.</p><form data-form="export" '
        f'class="stack">'
        f"<fieldset><legend>What</legend>{targets}</fieldset>"
        f'<label>Format of stems and mix <select name="audio_format" id="export-format">{formats}</select></label>'
        f'<label>Loudness of the mix <select name="loudness" id="export-loudness">{loudness}</select></label>'
        f'<button type="submit" class="primary"{" disabled" if bench.work.busy else ""}>Export</button></form>'
        f'<div aria-live="polite">{done}</div>'
    )


def fetchable(bench: Workbench, url: str) -> str:
    """Return links to the files of the last export."""
    links = (
        f'<li><a href="{url}{text(name)}" download="{text(name)}">{text(name)}</a></li>' for name in bench.exported
    )
    return f'<ul class="files" aria-label="Exported files">{"".join(links)}</ul>'


def _sessions(bench: Workbench) -> str:
    where = f"<p>This one is kept in <code>{text(bench.folder)}</code></p>" if bench.touched else ""
    return (
        "<p>Every session saves itself after every turn. These were opened in this browser:</p>"
        f'<ul class="sessions-list"></ul>{where}<p>'
        + button("New session with the demo song", "demo", kind="quiet", ident="new-demo")
        + button(
            "Delete this session",
            "forget_session",
            kind="quiet danger",
            ident="forget-session",
            disabled=bench.work.busy,
        )
        + "</p>"
    )


def _settings(bench: Workbench) -> str:
    now = bench.assistant.consultant.experience
    experience = "".join(
        f'<label><input type="radio" name="experience" value="{key}" '
        f'id="experience-{key}"{" checked" if key == now else ""}'
        f' data-prefer="experience"> {_EXPERIENCE[key]}</label>'
        for key in EXPERIENCES
    )
    try:
        words, trouble = PersonalDictionary(), ""
    except OntologyError as error:
        words, trouble = {}, f'<p class="notice">{text(error)}</p>'
    rows = "".join(
        f"<li><b>{text(learnt.word)}</b> {text(learnt.said)}"
        + button("Forget", "forget_word", name=f"Forget {learnt.word}", kind="quiet", word=word)
        + "</li>"
        for word, learnt in words.items()
    )
    return (
        f'<form class="stack"><fieldset><legend>How much is explained</legend>{experience}</fieldset></form>'
        f"<h3>Your words</h3>{trouble}<ul "
        f'class="words-list">{rows or "<li>None yet. Picking an option teaches one, too.</li>"}</ul>'
        '<form data-form="learn" class="ask"><label for="learn-word">By</label>'
        '<input type="text" id="learn-word" name="word" maxlength="40" placeholder="glassy" required>'
        '<label for="learn-means">I mean</label>'
        '<input type="text" id="learn-means" name="means" maxlength="120" placeholder="bright and thin" required>'
        '<button type="submit" class="quiet">Teach</button></form>'
    )
