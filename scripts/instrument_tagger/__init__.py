"""Parts of `train_instrument_tagger.py`: sounds, their statistics, the fit and the report."""
