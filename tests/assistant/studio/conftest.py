"""A studio over the small song, with a dictionary of its own."""

import pytest

from assistant.session import Session
from assistant.studio import Studio
from assistant.turn import Assistant
from ontology import PersonalDictionary, load_ontology


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    words = PersonalDictionary(tmp_path_factory.mktemp("words") / "words.json")
    return Assistant(words.over(load_ontology()), dictionary=words)


@pytest.fixture
def studio(song, assistant, tmp_path):
    found = Studio(Session(song), assistant, tmp_path / "session")
    yield found
    found.close()
