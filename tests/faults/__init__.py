"""Runs that are killed, cut off and lied to at random points, and what must hold after one resume (``python -m tests.faults``)."""
