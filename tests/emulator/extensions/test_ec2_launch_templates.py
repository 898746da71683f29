"""Launch templates: their own tags are not what they give to instances."""

from __future__ import annotations

from tests.emulator.conftest import Aws


def test_tags_of_a_template_are_not_in_its_data(aws: Aws, name: str) -> None:
    ec2 = aws("ec2")
    tags = [{"Key": "team", "Value": "shop"}]
    instances = {"ResourceType": "instance", "Tags": [{"Key": "of", "Value": "instances"}]}
    ec2.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData={"InstanceType": "t3.micro", "TagSpecifications": [instances]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )
    template = ec2.describe_launch_templates(LaunchTemplateNames=[name])["LaunchTemplates"][0]
    version = ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"][0]
    assert template["Tags"] == tags
    assert version["LaunchTemplateData"]["TagSpecifications"] == [instances]
