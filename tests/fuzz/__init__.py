"""Bad input of every kind: flags, environment, and all files that the program reads."""
