"""The digit classifiers of the notebook: images -> Network, and their model_fn."""
