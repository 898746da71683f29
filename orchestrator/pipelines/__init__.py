"""Pipelines: what a team commits so that its CI runs the same commands as a person, rendered from the graph.

A target is a folder ``pipelines/<target>/`` with a ``target.yaml``, found by being there: in the project itself, or else
among those that come with orchestrator. To add one:

1. ``target.yaml`` says what it is, which options it takes, what it must know, and which files it writes::

       description: GitLab CI
       comment: "#"                  # starts a comment in its files; `null`: no header can be written
       requires: [repository, remote_backend, roles]
       options:
         nightly: {type: boolean, default: true, help: Look for drift every night.}
         runner_tags: {type: list, default: [], help: Tags of the runners.}
         size: {type: choice, choices: [small, large], default: small, help: …}
         hourly: {type: string, pattern: "[0-9]+ .*", default: "7 * * * *", help: …}      # the whole value matches
         unattended: {type: list, of: environment, default: [], help: …}                # their names
       outputs:
         - {template: main.yml.j2, path: .gitlab-ci.yml}
         - {template: drift.yml.j2, path: .gitlab/drift.yml, when: nightly}
         - {template: env.yml.j2, path: ".gitlab/{{ environment.name }}.yml", for_each: environment}

   ``requires`` are names of ``facts.REQUIREMENTS``; what is missing is said, with its remedy, before anything is rendered.
   ``when`` names an option that must be true. ``for_each`` (``environment``, ``service``, ``layer``) renders once each,
   with that name bound; a layer or service also has its ``environment``. A template that comes to nothing but blanks
   writes no file.

2. Templates are Jinja2 (sandboxed, nothing undefined). They see ``facts`` (``facts.Facts``: environments in the order of
   promotion with account, region, backend, roles, waves, layers with ``needs``, services) and ``options`` (values by name);
   ``uses(name)`` gives a pinned action from the target's ``pins.yaml``. No string goes out raw: a plain ``{{ name }}`` is refused.
   Say what it is: ``| yaml`` (a scalar or flow value), ``| shell`` (one shell word), ``| groovy`` (a string), ``| word`` (letters,
   digits, ``._/-`` only, anything else is an error; for identifiers and file names), ``| lines`` (the project's own commands, as
   they are), ``| expression`` (GitHub's ``${{ … }}`` around what the template itself says). Numbers go out as they are.
   ``fail(text)`` stops where options make no sense together.

3. A test in ``tests/pipelines/`` renders it for every combination of options and has the result parsed by the tool itself.

The rooms: ``target`` (target.yaml), ``settings`` (pipelines/settings.yaml), ``facts`` (what templates are told), ``render``
(text from both), ``write`` and ``check`` (the files), ``pins`` (actions by commit).
"""
