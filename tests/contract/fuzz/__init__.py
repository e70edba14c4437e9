"""Random programs, run on both runtimes, which have to agree.

`programs` describes a program as plain data, `strategies` draws such descriptions,
`inputs`, `models`, `hooks` and `exports` turn them into what an Estimator takes, `run`
runs one on one runtime and returns a record, `compare` lists where two records differ,
and `better` is the table of differences that are meant.
"""
