"""The package names exactly what it offers."""

import ontology


def test_every_public_name_exists():
    assert sorted(ontology.__all__) == sorted(set(ontology.__all__))
    for name in ontology.__all__:
        assert hasattr(ontology, name)
