"""Events of a turn become chat messages."""

from assistant.diagnose import problem
from assistant.events import Asked, Diagnosed, Failed, Heard, Measured, Moved, Progress, Said, Understood
from assistant.request import Request
from assistant.web.events_view import TurnView, describe_request, in_lines, message
from console.settings import Move

WARMER = Request(intent="edit", targets=("Lead Vox",), descriptor="warm")
MOVE = Move(track="Lead Vox", parameter="eq.low_shelf_gain_db", before=0.0, after=2.5, unit="dB")


def view_after(*events):
    view = TurnView("make the lead warmer")
    for event in events:
        view.add(event)
    return view


def test_what_was_said_is_shown_at_once():
    assert TurnView("hello").messages() == [message("user", "hello"), message("assistant", "Reading ...")]


def test_markup_in_words_and_names_is_shown_not_read():
    assert message("user", '<img src="//x"> R&B')["content"] == '&lt;img src="//x"&gt; R&amp;B'


def test_progress_says_what_is_done_and_what_was_understood():
    view = view_after(Heard("x"), Understood((WARMER,)), Progress("tune", 0.0, "Lead Vox"))
    assert view.messages()[-1]["content"] == "Lead Vox: more warm\nTurning knobs: Lead Vox ..."


def test_an_unknown_step_is_still_shown():
    assert view_after(Progress("polish", 0.5)).messages()[-1]["content"] == "Polish ..."


def test_the_reply_replaces_the_progress():
    view = view_after(Understood((WARMER,)), Moved((MOVE,), 1), Measured((), 0.9), Said("Lead Vox: warmer."))
    assert [entry["content"] for entry in view.messages()] == ["make the lead warmer", "Lead Vox: warmer."]
    assert view.working is None


def test_an_edit_offers_more_less_and_undo():
    assert view_after(Understood((WARMER,)), Moved((MOVE,), 1)).suggestions == ("a bit more", "a bit less", "undo")


def test_an_undo_offers_redo():
    assert view_after(Understood((Request(intent="undo"),)), Moved((), 0)).suggestions == ("redo",)


def test_a_question_offers_its_answers():
    view = view_after(Asked("Which guitar?", ("make Gtr 1 warmer", "make Gtr 2 warmer")), Said("Which guitar?"))
    assert view.suggestions == ("make Gtr 1 warmer", "make Gtr 2 warmer")


def test_findings_bring_their_plots_and_offer_their_fixes():
    finding = problem("dc-offset").finding(("mix",), 2.0, "below 0.3 %", 0.7)
    view = view_after(Diagnosed((finding,), ("a figure",)), Said("One thing stands out."))
    assert view.figures == ("a figure",)
    assert "fix the first" in view.suggestions
    assert view_after(Diagnosed((), ()), Said("Nothing is wrong.")).suggestions == ()


def test_a_failure_is_told_by_its_reply():
    view = view_after(Failed("ParameterError: no"), Said("Nothing was changed: no"))
    assert view.messages()[-1] == message("assistant", "Nothing was changed: no")


def test_requests_are_described_in_a_few_words():
    request = Request(
        intent="edit",
        targets=("Keys", "mix"),
        descriptor="harsh",
        direction="-",
        amount=0.5,
        constraints=("keep:Lead",),
    )
    assert describe_request(request) == "Keys, the mix: less harsh (x 0.5), keep Lead"
    cut = Request(intent="edit", targets=("Keys",), numbers={"gain_db": -3.0, "freq_hz": 300.0})
    assert describe_request(cut) == "Keys: gain db -3, freq hz 300"
    assert describe_request(Request(intent="undo")) == "undo"


def test_sentences_stand_on_lines_but_numbers_and_units_stay_together():
    reply = "Vox: warmer. Bell +2.5 dB at 1.4 kHz.\n04 Bass: less boomy. 32-180 Hz: -0.7 to -2.3 dB."
    assert in_lines(reply).split("\n") == [
        "Vox: warmer.",
        "Bell +2.5 dB at 1.4 kHz.",
        "",
        "04 Bass: less boomy.",
        "32-180 Hz: -0.7 to -2.3 dB.",
    ]
