"""Comprehend's models as AWS describes them.

AWS (Amazon Comprehend API reference): ``CreateDocumentClassifier`` and ``CreateEntityRecognizer`` train a version;
the ARN of a classifier with a version ends with ``/version/<name>``. ``DescribeDocumentClassifier`` and
``DescribeEntityRecognizer`` answer the version's name, the place of the output (completed to
``…/<account>-CLR-…/output/output.tar.gz``), and ``TRAINED`` when training is done. Deleting one that is not there is
``ResourceNotFoundException``.

moto writes a classifier's version without ``version/``, keeps it in training for ever, and answers neither version
nor output.

Needed by ``aws_comprehend_document_classifier`` and ``aws_comprehend_entity_recognizer``. Nothing is trained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from moto.comprehend.exceptions import ResourceNotFound
from moto.comprehend.models import ComprehendBackend, DocumentClassifier, EntityRecognizer

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's Comprehend."""

    @wrap(DocumentClassifier, "__init__")
    def init(original: Callable[..., None], classifier: Any, *args: Any, **given: Any) -> None:
        original(classifier, *args, **given)
        classifier.arn = classifier.arn[: classifier.arn.index(":document-classifier/")]
        classifier.arn += f":document-classifier/{classifier.name}"
        if classifier.version_name:
            classifier.arn += f"/version/{classifier.version_name}"
        classifier.status = "TRAINED"
        output = dict(classifier.output_data_config or {})
        if output.get("S3Uri"):
            account = classifier.arn.split(":")[4]
            digest = hashlib.sha256(classifier.arn.encode()).hexdigest()[:32]
            place = output["S3Uri"].rstrip("/")
            output["S3Uri"] = f"{place}/{account}-CLR-{digest}/output/output.tar.gz"
        classifier.output_data_config = output

    @wrap(DocumentClassifier, "to_dict")
    def to_dict(original: Callable[..., dict[str, Any]], classifier: Any) -> dict[str, Any]:
        return _without_nothing(
            {
                **original(classifier),
                "OutputDataConfig": classifier.output_data_config,
                "VersionName": classifier.version_name,
            }
        )

    @wrap(EntityRecognizer, "to_dict")
    def recognizer(original: Callable[..., dict[str, Any]], model: Any) -> dict[str, Any]:
        return _without_nothing(original(model))

    @wrap(ComprehendBackend, "delete_document_classifier")
    def delete_classifier(original: Callable[..., None], backend: Any, document_classifier_arn: str) -> None:
        if document_classifier_arn not in backend.classifiers:
            raise ResourceNotFound
        original(backend, document_classifier_arn)

    @wrap(ComprehendBackend, "delete_entity_recognizer")
    def delete_recognizer(original: Callable[..., None], backend: Any, entity_recognizer_arn: str) -> None:
        if entity_recognizer_arn not in backend.recognizers:
            raise ResourceNotFound
        original(backend, entity_recognizer_arn)


def _without_nothing(answer: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in answer.items() if value is not None}
