"""Parts of `train_fx_encoder.py`: the sounds a recipe is judged by while it is fitted."""
