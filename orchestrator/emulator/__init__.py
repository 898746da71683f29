"""The local AWS endpoint of environment ``local``: moto's server, in a background process of ours.

``start`` and ``stop`` are idempotent, ``status`` never raises for an emulator that is gone, ``reset`` forgets
every resource. All of them take ``root``, the folder that holds the emulator's files
(``<project>/.orchestrator/emulator``):

==================  ==========================================================================
``emulator.json``   the running server: pid, port, instance id; gone when it was stopped
``emulator.log``    what the server wrote since it was started
``port``            the port of the last server, asked for again by the next one
``lock``            held while one of these functions works
==================  ==========================================================================

Resources live in the server's memory. ``EmulatorStatus.instance_id`` names that memory: it differs after every
start and every reset, so that a state written against another one can be recognised.

Importing this package costs milliseconds: moto, boto3 and werkzeug are imported by the server alone.
"""

from orchestrator.emulator.lifecycle import reset, start, status, stop
from orchestrator.emulator.status import EmulatorStatus

__all__ = ["EmulatorStatus", "reset", "start", "status", "stop"]
