import numpy as np
import pytest

from exchange.names import instrument_ids
from models.instruments.classes import OTHER, class_of_instrument, load_classes, unseen_programs
from models.instruments.notes import draw_notes


def test_every_class_stands_for_an_instrument_that_exchange_knows():
    assert {entry.instrument for entry in load_classes().values()} <= set(instrument_ids())
    assert load_classes()[OTHER].instrument == "unknown"


def test_every_instrument_of_exchange_falls_in_a_class_but_rooms_and_unknown():
    assert {name for name in instrument_ids() if class_of_instrument(name) is None} == {"room", "unknown"}
    assert {class_of_instrument(name) for name in instrument_ids()} - {None} == set(load_classes()) - {OTHER}


def test_no_program_is_in_two_classes():
    entries = [*load_classes().values(), unseen_programs()]
    programs = [program for entry in entries for program in entry.programs]
    assert len(programs) == len(set(programs))
    assert all(0 <= program < 128 for program in programs)


PLAYED = [entry for entry in (*load_classes().values(), unseen_programs()) if entry.line != "none"]


@pytest.mark.parametrize("entry", PLAYED, ids=lambda entry: entry.name)
def test_drawn_notes_lie_within_the_part_and_the_range(entry):
    for seed in range(40):
        notes = draw_notes(np.random.default_rng(seed), entry, 4.8)
        assert notes
        assert all(0.0 <= start < 4.8 and length > 0.0 for start, length, _, _ in notes)
        assert all(1 <= velocity <= 127 for *_, velocity in notes)
        pitches = {pitch for _, _, pitch, _ in notes}
        if entry.drum_notes:
            assert pitches <= set(entry.drum_notes)
        else:
            assert entry.low <= min(pitches)
            assert max(pitches) <= entry.high + 12  # a power chord's octave


def test_the_same_seed_draws_the_same_notes():
    entry = load_classes()["keys"]
    assert draw_notes(np.random.default_rng(3), entry, 5.0) == draw_notes(np.random.default_rng(3), entry, 5.0)
