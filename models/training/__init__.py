"""What training needs besides a model: the corpus and effect chains."""

from models.training.chains import EFFECTS, Chain, draw_chain, render_chains
from models.training.corpus import Clip, Corpus, open_corpus
from models.training.human import HumanSettings, draw_human_chain, read_human_settings

__all__ = [
    "EFFECTS",
    "Chain",
    "Clip",
    "Corpus",
    "HumanSettings",
    "draw_chain",
    "draw_human_chain",
    "open_corpus",
    "read_human_settings",
    "render_chains",
]
