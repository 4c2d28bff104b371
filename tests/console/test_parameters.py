"""The parameter table: consistent, complete, and strict about values."""

import inspect
import math

import pytest

from console import dynamics, filters, limiter, saturation, space, stereo
from console.errors import ParameterError
from console.knobs import knob
from console.parameters import PROCESSORS, SATURATION_TYPES, ParameterSpec, check_value, spec, specs_of

SPECS = {entry.name: entry for kind in PROCESSORS for entry in specs_of(kind)}
NUMBERS = [entry for entry in SPECS.values() if entry.kind == "number"]


@pytest.mark.parametrize("entry", NUMBERS, ids=lambda entry: entry.name)
def test_number_has_an_ordered_range_with_its_default_inside(entry: ParameterSpec) -> None:
    assert entry.low < entry.high
    assert entry.low <= entry.default <= entry.high
    assert entry.curve in ("linear", "log")
    assert entry.curve == "linear" or entry.low > 0
    assert entry.step > 0
    assert entry.label


@pytest.mark.parametrize("entry", NUMBERS, ids=lambda entry: entry.name)
def test_curve_is_monotonic_stays_inside_and_goes_back_and_forth(entry: ParameterSpec) -> None:
    positions = [index / 20 for index in range(21)]
    values = [entry.denormalise(position) for position in positions]
    assert values == sorted(values)
    assert len(set(values)) == len(values)
    assert values[0] == entry.low
    assert values[-1] == entry.high
    for position, value in zip(positions, values, strict=True):
        assert check_value(entry.name, value) == value
        assert entry.normalise(value) == pytest.approx(position, abs=1e-12)


@pytest.mark.parametrize("entry", NUMBERS, ids=lambda entry: entry.name)
def test_rounded_value_is_typable_and_inside(entry: ParameterSpec) -> None:
    for index in range(21):
        value = entry.denormalise(index / 20)
        rounded = entry.round(value)
        assert entry.low <= rounded <= entry.high
        assert entry.round(rounded) == rounded
        coarsest = 0.05 * value if entry.curve == "log" else entry.step / 2
        assert abs(rounded - value) <= coarsest + 1e-9


def test_log_curve_moves_by_equal_ratios() -> None:
    entry = spec("highpass.freq_hz")
    assert entry.denormalise(0.5) == pytest.approx(math.sqrt(entry.low * entry.high))
    assert spec("trim.gain_db").denormalise(0.5) == 0.0


def test_rounding_follows_the_step_and_two_figures_on_log_curves() -> None:
    assert spec("trim.gain_db").round(3.14159) == 3.1
    assert spec("gate.threshold_db").round(-50.3) == -50.5
    assert spec("eq.bell_1_freq_hz").round(317.3) == 320.0
    assert spec("eq.bell_1_q").round(0.7071) == 0.71


def test_units_are_said_by_the_names() -> None:
    endings = {"_dbtp": "dBTP", "_db": "dB", "_hz": "Hz", "_ms": "ms", "_s": "s", "_q": "Q", ".ratio": ":1"}
    for entry in NUMBERS:
        said = next((unit for ending, unit in endings.items() if entry.name.endswith(ending)), None)
        assert said is None or entry.unit == said, entry.name


def test_every_channel_lists_known_processors_in_signal_order() -> None:
    strip = ("trim", "highpass", "lowpass", "eq", "gate", "deesser", "compressor", "saturation", "stereo", "fader")
    order = (*strip, "send", "limiter")
    for kind in ("track", "group", "master"):
        places = [order.index(processor) for processor in PROCESSORS[kind]]
        assert places == sorted(places)
    for kind in PROCESSORS:
        assert {entry.processor for entry in specs_of(kind)} == set(PROCESSORS[kind])


