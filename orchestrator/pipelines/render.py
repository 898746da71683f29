"""Text from templates and facts, in which nothing goes out raw."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.types import suggest
from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.target import Output, Target, Value

_WORD = re.compile(r"[A-Za-z0-9_./-]+\Z")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_NOT_ASCII = re.compile(r"[^\x00-\x7e]")
_RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
MARK = "orchestrator-pipelines:"
"""Starts the second line of the header, which has the target and the digest of what follows."""


class UnquotedError(ValueError):
    """A template would put a string out as it is."""


@dataclass(frozen=True)
class Rendered:
    """A file as it should be. ``path`` is relative to the project, with slashes."""

    path: str
    text: str


def render(target: Target, facts: Facts, options: Mapping[str, Value]) -> list[Rendered]:
    """Every file of a target, in the order of target.yaml.

    Raises:
        OrchestratorError: a template is wrong, or asks for what is not there.
    """
    environment = _environment(target, facts)
    base: dict[str, Any] = {"facts": facts, "options": dict(options), "target": target.name}
    files: dict[str, Rendered] = {}
    for output in target.file.outputs:
        if output.when is not None and not options[output.when]:
            continue
        for bound in _each(output, facts):
            values = {**base, **bound}
            path = _path(environment, target, output, values)
            if path in files:
                raise OrchestratorError(
                    f"two outputs of the target {target.name} have the path {path}",
                    where=Where(file=target.folder / "target.yaml"),
                )
            body = _text(environment, target, output.template, values)
            if not body.strip():  # the template had nothing to say of this project
                continue
            files[path] = Rendered(path, with_header(body, target.name, target.comment_of(output)))
    return list(files.values())


def with_header(body: str, target: str, comment: str | None) -> str:
    """The text below a header that says what made it and has its digest; without a comment sign as it is."""
    body = body.rstrip("\n") + "\n"
    if comment is None:
        return body
    return (
        f"{comment} Made by `orchestrator pipelines generate --target {target}`. Change pipelines/settings.yaml, not this file.\n"
        f"{comment} {MARK} {target} sha256:{digest(body)}\n{body}"
    )


def digest(body: str) -> str:
    """What the header says of the text below it."""
    return hashlib.sha256(body.encode()).hexdigest()


def _each(output: Output, facts: Facts) -> Iterator[dict[str, Any]]:
    if output.for_each is None:
        yield {}
        return
    for environment in facts.environments:
        if output.for_each == "environment":
            yield {"environment": environment}
        else:
            items = environment.services if output.for_each == "service" else environment.layers
            for item in items:
                yield {"environment": environment, output.for_each: item}


def _environment(target: Target, facts: Facts) -> ImmutableSandboxedEnvironment:
    def uses(action: str) -> Markup:
        if action not in facts.pins:
            raise UnquotedError(f"{action} is not pinned: {suggest(action, facts.pins)}")
        return Markup(str(facts.pins[action]))  # noqa: S704  (checked by the pins' own patterns)

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(target.folder),
        undefined=StrictUndefined,
        finalize=_finalize,
        autoescape=True,  # what is not quoted is a plain string still, and refused by `finalize`
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters |= {
        "yaml": quote_yaml,
        "shell": quote_shell,
        "word": word,
        "lines": lines,
        "expression": expression,
        "groovy": quote_groovy,
    }
    environment.globals |= {"uses": uses, "fail": fail}
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    if isinstance(value, bool):
        return Markup("true" if value else "false")  # noqa: S704
    if isinstance(value, int):
        return Markup(str(value))  # noqa: S704
    raise UnquotedError(
        f"{str(value)[:60]!r} would go out unquoted; add `| yaml`, `| shell`, `| word` or `| lines`"
    )


def quote_yaml(value: Any) -> Markup:
    """A YAML flow value on one line: plain where a plain word can't be misread, else as in JSON, which is YAML too."""
    if isinstance(value, Markup):
        value = str(value)
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _RESERVED:
        return Markup(value)  # noqa: S704
    if isinstance(value, tuple | list):
        return Markup("[" + ", ".join(quote_yaml(item) for item in value) + "]")  # noqa: S704
    # Not JSON's own way, which writes what is beyond 16 bits as two halves: YAML takes them for two characters.
    text = _NOT_ASCII.sub(_escaped, json.dumps(value, ensure_ascii=False))
    return Markup(text)  # noqa: S704


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\U{number:08x}" if number > 0xFFFF else f"\\u{number:04x}"


def quote_shell(value: Any) -> Markup:
    """One word for a POSIX shell, whatever it holds."""
    text = str(value)
    if "\n" in text or "\0" in text:
        raise UnquotedError(f"{text[:60]!r} is more than one line")
    return Markup(shlex.quote(text))  # noqa: S704


def quote_groovy(value: Any) -> Markup:
    """A Groovy string in single quotes, in which nothing is looked for: no ``$``, no end before the end."""
    text = str(value)
    if "\n" in text or "\r" in text or "\0" in text:
        raise UnquotedError(f"{text[:60]!r} is more than one line")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return Markup(f"'{escaped}'")  # noqa: S704


def fail(message: str) -> Markup:
    """Stops a template whose options or facts make no sense together."""
    raise UnquotedError(message)


def word(value: Any) -> Markup:
    """As it is, if it has only letters, digits and ``._/-``."""
    text = str(value)
    if not _WORD.match(text):
        raise UnquotedError(f"{text[:60]!r} is no plain word")
    return Markup(text)  # noqa: S704


def lines(value: Any, indent: int = 0) -> Markup:
    """Lines of the project's own settings as they are, one below the other, indented but for the first."""
    return Markup(("\n" + " " * indent).join(value))  # noqa: S704


def expression(value: Any) -> Markup:
    """GitHub's ``${{ … }}`` around an expression that the template itself writes."""
    text = str(value)
    if "\n" in text or "{{" in text or "}}" in text:
        raise UnquotedError(f"{text[:60]!r} is no expression")
    return Markup(f"${{{{ {text} }}}}")  # noqa: S704


def _path(
    environment: ImmutableSandboxedEnvironment, target: Target, output: Output, values: Mapping[str, Any]
) -> str:
    # A path is no code: its parts are checked below, so that plain values are fine in it.
    try:
        source = re.sub(r"\{\{(.*?)\}\}", r"{{ (\1) | word }}", output.path)
        path = environment.from_string(source).render(values)
    except (TemplateError, UnquotedError, TypeError) as error:
        raise _error(target, output.template, error) from error
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise OrchestratorError(
            f"the target {target.name} would write {path}, outside the project",
            where=Where(file=target.folder / "target.yaml"),
        )
    return path


def _text(
    environment: ImmutableSandboxedEnvironment, target: Target, template: str, values: Mapping[str, Any]
) -> str:
    try:
        return environment.get_template(template).render(values)
    except (TemplateError, UnquotedError, TypeError) as error:
        raise _error(target, template, error) from error


def _error(target: Target, template: str, error: Exception) -> OrchestratorError:
    line = error.lineno if isinstance(error, TemplateSyntaxError) else _line(template, error)
    return OrchestratorError(
        f"the template can't be rendered: {str(error) or type(error).__name__}",
        where=Where(file=target.folder / template, line=line),
        remedy="mend the template; `orchestrator.pipelines` says what templates are given",
    )


def _line(template: str, error: Exception) -> int | None:
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(f"/{template}"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
