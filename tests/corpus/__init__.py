"""Small plans made by real Terraform, labelled with what a reviewer would say of each.

``cases/`` has the configurations and labels, ``plans/`` what Terraform planned (``python -m tests.corpus.build``),
``score.py`` compares the review's findings with the labels.
"""
