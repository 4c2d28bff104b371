"""What a word was said to mean is kept: from then on it wins over what the crowd means."""

from assistant.request import Request
from assistant.tell import say
from ontology import Ontology, PersonalDictionary, load_ontology

__all__ = ["keep_word"]


def keep_word(request: Request, dictionary: PersonalDictionary | None = None) -> tuple[str, Ontology]:
    """Keep the word that a "teach" request explains.

    Args:
        request: with `word` and `means`.
        dictionary: where it is kept; None: this person's own.
    Returns:
        What to say, and the words that hold from now on.
    Raises:
        OntologyError: it is explained by itself, or by nothing that is known.
    """
    dictionary = dictionary if dictionary is not None else PersonalDictionary()
    crowd = load_ontology()
    if request.word is None or not request.means:
        return say("not_learnt", word=request.word or ""), dictionary.over(crowd)
    said = " and ".join(f"{'less ' if m.endswith('-') else ''}{m[:-1].replace('-', ' ')}" for m in request.means)
    dictionary.learn(request.word, said, crowd)
    return say("learnt", word=request.word, said=said), dictionary.over(crowd)
