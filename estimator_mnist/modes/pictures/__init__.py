"""--mode=predict --images=...: what a model makes of people's own pictures."""
