"""DAWproject files: the published structure, what stands where, and the way back."""

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import xmlschema

from console.errors import ProjectFileError
from console.filters import cut_sections, response_db
from console.parameters import PROCESSORS, specs_of
from console.render import render
from console.settings import Settings
from exchange.dawproject import read_dawproject, write_dawproject
from exchange.dawproject.write import EXTENSION, project_xml
from exchange.names import instrument_ids
from exchange.project import Project

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("project.xsd"))


@pytest.fixture
def written(project, tmp_path):
    return write_dawproject(project, tmp_path / "song.dawproject")


def rewritten(path, out, change, keep_extension=False):
    """Copy a file with project.xml changed as another program, or a person, would."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        root = ElementTree.fromstring(source.read("project.xml"))
        change(root)
        target.writestr("project.xml", ElementTree.tostring(root))
        for name in source.namelist():
            if name not in ("project.xml", EXTENSION) or (keep_extension and name == EXTENSION):
                target.writestr(name, source.read(name))
    return out


def everything_turned():
    """Settings in which every number, switch and choice of every channel stands off its default."""
    settings = Settings.neutral(["A", "B"], {"A": "G"})
    changes = {}
    for address in settings.addresses():
        kind = {"A": "track", "B": "track", "group:G": "group"}.get(address, address)
        for entry in specs_of(kind):
            if entry.kind == "choice":
                changes[address, entry.name] = entry.choices[-1]
            elif entry.kind == "switch":
                changes[address, entry.name] = 1.0
            else:
                changes[address, entry.name] = entry.round(entry.denormalise(0.37))
    return settings.turned(changes)


def render_of(project):
    tracks = {track.name: torch.from_numpy(track.audio) for track in project.song.tracks}
    return render(tracks, project.settings, project.song.sample_rate).master.numpy()


def channel(root, name):
    return next(track for track in root.iter("Track") if track.get("name") == name).find("Channel")


def test_project_xml_has_the_published_structure(project):
    SCHEMA.validate(project_xml(project))


def test_the_schema_refuses_elements_out_of_order(project):
    root = project_xml(project)
    found = channel(root, "Kick")
    found.append(found.find("Mute"))
    found.remove(found.find("Mute"))
    assert not SCHEMA.is_valid(root)


def test_the_zip_holds_the_parts_the_format_names(written, project):
    with zipfile.ZipFile(written.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[:2] == ["project.xml", "metadata.xml"]
        assert ElementTree.fromstring(archive.read("metadata.xml")).findtext("Title") == "Tëst song"
        for clip in project_xml(project).iter("File"):
            assert clip.get("path") in archive.namelist()


def test_a_session_that_is_read_back_renders_identically(written, project):
    back = read_dawproject(written.path)
    assert back.notes == ()
    assert back.project.settings == project.settings
    assert dict(back.project.automation) == dict(project.automation)
    assert back.project.sections == project.sections
    assert back.project.title == project.title
    for one, other in zip(back.project.song.tracks, project.song.tracks, strict=True):
        assert (one.name, one.colour) == (other.name, other.colour)
        assert np.array_equal(one.audio, other.audio)
    assert np.array_equal(render_of(back.project), render_of(project))


def test_the_same_project_gives_the_same_bytes(written, project, tmp_path):
    again = write_dawproject(project, tmp_path / "again.dawproject")
    assert again.path.read_bytes() == written.path.read_bytes()


def test_the_xml_alone_carries_every_knob(project, tmp_path):
    """Without our extension all of the console comes back to a millionth; no processor is forgotten."""
    settings = everything_turned()
    song = project.song
    names = dict(zip(("A", "B"), song.tracks[:2], strict=True))
    tracks = tuple(
        type(track)(name, track.instrument, track.group, track.colour, track.audio, track.path)
        for name, track in names.items()
    )
    whole = Project("all", type(song)(tracks, song.sample_rate, song.length, "all", ()), settings)
    # The master's fader goes into its limiter's input; without a limiter it stands on the channel.
    whole = Project("all", whole.song, settings.turned({("master", "limiter.on"): 0.0}))
    path = write_dawproject(whole, tmp_path / "all.dawproject").path
    back = read_dawproject(rewritten(path, tmp_path / "bare.dawproject", lambda _: None)).project.settings
    assert back.routing == settings.routing
    for address in whole.settings.addresses():
        for name in whole.settings.channel(address):
            one, other = whole.settings.get(address, name), back.get(address, name)
            assert one == other or one == pytest.approx(other, rel=1e-6, abs=1e-6), (address, name)
    used = {name.split(".")[0] for address in settings.addresses() for name in settings.channel(address)}
    assert used == {processor for kind in PROCESSORS.values() for processor in kind}


def test_fader_pan_and_sends_stand_in_the_formats_units(project):
    root = project_xml(project)
    snare, vox = channel(root, "Snare"), channel(root, "Lead Vox")
    assert float(snare.find("Volume").get("value")) == pytest.approx(10 ** (-3.17 / 20))
    assert float(snare.find("Pan").get("value")) == pytest.approx((1 - 0.31) / 2)
    send = vox.find("Sends/Send")
    assert send.get("destination") == channel(root, "Reverb").get("id")
    assert float(send.find("Volume").get("value")) == pytest.approx(10 ** (-12.3 / 20) - 1e-3)
    assert channel(root, "Kick").get("destination") == channel(root, "Drums").get("id")
    assert channel(root, "Drums").get("role") == "submix"


def test_built_in_devices_hold_our_values_in_seconds_and_decibels(project):
    root = project_xml(project)
    compressor = channel(root, "Snare").find("Devices/Compressor")
    assert float(compressor.find("Ratio").get("value")) == 3.7
    assert float(compressor.find("Attack").get("value")) == pytest.approx(0.0033)
    gate = channel(root, "Lead Vox").find("Devices/NoiseGate")
    assert float(gate.find("Range").get("value")) == -40.0
    limiter = channel(root, "Master").find("Devices/Limiter")
    assert float(limiter.find("Threshold").get("value")) == -1.3
    assert limiter.find("Enabled").get("value") == "true"


def test_a_master_fader_before_the_limiter_goes_into_its_input(project):
    master = channel(project_xml(project), "Master")
    assert float(master.find("Devices/Limiter/InputGain").get("value")) == 2.0
    assert float(master.find("Volume").get("value")) == 1.0


def test_a_steep_cut_is_two_bands_that_multiply_to_the_consoles(project):
    bands = channel(project_xml(project), "Kick").findall("Devices/Equalizer/Band[@type='highPass']")
    freqs = torch.logspace(1.3, 4, 50)
    total = torch.zeros(50, dtype=torch.float64)
    for band in bands:
        q, freq_hz = float(band.find("Q").get("value")), float(band.find("Freq").get("value"))
        w0, w = 2 * torch.pi * freq_hz / 44_100, 2 * torch.pi * freqs.double() / 44_100
        alpha, cos = np.sin(w0) / (2 * q), np.cos(w0)
        z = torch.exp(torch.complex(torch.zeros_like(w), -w))
        above = (1 + cos) / 2 * (1 - 2 * z + z * z)
        total += 20 * torch.log10((above / (1 + alpha - 2 * cos * z + (1 - alpha) * z * z)).abs())
    ours = response_db(cut_sections(44_100, torch.tensor([80.0], dtype=torch.float64), "24", "high"), freqs, 44_100)
    assert torch.allclose(total, ours[0], atol=1e-6)


def test_a_fader_ramp_in_db_is_followed_within_a_tenth(project):
    root = project_xml(project)
    target = channel(root, "Snare").find("Volume").get("id")
    points = next(p for p in root.iter("Points") if p.find("Target").get("parameter") == target)
    times = [float(point.get("time")) for point in points.iter("RealPoint")]
    gains = [float(point.get("value")) for point in points.iter("RealPoint")]
    at = np.linspace(0.17, 0.2, 101)
    wanted = np.interp(at, [0.17, 0.2], [-3.17, 0.0])
    assert np.abs(20 * np.log10(np.interp(at, times, gains)) - wanted).max() < 0.1


def test_what_someone_changed_in_the_xml_wins_over_our_own_settings(written, project, tmp_path):
    def quieter(root):
        channel(root, "Kick").find("Volume").set("value", "0.5")

    back = read_dawproject(rewritten(written.path, tmp_path / "edited.dawproject", quieter, keep_extension=True))
    expected = project.settings.turned({("Kick", "fader.gain_db"): round(20 * np.log10(0.5), 6)})
    assert back.project.settings == expected


def test_other_programs_files_are_read_as_far_as_the_console_goes(written, tmp_path):
    def foreign(root):
        devices = channel(root, "Kick").find("Devices")
        ElementTree.SubElement(devices, "Vst3Plugin", {"deviceName": "Magic", "deviceRole": "audioFX"})
        structure = root.find("Structure")
        ElementTree.SubElement(
            ElementTree.SubElement(structure, "Track", {"name": "Synth", "id": "x1", "contentType": "notes"}),
            "Channel",
            {"id": "x2", "role": "regular"},
        )

    back = read_dawproject(rewritten(written.path, tmp_path / "foreign.dawproject", foreign))
    assert [track.name for track in back.project.song.tracks] == ["Kick", "Snare", "Lead Vox", "Gtr/L"]
    assert any("Magic" in note for note in back.notes)
    assert any("Synth" in note and "without audio" in note for note in back.notes)


def test_clips_in_beats_at_a_tempo_are_placed_in_seconds(written, project, tmp_path):
    """A clip moved to beat 0.5 at 150 bpm that plays 0.1 s of the file from 0.05 s on."""

    def in_beats(root):
        root.find("Transport/Tempo").set("value", "150")
        lanes = root.find("Arrangement/Lanes")
        lanes.set("timeUnit", "beats")
        for clip in lanes.iter("Clip"):
            clip.set("time", "0.5")
            clip.set("duration", "0.25")
            clip.set("playStart", "0.05")

    back = read_dawproject(rewritten(written.path, tmp_path / "beats.dawproject", in_beats)).project.song
    start, skip, count = round(0.2 * 44_100), round(0.05 * 44_100), round(0.1 * 44_100)
    assert back.length == start + count
    kick = back.tracks[0].audio
    assert not kick[:, :start].any()
    assert np.array_equal(kick[:, start:], project.song.tracks[0].audio[:, skip : skip + count])


def test_the_reply_says_what_other_programs_will_not_see(written):
    (note,) = written.notes
    for word in ("de-esser (Lead Vox)", "saturation (Gtr/L)", "reverb", "compressor knee (Snare)", EXTENSION):
        assert word in note


def test_the_extension_is_plain_json_with_units_in_its_names(written):
    with zipfile.ZipFile(written.path) as archive:
        data = json.loads(archive.read(EXTENSION))
    assert data["format"] == "studiospeak-settings"
    assert data["settings"]["tracks"]["Snare"]["compressor.attack_ms"] == 3.3
    assert data["settings"]["regions"][0]["channels"]["Snare"] == {"fader.gain_db": 0.0}


def test_nothing_is_written_over(written, project):
    before = written.path.read_bytes()
    with pytest.raises(ProjectFileError, match="already exists and is never written over"):
        write_dawproject(project, written.path)
    assert written.path.read_bytes() == before


def test_what_is_no_dawproject_is_said_so(tmp_path):
    text = tmp_path / "notes.dawproject"
    text.write_text("hello")
    with pytest.raises(ProjectFileError, match="not a DAWproject"):
        read_dawproject(text)
    with zipfile.ZipFile(tmp_path / "empty.dawproject", "w") as archive:
        archive.writestr("other.txt", "x")
    with pytest.raises(ProjectFileError, match=r"no project\.xml"):
        read_dawproject(tmp_path / "empty.dawproject")
    with pytest.raises(ProjectFileError, match="cannot be read"):
        read_dawproject(tmp_path / "absent.dawproject")


@pytest.mark.parametrize("value", ["", "loud", "nan", "inf", "-1e999", "1e308"])
@pytest.mark.parametrize(("tag", "attribute"), [("Volume", "value"), ("Clip", "time"), ("Clip", "duration")])
def test_numbers_that_make_no_sense_are_refused_or_left_out(tag, attribute, value, written, tmp_path):
    def odd(root):
        for element in root.iter(tag):
            element.set(attribute, value)

    back, said = None, ""
    try:
        back = read_dawproject(rewritten(written.path, tmp_path / "odd.dawproject", odd)).project
    except ProjectFileError as error:
        said = str(error)
    assert back is not None or "odd.dawproject" in said
    if back is not None:
        assert back.song.length <= 44_100
        assert -90 <= back.settings.number("Kick", "fader.gain_db") <= 12


def test_colours_and_instruments_of_a_file_are_not_trusted(written, tmp_path):
    with zipfile.ZipFile(written.path) as source, zipfile.ZipFile(tmp_path / "odd.dawproject", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == EXTENSION:
                data = data.replace(b"#2f9e8f", b"red;}<script>").replace(b'"unknown"', b'"theremin"')
            target.writestr(name, data.replace(b'color="#2f9e8f"', b'color="javascript"'))
    for track in read_dawproject(tmp_path / "odd.dawproject").project.song.tracks:
        assert len(track.colour) == 7
        assert track.instrument in instrument_ids()


def test_audio_outside_the_projects_folder_is_never_opened(written, tmp_path):
    def outward(root):
        for file in root.iter("File"):
            file.set("path", "../../secret.wav")
            file.set("external", "true")

    with pytest.raises(ProjectFileError, match="outside its folder"):
        read_dawproject(rewritten(written.path, tmp_path / "out.dawproject", outward))
