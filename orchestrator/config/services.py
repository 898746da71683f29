"""The ``services:`` map: each microservice, what runs it, how it is reached, and what it may use.

Layers take the whole map (``services: environment.services`` in a ``layer.yaml``) and declare the attributes that
they read; :func:`normalised` gives every attribute a value, so that all entries have one shape.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

SERVICE_NAME = re.compile(r"[a-z][a-z0-9-]{0,22}[a-z0-9]\Z")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
_ROUTE = re.compile(rf"(?:{'|'.join(_METHODS)}) /\S*\Z")
_LAMBDA_RUNTIME = re.compile(
    r"(?:python3\.(?:10|11|12|13|14)|nodejs(?:20|22|24)\.x|java(?:11|17|21|25)|dotnet(?:8|10)|ruby3\.[234]"
    r"|provided\.al2023)\Z"
)
_FARGATE_MEMORY = {
    256: range(512, 2049, 512),
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
}
"""MiB that Fargate offers with that many CPU units (ECS developer guide, task size)."""

Access = Literal["read", "write", "read_write"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Positive = Annotated[int, Field(ge=1)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Model(BaseModel):
    """Unknown keys are errors; values are taken as written, never converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _route_from_text(value: Any) -> Any:
    if isinstance(value, str):
        if not _ROUTE.match(value):
            raise ValueError('expected a method and a path, as in "GET /orders/{id}"')
        method, path = value.split(" ", 1)
        return {"method": method, "path": path}
    return value


def _route_path(value: str) -> str:
    for part in value.removeprefix("/").split("/"):
        if not re.fullmatch(r"[A-Za-z0-9._~$@:-]*|\{[A-Za-z0-9_.-]+\+?\}|\*", part):
            raise ValueError("a route's path has plain parts and {parameters}, as in /orders/{id}")
    if not value.startswith("/"):
        raise ValueError("a route's path starts with /")
    return value


class _Route(Model):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"]
    path: Annotated[str, AfterValidator(_route_path)]
    authorization: Literal["jwt", "iam", "none"] | None = None
    """None: jwt; through a load balancer, which authorizes nobody, none."""
    scopes: list[Text] = Field(default_factory=list)
    via: Literal["http_api", "rest_api", "alb"] = "http_api"

    @model_validator(mode="after")
    def _sense(self) -> _Route:
        if self.via == "alb" and self.authorization not in (None, "none"):
            raise ValueError(
                "a load balancer authorizes nobody: take `via: http_api`, or `authorization: none`"
            )
        if self.scopes and self.authorization not in (None, "jwt"):
            raise ValueError("scopes are those of a JWT; they need `authorization: jwt`")
        return self

    def normalised(self) -> dict[str, Any]:
        default = "none" if self.via == "alb" else "jwt"
        return {**self.model_dump(), "authorization": self.authorization or default}

    @property
    def identity(self) -> tuple[str, str, str]:
        """Two routes of one identity collide: parameters' names make no difference."""
        return self.via, self.method, re.sub(r"\{[^}+]+(\+?)\}", r"{\1}", self.path.rstrip("/") or "/")


Route = Annotated[_Route, BeforeValidator(_route_from_text)]


class Package(Model):
    """A function's code: a folder or zip of the repository, or an object in S3."""

    path: Text | None = None
    s3_bucket: Text | None = None
    s3_key: Text | None = None
    s3_object_version: Text | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Package:
        if (self.path is None) == (self.s3_bucket is None) or (self.s3_bucket is None) != (
            self.s3_key is None
        ):
            raise ValueError("a package is either `path`, or `s3_bucket` and `s3_key`")
        return self


class FunctionUrl(Model):
    """An HTTPS address of the function's own."""

    authorization: Literal["iam", "none"] = "iam"


class Scaling(Model):
    """How many copies run; percentages and requests are targets that scaling holds."""

    min: Annotated[int, Field(ge=0)] = 1
    max: Positive = 4
    cpu_percent: Percent | None = 60
    memory_percent: Percent | None = None
    requests_per_target: Positive | None = None
    provisioned_concurrency: Positive | None = None
    reserved_concurrency: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _order(self) -> Scaling:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max})")
        return self


class Uses(Model):
    """What the service may use, by the names that the layers' variables give them."""

    tables: dict[str, Access] = Field(default_factory=dict)
    buckets: dict[str, Access] = Field(default_factory=dict)
    queues: dict[str, Literal["send", "receive"]] = Field(default_factory=dict)
    topics: list[str] = Field(default_factory=list)
    event_buses: list[str] = Field(default_factory=list)
    state_machines: list[str] = Field(default_factory=list)
    secrets: list[str] = Field(default_factory=list)
    databases: list[str] = Field(default_factory=list)
    caches: list[str] = Field(default_factory=list)
    services: list[str] = Field(default_factory=list)


class QueueTrigger(Model):
    """Messages of a queue, in batches."""

    batch_size: Annotated[int, Field(ge=1, le=10000)] = 10
    maximum_concurrency: Annotated[int, Field(ge=2, le=1000)] | None = None


class TableTrigger(Model):
    """Changes of a table, from its stream."""

    batch_size: Annotated[int, Field(ge=1, le=10000)] = 100
    starting_position: Literal["LATEST", "TRIM_HORIZON"] = "LATEST"


class ScheduleTrigger(Model):
    """``rate(5 minutes)``, ``cron(0 3 * * ? *)`` or ``at(…)``."""

    expression: Annotated[str, StringConstraints(pattern=r"^(rate|cron|at)\(.+\)$")]
    timezone: Text | None = None


