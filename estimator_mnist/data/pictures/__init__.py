"""Pictures of people's own, read and brought into the form of a data set's images."""
