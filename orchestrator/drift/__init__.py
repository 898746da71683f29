"""Drift: what is really there and not what the states say, told, taken in, or put back.

``run`` looks, ``classify`` says what each difference is and what the next apply would do about it, ``findings`` makes a review of
it; ``accept`` takes it into the states, ``revert`` puts back what the configuration says.
"""
