"""The estimators by name."""

from types import MappingProxyType

from assistant.blackbox.cma_es import cma_es
from assistant.blackbox.estimator import Estimator
from assistant.blackbox.gradient import gradient
from assistant.blackbox.proxy import proxy
from assistant.blackbox.spsa import spsa

__all__ = ["ESTIMATORS"]

ESTIMATORS: MappingProxyType[str, Estimator] = MappingProxyType(
    {"gradient": gradient, "cma-es": cma_es, "spsa": spsa, "proxy": proxy}
)
"""By name; all but "gradient" take any chain."""
