"""A model on a data set in a model_dir, and how it is trained."""
