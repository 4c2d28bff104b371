"""Build the word directions of one encoder: fit meanings, render them, train the joint space, measure, write down."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from models.encoder import Encoder
from models.text_encoder import as_sound
from models.text_to_effect.acts import acts_of, likeness, train_joint
from models.text_to_effect.agreement import calibration_error, unseen_people, unseen_words
from models.text_to_effect.joint import JointRecipe
from models.text_to_effect.material import Material, Progress, render_everything
from models.text_to_effect.rendering import GROUPS
from models.text_to_effect.sounded import sounded_figures
from models.text_to_effect.store import About, Tables
from models.text_to_effect.studies import heard_matrix, study_prior, word_settings
from models.text_to_effect.texts import SentenceEncoder, fit_smoother, owned_texts
from models.text_to_effect.tone import fit_tone

__all__ = ["build"]

_BOOKS_ALONE = 0.4  # confidence in what only the books say about space, width or dynamics


def build(
    encoder: Encoder,
    material: Material,
    sentences: SentenceEncoder,
    work: Path,
    recipe: JointRecipe = JointRecipe(),  # noqa: B008 - frozen
    pairs: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    progress: Progress = lambda *_: None,
) -> tuple[Tables, About]:
    """Build everything that is shipped for one encoder.

    Args:
        encoder: whose word directions.
        material: words, people and sounds.
        sentences: for the vectors of all names.
        work: folder where rendered parts are kept.
        recipe: of the joint space.
        pairs: an independent list to judge by, `read_pairs`; None: only the ontology's own.
        progress: told what is being done and the share done.
    """
    lexicon = material.lexicon
    tone = fit_tone(lexicon, material.curves)
    rendered = render_everything(encoder, material, tone, work, progress)
    progress("joint space", 0.0)
    acts = acts_of(material, rendered)
    joint = train_joint(lexicon, acts, likeness(tone.expected, rendered.words[0]), recipe)
    prior = study_prior(lexicon)
    processors = [
        word_settings(prior, heard_matrix(lexicon, study, study.opinions), rows)
        for study, rows in zip(material.studies, rendered.settings, strict=True)
    ]
    texts, owners = owned_texts(lexicon)
    vectors = sentences.embed([as_sound(text) for text in texts]).numpy()
    smoother = fit_smoother(vectors, owners)
    progress("held-out figures", 0.0)
    seen, unseen = unseen_people(lexicon, material.curves), unseen_words(lexicon, material.curves)
    place = lexicon.index()
    tables = Tables(
        word_changes=rendered.words,
        processor_changes=np.array(processors).reshape(len(processors), len(lexicon.ids), encoder.dimensions),
        curves_db=tone.curves_db,
        expected=tone.expected,
        floor=_floor(material),
        sense_changes=rendered.senses,
        sense_curves_db=np.array([sense.curve_db for sense in tone.senses]).reshape(-1, 40),
        joint_words=joint.words,
        joint_map=joint.map,
        text_vectors=smoother.vectors,
        text_words=smoother.words,
        probe=rendered.probe,
    )
    about = About(
        encoder=encoder.name,
        dimensions=encoder.dimensions,
        words=lexicon.ids,
        names={name: (place[word], sign) for name, (word, sign) in lexicon.names().items()},
        mixtures={t: {str(place[w]): v for w, v in mixture.items()} for t, mixture in lexicon.associations.items()},
        groups=tuple(GROUPS),
        processors=tuple(study.processor for study in material.studies),
        effects={
            str(place[word]): [{"name": e.name, "values": dict(e.values), "type": e.type} for e in effects]
            for word, effects in material.effects.items()
            if effects and word in place
        },
        senses=tuple((sense.word, sense.name, sense.share) for sense in tone.senses),
        calibration={"known": calibration_error(seen)["slope"], "unknown": calibration_error(unseen)["slope"]},
        figures={
            "contents": len(material.contents.groups),
            "people's curves": len(material.curves),
            "acts": len(acts.weights),
            "recipe": asdict(recipe),
            **sounded_figures(material, tone, rendered, recipe, pairs),
        },
    )
    return tables, about


def _floor(material: Material) -> np.ndarray:
    """Return (words,) confidence in what is not tone: that in books which name a processor for a word without tone."""
    floor = np.zeros(len(material.lexicon.entries))
    for at, entry in enumerate(material.lexicon.entries):
        heard = [effect for effect in material.effects.get(entry.id, ()) if effect.name != "level"]
        if heard and not np.any(entry.books_db):
            floor[at] = _BOOKS_ALONE
    return floor
