"""Trains with the contestants of benchmarks.throughput, each by a module of its own."""
