"""Makes the steps of a training, several in one session.run where that is certain."""
