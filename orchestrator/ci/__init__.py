"""The few steps that only a CI run has: what a change touches, the comment on a pull request, the reviewed bundle, the drift issue.

``github`` and ``gitlab`` are the only rooms here that speak to a network, both by ``http``; ``actions`` reads what the runner
says of the run.
"""
