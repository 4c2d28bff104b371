"""The history as HTML: every version, newest first, to name, hear, compare and go back to."""

from assistant.request import MIX
from assistant.web.markup import button, data, panel, text
from assistant.web.state import Workbench

__all__ = ["history"]


def history(bench: Workbench) -> str:
    """Return the panel."""
    session = bench.session
    path = {version.number for version in session.path()}
    rows = "".join(_row(bench, version.number, version.number in path) for version in reversed(session.versions))
    buttons = (
        button("Undo", "undo", kind="quiet", disabled=session.version.parent is None, ident="undo")
        + button("Redo", "redo", kind="quiet", disabled=not session.redoable, ident="redo")
    )  # fmt: skip
    return panel(
        "history", "History", f'<ol class="history" reversed>{rows}</ol>', f'<span class="tools">{buttons}</span>'
    )


def _row(bench: Workbench, number: int, on_path: bool) -> str:
    session = bench.session
    version = session.versions[number]
    now = number == session.current
    name = bench.version_name(number)
    loud = next((entry for entry in version.measured if entry.what == "loudness" and entry.track == MIX), None)
    count = len(version.moves)
    facts = ["untouched console" if number == 0 else "no knob" if not count else f"{count} knob{'s' * (count > 1)}"]
    if loud is not None:
        facts.append(f"{loud.after:.1f} LUFS")
    if version.parent is not None and version.parent != number - 1:
        facts.append(f"from version {version.parent}")
    if not on_path:
        facts.append("undone")
    said = f"<small>{text(version.said)}</small>" if number in session.names else ""
    key, go = f"v:{number}", "Here" if now else "Go back"
    return (
        f'<li class="{"now" if now else ""}{"" if on_path else " aside"}"{" aria-current=true" if now else ""}>'
        f'<span class="number">{number}</span><div><input class="name" type="text" maxlength="80" value="{text(name)}"'
        f' id="name-{number}" aria-label="Name of version {number}"{data(name_of=number)}>{said}'
        f"<small>{text(', '.join(facts))}</small></div>"
        f'<span class="tools">'
        + button("A", "compare", name=f"Version {number} as A", kind="tiny", pressed=bench.before == key,
                 ident=f"as-a-{number}", before=key)
        + button("B", "compare", name=f"Version {number} as B", kind="tiny", pressed=bench.after == key,
                 ident=f"as-b-{number}", after=key)
        + button(go, "restore", name=f"{go}: version {number}", kind="quiet", disabled=now,
                 ident=f"restore-{number}", version=number)
        + "</span></li>"
    )  # fmt: skip
