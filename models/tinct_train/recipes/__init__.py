"""Recipes: all stages of a shipped network in one command."""
