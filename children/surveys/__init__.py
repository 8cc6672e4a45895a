"""Questionnaires: how they are worded, how sheets come in, what they say together."""
