"""Tuning what has no gradient: any chain of processors with knobs in ranges, a plug-in host or our own console.

`chain` says what a chain is, `console_chain` makes one of the console, `plugins` of pedalboard plug-ins; `problem` is
one sound on its way to a target; `gradient`, `cma_es`, `spsa` and `proxy` are estimators behind one interface
(`estimator`); `tune_plugin` goes from words to a plug-in's knobs.
"""

__all__: list[str] = []
