"""Glue: databases and their tags."""

from __future__ import annotations

from tests.emulator.conftest import Aws


def test_a_deleted_database_is_not_found_by_its_tags(aws: Aws, name: str) -> None:
    glue, tagging = aws("glue"), aws("resourcegroupstaggingapi")
    arn = f"arn:aws:glue:eu-west-1:123456789012:database/{name}"

    def found() -> bool:
        listed = tagging.get_resources(ResourceTypeFilters=["glue:database"])["ResourceTagMappingList"]
        return arn in {entry["ResourceARN"] for entry in listed}

    glue.create_database(DatabaseInput={"Name": name})
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"a": "b"})
    assert found()
    glue.delete_database(Name=name)
    assert not found()
