"""The bundle that was reviewed, on GitLab: found among what the jobs of a merge request's pipelines have kept.

It counts only if GitLab itself says that a pipeline of this project (not of a fork) made it for the head of the merge request that
was merged as just that commit. What plans is in a child pipeline (see ``pipelines/gitlab``), so that is looked into, too.

https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit, https://docs.gitlab.com/api/pipelines/ and
https://docs.gitlab.com/api/job_artifacts/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestrator.ci.gitlab import GitLab
from orchestrator.ci.reviewed import Reviewed, check_commit, install
from orchestrator.session import Session


def job_name(environment: str) -> str:
    """The job that plans an environment, and keeps the bundle."""
    return f"review:{environment}"


def find_reviewed(gitlab: GitLab, session: Session, commit: str) -> Reviewed | None:
    """The newest bundle for a commit on the default branch: of the merge request that was merged as it, or of itself.

    Raises:
        OrchestratorError: GitLab does not answer; an artifact is damaged.
    """
    check_commit(commit)
    environment = session.environment.name
    for pipeline, number, planned in _pipelines(gitlab, commit):
        job = _job(gitlab, pipeline, job_name(environment))
        if job is not None:
            content = gitlab.download(f"jobs/{int(job['id'])}/artifacts")
            return Reviewed(install(session, content, f".orchestrator/{environment}"), planned, number)
    return None


def _pipelines(gitlab: GitLab, commit: str) -> Iterator[tuple[Any, int | None, str]]:
    """Pipelines that may have planned it, newest first, with the merge request and the commit that each was for."""
    for one in _newest(gitlab.pages("pipelines", sha=commit, source="web")):
        if one.get("sha") == commit and _is_ours(gitlab, one):
            yield one, None, commit
    for merged in gitlab.pages(f"repository/commits/{commit}/merge_requests"):
        head = str(merged.get("sha") or "")
        if head and _was_merged_as(merged, commit):
            number = int(merged["iid"])
            for one in _newest(gitlab.pages(f"merge_requests/{number}/pipelines")):
                if _is_ours(gitlab, one) and _is_of(gitlab, one, head):
                    yield one, number, head


def _was_merged_as(merged: Any, commit: str) -> bool:
    """Whether the commit is what the merge left on the branch: a merge commit, a squashed one, or the head itself."""
    if merged.get("state") != "merged":
        return False
    left = merged.get("merge_commit_sha") or merged.get("squash_commit_sha") or merged.get("sha")
    return bool(left == commit)


def _newest(pipelines: Iterator[Any]) -> list[Any]:
    return sorted(pipelines, key=lambda one: int(one["id"]), reverse=True)


def _is_ours(gitlab: GitLab, pipeline: Any) -> bool:
    return str(pipeline.get("project_id")) == gitlab.project


def _is_of(gitlab: GitLab, pipeline: Any, head: str) -> bool:
    """Whether a merge request's pipeline ran for its head, or for a merge of that with the target (*merged results*)."""
    if pipeline.get("source") != "merge_request_event":
        return False
    if pipeline.get("sha") == head:
        return True
    return head in (gitlab.get(f"repository/commits/{pipeline['sha']}").get("parent_ids") or ())


def _job(gitlab: GitLab, pipeline: Any, name: str) -> Any | None:
    """The last job of that name that went well, in the pipeline or a child of it, and still has what it kept."""
    families = [int(pipeline["id"])]
    for bridge in gitlab.pages(f"pipelines/{families[0]}/bridges"):
        child = bridge.get("downstream_pipeline") or {}
        if child.get("id") and str(child.get("project_id", gitlab.project)) == gitlab.project:
            families.append(int(child["id"]))
    found = [
        job
        for family in families
        for job in gitlab.pages(f"pipelines/{family}/jobs", scope="success")
        if job.get("name") == name and job.get("artifacts_file")
    ]
    return max(found, key=lambda job: int(job["id"]), default=None)