class EventTrigger(Model):
    """Events of a bus that match a pattern (JSON)."""

    bus: Text = "default"
    pattern: Text

    @field_validator("pattern")
    @classmethod
    def _json(cls, value: str) -> str:
        import json

        try:
            content = json.loads(value)
        except ValueError as error:
            raise ValueError(f"the pattern is not JSON ({error})") from error
        if not isinstance(content, dict) or not content:
            raise ValueError("the pattern is a JSON object that names what to match")
        return value


class Triggers(Model):
    """What invokes a function, apart from its routes."""

    queues: dict[str, QueueTrigger] = Field(default_factory=dict)
    tables: dict[str, TableTrigger] = Field(default_factory=dict)
    schedules: dict[str, ScheduleTrigger] = Field(default_factory=dict)
    events: dict[str, EventTrigger] = Field(default_factory=dict)


class Alarms(Model):
    """When somebody is told. Null: no alarm."""

    error_percent: Annotated[float, Field(gt=0, le=100)] | None = 1
    latency_p99_ms: Positive | None = 2000
    cpu_percent: Percent | None = 85
    memory_percent: Percent | None = 85

    @field_validator("error_percent", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Deployment(Model):
    """How a new version takes over. ``strategy`` null: rolling; a function's alias all at once."""

    strategy: Literal["rolling", "blue_green", "canary", "linear", "all_at_once"] | None = None
    bake_minutes: Annotated[int, Field(ge=0, le=2880)] = 5
    rollback_on_alarm: bool = True


class Service(Model):
    """One microservice."""

    enabled: bool = True
    runtime: Literal["lambda", "ecs", "eks"]
    description: str = ""
    image: Text | None = None
    image_tag: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")] = "latest"
    package: Package | None = None
    handler: Text | None = None
    lambda_runtime: Text | None = None
    architecture: Literal["arm64", "x86_64"] = "arm64"
    cpu: Positive = 256
    memory: Positive = 512
    timeout_seconds: Annotated[int, Field(ge=1, le=900)] = 30
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    health_check_path: Annotated[str, StringConstraints(pattern=r"^/")] = "/healthz"
    environment: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], str] = Field(
        default_factory=dict
    )
    routes: list[Route] = Field(default_factory=list)
    in_vpc: bool = False
    function_url: FunctionUrl | None = None
    scaling: Scaling = Field(default_factory=Scaling)
    uses: Uses = Field(default_factory=Uses)
    triggers: Triggers = Field(default_factory=Triggers)
    tracing: bool = True
    alarms: Alarms = Field(default_factory=Alarms)
    deployment: Deployment = Field(default_factory=Deployment)

    @field_validator("lambda_runtime")
    @classmethod
    def _known_runtime(cls, value: str | None) -> str | None:
        if value is not None and not _LAMBDA_RUNTIME.match(value):
            raise ValueError("expected a runtime that Lambda supports, such as python3.13 or nodejs22.x")
        return value

    @model_validator(mode="after")
    def _sense(self) -> Service:
        problem = self._lambda_problem() if self.runtime == "lambda" else self._container_problem()
        if problem:
            raise ValueError(problem)
        return self

    def _lambda_problem(self) -> str | None:
        if (self.package is None) == (self.image is None):
            return "a lambda service has either a `package` or an `image`"
        if self.package is not None and (self.handler is None or self.lambda_runtime is None):
            return "a `package` needs `handler` and `lambda_runtime`"
        if self.image is not None and (self.handler is not None or self.lambda_runtime is not None):
            return "an `image` brings its own handler and runtime: remove `handler` and `lambda_runtime`"
        if not 128 <= self.memory <= 10240:
            return f"a function's memory lies between 128 and 10240 MiB; got {self.memory}"
        if self.deployment.strategy in ("rolling", "blue_green"):
            return f"a function's deployment is all_at_once, canary or linear; got {self.deployment.strategy}"
        provisioned, reserved = self.scaling.provisioned_concurrency, self.scaling.reserved_concurrency
        if provisioned is not None and reserved is not None and provisioned > reserved:
            return "provisioned_concurrency is part of reserved_concurrency and can't be more"
        return None

    def _container_problem(self) -> str | None:
        for key in ("package", "handler", "lambda_runtime", "function_url"):
            if getattr(self, key) is not None:
                return f"`{key}` is for the runtime lambda; this one is {self.runtime}"
        if self.triggers != Triggers():
            return f"`triggers` invoke functions; the runtime {self.runtime} polls: give it `uses`"
        if self.deployment.strategy == "all_at_once":
            return "a container service is deployed rolling, blue_green, canary or linear"
        if self.runtime == "eks" and self.deployment.strategy not in (None, "rolling"):
            return "Kubernetes deploys its own way: leave `deployment.strategy` out"
        if self.runtime == "ecs":
            if self.cpu not in _FARGATE_MEMORY:
                return f"Fargate has cpu {', '.join(map(str, _FARGATE_MEMORY))}; got {self.cpu}"
            offered = _FARGATE_MEMORY[self.cpu]
            if self.memory not in offered:
                step = f"in steps of {offered.step}"
                return (
                    f"with cpu {self.cpu} Fargate has memory from {offered[0]} to {offered[-1]} MiB {step}; "
                    f"got {self.memory}"
                )
        return None

    def normalised(self, package: dict[str, Any] | None) -> dict[str, Any]:
        """Every attribute with a value; ``package`` stands for the package's place (see ``render.packages``)."""
        strategy = self.deployment.strategy or ("all_at_once" if self.runtime == "lambda" else "rolling")
        plain = self.model_dump(exclude={"enabled"})
        return plain | {
            "routes": [route.normalised() for route in self.routes],
            "package": package,
            "deployment": plain["deployment"] | {"strategy": strategy},
        }


def is_service_name(name: str) -> bool:
    """Whether a service may be called so: it becomes part of names that AWS keeps short."""
    return bool(SERVICE_NAME.match(name)) and "--" not in name
