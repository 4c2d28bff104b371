"""What the page's controls do."""

import threading

import pytest

from assistant.request import MIX
from assistant.web.console_view import console
from assistant.web.history_view import history
from assistant.web.state import NOW, PREVIOUS
from assistant.web.talk_view import talk


def fader(bench):
    return bench.session.settings.number("Lead Vox", "fader.gain_db")


def test_a_knob_is_turned_typed_and_reset_as_versions(bench, do):
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-2.44)
    assert fader(bench) == -2.4
    do("turn", track="Lead Vox", parameter="fader.gain_db", typed="-3,5 dB")
    assert fader(bench) == -3.5
    do("turn", track="Lead Vox", parameter="fader.gain_db", typed=None)
    assert fader(bench) == 0.0
    assert len(bench.session.versions) == 4
    assert bench.session.version.measured[0].what == "loudness"
    assert [line.text for line in bench.lines] == []  # by hand is not talked about
    assert bench.folder.joinpath("session.json").exists()


def test_what_cannot_be_typed_is_told_and_nothing_moves(bench, do):
    do("turn", track="Lead Vox", parameter="fader.gain_db", typed="very loud")
    assert "no number" in bench.notice
    assert len(bench.session.versions) == 1
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-1.0)
    assert bench.notice == ""


def test_locked_knobs_stay(bench, do):
    do("lock", track="Lead Vox", what="fader.gain_db", on=True)
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-2.0)
    assert fader(bench) == 0.0
    assert len(bench.session.versions) == 1
    do("lock", track="Lead Vox", what="fader.gain_db", on=False)
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-2.0)
    assert fader(bench) == -2.0


def test_a_lock_under_a_larger_one_is_explained(bench, do):
    do("lock", track="Lead Vox", on=True)
    do("lock", track="Lead Vox", what="fader.gain_db", on=False)
    assert "locked as a whole" in bench.notice


def test_amounts_of_the_edit_and_of_one_part(bench, do):
    bench.session.add(
        "two things",
        bench.session.settings.turned({("Lead Vox", "fader.gain_db"): -6.0, ("Lead Vox", "stereo.pan"): 0.4}),
    )
    do("amount", percent=50)
    assert fader(bench) == -3.0
    assert bench.session.settings.number("Lead Vox", "stereo.pan") == pytest.approx(0.2)
    do("amount", percent=150, part="pan", track="Lead Vox")
    assert fader(bench) == -3.0
    assert bench.session.settings.number("Lead Vox", "stereo.pan") == pytest.approx(0.6)
    assert 'max="150"' in console(bench)
    do("amount", percent=151)
    assert "not understood" in bench.notice


def test_undo_redo_and_going_back_are_said_and_compared(bench, do):
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-1.0)
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-2.0)
    do("undo")
    assert fader(bench) == -1.0
    assert (bench.before, bench.after) == (PREVIOUS, NOW)
    do("redo")
    assert fader(bench) == -2.0
    do("restore", version=0)
    assert fader(bench) == 0.0
    do("undo")
    assert "nothing to undo" in bench.lines[-1].text.lower()
    assert not bench.work.busy


def test_versions_are_named_and_any_two_compared(bench, do):
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-1.0)
    do("name", version=1, name="  vocal   down ")
    assert 'value="vocal down"' in history(bench)
    do("name", version=0, name="vocal down")
    assert "called" in bench.notice
    do("name", version=1, name="")
    assert bench.session.names == {}
    do("compare", before="v:1", after="v:0")
    assert (bench.side(bench.before).name[:1], bench.side(bench.after).name[:1]) == ("1", "0")
    do("compare", before="v:99")
    assert bench.before == NOW


def test_one_track_is_heard_alone_and_shown(bench, do):
    do("listen_to", target="Lead Vox")
    assert (bench.hear, bench.channel) == ("Lead Vox", "Lead Vox")
    do("listen_to", target=MIX)
    assert bench.hear == MIX
    do("listen_to", target="nobody")
    assert bench.hear == MIX


def test_what_the_page_cannot_mean_is_told(bench, do):
    for name, payload in (
        ("rm", {}),
        ("turn", {"track": "Lead Vox"}),
        ("restore", {"version": "x"}),
        ("undo", {"a": 1}),
    ):
        do(name, **payload)
        assert "not understood" in bench.notice
    assert len(bench.session.versions) == 1


def test_only_one_thing_is_done_at_a_time(bench, do):
    waiting = threading.Event()
    assert bench.work.start("waiting", waiting.wait, lambda _: None)
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-1.0)
    assert "still being done" in bench.notice
    do("stop")
    assert bench.session.stop.is_set()
    waiting.set()
    list(bench.work.follow())
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-1.0)
    assert fader(bench) == -1.0
    assert not bench.session.stop.is_set()


def test_words_go_through_the_studio_and_come_back_with_chips(bench, do):
    do("say", text="turn the Lead Vox down 2 dB")
    assert [line.who for line in bench.lines] == ["you", "studio"]
    assert bench.lines[1].version == 1
    assert {"undo", "a/b", "why"} <= {chip.kind for chip in bench.chips}
    page = talk(bench, "/bench/t/")
    assert 'data-act="flip"' in page
    assert "version 1" in page


