"""The process of a program, and the processes that it starts."""
