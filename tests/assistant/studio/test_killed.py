"""Killed at any moment, a session opens at its last finished turn, and so does what was said."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from assistant.chat import Talk
from assistant.session import Session
from assistant.session_hold import Hold
from assistant.studio import Studio
from assistant.turn import Assistant
from console.errors import SessionError

_TALKER = """
import sys
from assistant.chat import Talk
from assistant.studio import Studio
from assistant.turn import Assistant

assistant = Assistant()
for folder in map(str.strip, sys.stdin):
    studio = Studio.open(folder, assistant=assistant)
    talk = Talk(studio)
    print("open", flush=True)
    while True:
        for event in talk.say(f"turn the keys {'down' if studio.session.current % 2 else 'up'} 1 dB"):
            pass
        print(studio.session.current, flush=True)
"""


def _agree(folder: Path) -> int:
    """Check that versions and messages tell one story; return how many turns it has."""
    studio = Studio(Session.open(folder), Assistant(), folder)
    talk = Talk(studio)
    messages = talk.messages()
    talk.close()
    studio.close()
    said = [message.text for message in messages if message.type == "human"]
    replies = [message.text for message in messages if message.type == "ai" and not message.tool_calls]
    versions = studio.session.versions[1:]
    assert said == [version.said for version in versions]
    assert replies == [version.reply for version in versions]
    assert studio.session.current == len(versions)
    return len(versions)


def _killed(folder: Path, after_s: float) -> int:
    """Let a program talk, kill it some time after it opened the session; return the last turn it told as done."""
    program = subprocess.Popen(
        [sys.executable, "-c", _TALKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{folder}\n")
    program.stdin.flush()
    assert program.stdout.readline() == "open\n"
    time.sleep(after_s)
    os.kill(program.pid, signal.SIGKILL)
    told = program.stdout.read().split()  # what it said before it died
    program.wait()
    program.stdin.close()
    program.stdout.close()
    return int(told[-1]) if told else 0


@pytest.mark.slow
def test_a_session_killed_at_random_moments_loses_no_turn(stems, tmp_path):
    moments = int(os.environ.get("STUDIOSPEAK_KILLS", "5"))
    Studio.open(tmp_path / "s", [stems]).close()
    rng = np.random.default_rng(8)
    done, grew = 0, 0
    for _ in range(moments):
        told = _killed(tmp_path / "s", float(rng.uniform(0.0, 3.0)))
        found = _agree(tmp_path / "s")
        assert found >= max(told, done), "a finished turn was lost"
        assert found <= max(told, done) + 1, "an unfinished turn was kept"
        grew += found > done
        done = found
    assert grew
    print(f"{moments} kills, {done} turns, 0 lost")


def test_a_turn_that_was_not_saved_is_forgotten_by_both(song, tmp_path, monkeypatch):
    session = Session(song)
    studio = Studio(session, Assistant(), tmp_path)
    talk = Talk(studio)
    list(talk.say("turn the keys down 1 dB"))
    monkeypatch.setattr(Studio, "save", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))  # killed before the save
    with pytest.raises(KeyboardInterrupt):
        list(talk.say("turn the keys down 2 dB"))
    talk.close()
    studio.close()
    monkeypatch.undo()
    assert _agree(tmp_path) == 1
    again = Studio(Session.open(tmp_path), Assistant(), tmp_path)
    later = Talk(again)
    list(later.say("turn the keys down 3 dB"))
    later.close()
    again.close()
    assert _agree(tmp_path) == 2


def test_a_long_conversation_is_kept_whole_in_little_space(song, tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.chat.memory._TURNS", 2)
    for turn in range(5):
        session = Session.open(tmp_path) if turn else Session(song)
        studio = Studio(session, Assistant(), tmp_path)
        talk = Talk(studio)
        for _ in range(2):
            list(talk.say("turn the keys down 1 dB"))
        talk.close()
        studio.close()
    assert _agree(tmp_path) == 10
    with sqlite3.connect(tmp_path / "chat.sqlite") as file:
        assert len(file.execute("SELECT DISTINCT thread_id FROM checkpoints").fetchall()) == 1
        assert file.execute("SELECT COUNT(*) FROM checkpoints").fetchone()[0] <= 4
    file.close()


def test_a_turn_that_cannot_be_saved_says_so(song, tmp_path, monkeypatch):
    studio = Studio(Session(song), Assistant(), tmp_path)
    monkeypatch.setattr("assistant.session_file.os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
    said = list(studio.take_turn("turn the keys down 1 dB"))[-1].text
    assert "Keys: fader -1.0 dB" in said
    assert "could not be saved" in said
    assert not studio.is_saved
    studio.close()


def test_a_memory_that_is_gone_starts_anew(song, tmp_path):
    studio = Studio(Session(song), Assistant(), tmp_path)
    talk = Talk(studio)
    list(talk.say("turn the keys down 1 dB"))
    talk.close()
    studio.close()
    for file in tmp_path.glob("chat.sqlite*"):
        file.unlink()
    again = Studio(Session.open(tmp_path), Assistant(), tmp_path)
    later = Talk(again)
    assert later.messages() == []
    list(later.say("undo"))
    assert again.session.current == 0
    later.close()
    again.close()


def test_a_second_program_is_told_and_changes_nothing(song, tmp_path):
    first = Studio(Session(song), Assistant(), tmp_path)
    first.save()
    before = (tmp_path / "session.json").read_bytes()
    with pytest.raises(SessionError, match=rf"open in another program \(process {os.getpid()} since .*Close it there"):
        Studio.open(tmp_path)
    assert (tmp_path / "session.json").read_bytes() == before
    assert Session.open(tmp_path).current == 0  # reading it is fine
    first.close()
    Studio.open(tmp_path).close()


def test_a_hold_goes_with_the_program_that_had_it(tmp_path):
    code = f"from assistant.session_hold import Hold; import os; Hold({str(tmp_path)!r}); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    Hold(tmp_path).release()


def test_a_folder_without_session_or_audio_is_refused(stems, tmp_path):
    with pytest.raises(SessionError, match="Name the audio"):
        Studio.open(tmp_path)
    Studio.open(tmp_path, [stems]).close()
    with pytest.raises(SessionError, match="holds a session already"):
        Studio.open(tmp_path, [stems])
