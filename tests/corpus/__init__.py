"""Small real plans with what a reviewer should find in them; ``python -m tests.corpus.build`` makes them with Terraform."""
