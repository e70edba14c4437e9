"""`--check`: what a program names that is gone."""
