"""Training in a cluster that TF_CONFIG describes."""
