"""The pages of documentation: README.md and docs/, block by block."""