def test_a_question_shows_its_answers_to_tap(bench, do):
    do("say", text="make it better please")
    answers = [chip for chip in bench.chips if chip.kind == "answer"]
    assert answers
    assert 'aria-label="Answers"' in talk(bench, "/bench/t/")
    assert len(bench.session.versions) == 1


def test_markup_is_shown_as_text(bench, do):
    do("say", text="hello <img src=x onerror=alert(1)> R&B")
    page = talk(bench, "/bench/t/")
    assert "<img" not in page
    assert "&lt;img" in page


def test_an_export_can_be_fetched(bench, benches, do):
    do("export", to="json")
    assert len(bench.exported) == 1
    assert benches.file(bench.token, bench.exported[0]).read_text().startswith("{")
    do("export", to="stems", audio_format="flac")
    assert bench.exported[0].endswith(".zip")
    assert benches.file(bench.token, bench.exported[0]).stat().st_size > 1000
    assert "download=" in talk(bench, "/bench/t/")
    do("export", to="nonsense")
    assert "filled wrongly" in bench.lines[-1].text


def test_words_are_taught_and_forgotten(bench, do):
    from ontology import PersonalDictionary

    do("learn", word="glassy", means="bright and thin")
    assert "glassy" in PersonalDictionary()
    do("forget_word", word="glassy")
    assert "glassy" not in PersonalDictionary()
    do("learn", word="glassy", means="blorp")
    assert "not a word known here" in bench.notice


def test_a_draft_can_be_heard_while_the_rest_is_made(bench):
    from assistant.events import Drafted, Said
    from assistant.web.acts_talk import take_in

    seen = []

    def turn():
        yield Drafted(bench.session.song.tracks[0].audio, 22050)
        seen.append(bench.draft)
        yield Said("Done.")

    take_in(bench, "warmer", turn())
    assert (bench.renders / seen[0]).stat().st_size > 22050 * 2 * 4
    assert bench.draft == ""


def test_an_answer_without_findings_leaves_the_cards(bench):
    import plotly.graph_objects as go

    from assistant.diagnose import findings_of
    from assistant.events import Diagnosed, Said
    from assistant.web.acts_talk import take_in
    from assistant.web.findings_view import findings

    bench.session.add("polarity", bench.session.settings.turned({("master", "fader.gain_db"): 12.0}))
    whole = findings_of(bench.assistant.consultant.ear.listen(bench.session))
    assert whole
    take_in(bench, "what is wrong?", [Diagnosed(whole, ()), Said("Some.")])
    cards = findings(bench).count("<article")
    drawn = go.Figure().update_layout(title={"text": "Who hides whom"})
    take_in(bench, "what masks the vocal?", [Diagnosed((), (drawn,)), Said("Nothing.")])
    page = findings(bench)
    assert page.count("<article") == cards == len(whole)
    assert page.index("Who hides whom") < page.index("<article")
    assert "Nothing is wrong" not in page
    assert bench.panel == "findings"


def test_a_language_model_talks_where_one_is_named(bench, do, monkeypatch):
    from assistant.chat import talk

    class Scripted:
        def __init__(self, studio, model):
            assert model == "ollama:qwen3"
            self.studio = studio

        def say(self, text):
            return self.studio.take_turn(text)

        def close(self):
            self.closed = True

    monkeypatch.setattr(talk, "Talk", Scripted)
    bench.model = "ollama:qwen3"
    do("say", text="turn the Lead Vox down 2 dB")
    assert bench.lines[-1].version == 1
    made = bench.talk
    bench.close()
    assert made.closed


def test_the_conversation_is_what_the_page_expects(bench):
    from assistant.chat.talk import OWN_MODEL, Talk
    from assistant.events import Said
    from assistant.web.state import OWN_MODEL as PAGES

    assert PAGES == OWN_MODEL
    talk = Talk(bench.studio, OWN_MODEL)
    assert isinstance(list(talk.say("undo"))[-1], Said)
    talk.close()


def test_every_control_asks_for_something_that_exists(bench, do):
    import re

    from assistant.web.dialogs_view import dialogs
    from assistant.web.every_act import ACTS
    from assistant.web.findings_view import findings
    from assistant.web.options_view import options
    from assistant.web.players import player
    from assistant.web.reference_view import reference

    of_the_browser_and_sessions = {"flip", "demo", "forget_session", "prefer"}
    do("turn", track="Lead Vox", parameter="fader.gain_db", value=-2.0)
    views = (console, history, findings, options, reference)
    page = "".join(view(bench) for view in views) + "".join(
        view(bench, "/bench/t/") for view in (talk, player, dialogs)
    )
    asked = set(re.findall(r'data-act="(\w+)"', page))
    assert {"turn", "lock", "restore", "diagnose", "say"} <= asked
    assert asked <= {*ACTS, *of_the_browser_and_sessions}
