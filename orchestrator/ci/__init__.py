"""The few steps that only a CI run has: what a change touches, the comment on a pull request, the reviewed bundle, the drift issue.

``github`` is the only room here that speaks to a network; ``actions`` reads what the runner says of the run.
"""