@pytest.mark.parametrize(
    ("processor", "function"),
    [
        ("gate", dynamics.gate),
        ("deesser", dynamics.deesser),
        ("compressor", dynamics.compressor),
        ("saturation", saturation.saturate),
        ("limiter", limiter.limiter),
        ("reverb", space.reverb),
        ("delay", space.delay),
        ("highpass", filters.highpass),
        ("lowpass", filters.lowpass),
    ],
)
def test_processor_takes_the_table_s_parameters_at_the_table_s_defaults(processor: str, function) -> None:
    """A function's arguments are the table's names; where it has defaults they are the table's."""
    renamed = {"saturation.type": "shape"}
    switches = {f"{processor}.on"}
    named = {
        renamed.get(name, name.split(".")[1]): entry
        for name, entry in SPECS.items()
        if entry.processor == processor and name not in switches
    }
    arguments = {
        name: argument
        for name, argument in inspect.signature(function).parameters.items()
        if name not in ("audio", "sample_rate", "memory")
    }
    assert set(arguments) == set(named)
    for name, argument in arguments.items():
        if argument.default is not inspect.Parameter.empty and argument.default is not None:
            assert argument.default == named[name].default, name


def test_equaliser_and_stereo_parameters_are_those_of_their_functions() -> None:
    bands = {f"{band}_{part}" for band in filters.BANDS for part in ("gain_db", "freq_hz", "q")}
    assert {name.split(".")[1] for name in SPECS if name.startswith("eq.")} == bands
    assert {"width", "pan"} <= set(inspect.signature(stereo.place).parameters)
    assert "mono_below_hz" in inspect.signature(stereo.side_highpass).parameters


def test_saturation_types_are_the_choices() -> None:
    assert spec("saturation.type").choices == SATURATION_TYPES == ("tape", "tube", "clip")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("trim.gain_db", 36.5, r"trim\.gain_db=36\.5 dB is outside -36 to 36 dB\. Use a value inside\."),
        ("trim.gain_db", -1e12, "is outside"),
        ("trim.gain_db", math.nan, r"trim\.gain_db=nan dB is outside"),
        ("trim.gain_db", math.inf, r"trim\.gain_db=inf dB is outside"),
        pytest.param("trim.gain_db", 10**400, r"trim\.gain_db=inf dB is outside", id="endless"),
        pytest.param("trim.gain_db", -(10**400), r"trim\.gain_db=-inf dB is outside", id="minus endless"),
        ("trim.gain_db", "loud", r"trim\.gain_db='loud' is not a number\. Use -36 to 36 dB\."),
        ("trim.gain_db", None, r"trim\.gain_db=None is not a number"),
        ("trim.gain_db", [1.0], r"trim\.gain_db=\[1\.0\] is not a number"),
        ("trim.invert", 0.5, r"trim\.invert=0\.5 is a switch\. Use 0 \(off\) or 1 \(on\)\."),
        ("saturation.type", "fuzz", r"saturation\.type='fuzz' is not a choice\. Use one of tape, tube, clip\."),
        ("eq.bell_5_gain_db", 1.0, r"No console parameter is called 'eq\.bell_5_gain_db'\. Known: trim\.gain_db"),
    ],
)
def test_bad_value_is_refused_with_the_value_and_the_way_out(name: str, value, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        check_value(name, value)


def test_good_values_are_stored_as_float_or_choice() -> None:
    assert check_value("trim.gain_db", 3) == 3.0
    assert isinstance(check_value("trim.gain_db", 3), float)
    assert check_value("trim.invert", True) == 1.0
    assert check_value("highpass.slope_db_per_octave", 24) == "24"


@pytest.mark.parametrize("entry", NUMBERS, ids=lambda entry: entry.name)
def test_knob_takes_the_whole_range_and_nothing_beyond(entry: ParameterSpec, noise) -> None:
    audio = noise(1, 1, 8)
    for value in (entry.low, entry.high):
        assert knob(entry.name, value, 1, audio).tolist() == [value]
    span = entry.high - entry.low
    for value in (entry.low - 0.01 * span, entry.high + 0.01 * span, math.nan):
        with pytest.raises(ParameterError, match=rf"{entry.name}=.* is outside"):
            knob(entry.name, value, 1, audio)


def test_knob_is_one_number_or_one_for_each_item(noise) -> None:
    audio = noise(3, 1, 8)
    assert knob("trim.gain_db", 1.5, 3, audio).tolist() == [1.5] * 3
    assert knob("trim.gain_db", None, 3, audio).tolist() == [0.0] * 3
    assert knob("trim.gain_db", audio.new_tensor([1.0, 2.0, 3.0]), 3, audio).tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ParameterError, match=r"has shape \(2,\)\. Use one number, or one for each of 3\."):
        knob("trim.gain_db", audio.new_tensor([1.0, 2.0]), 3, audio)
