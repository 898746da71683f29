"""What exists in an account: by tag, and by every service's own listing.

Terraform can only destroy what it knows; this asks AWS instead. Two inventories of one account are equal when
nothing was left behind and nothing else taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

LISTINGS: tuple[tuple[str, str, str, str], ...] = (
    # client, operation, where its answer has the list, what names one
    ("accessanalyzer", "list_analyzers", "analyzers", "arn"),
    ("acm", "list_certificates", "CertificateSummaryList", "CertificateArn"),
    ("apigateway", "get_rest_apis", "items", "name"),
    ("apigateway", "get_usage_plans", "items", "name"),
    ("apigateway", "get_api_keys", "items", "name"),
    ("apigatewayv2", "get_apis", "Items", "Name"),
    ("apigatewayv2", "get_vpc_links", "Items", "Name"),
    ("apigatewayv2", "get_domain_names", "Items", "DomainName"),
    ("appmesh", "list_meshes", "meshes", "meshName"),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
    ("backup", "list_backup_plans", "BackupPlansList", "BackupPlanName"),
    ("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    ("cloudformation", "list_stacks", "StackSummaries", "StackName"),
    ("cloudtrail", "list_trails", "Trails", "TrailARN"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("codebuild", "list_projects", "projects", ""),
    ("codedeploy", "list_applications", "applications", ""),
    ("codepipeline", "list_pipelines", "pipelines", "name"),
    ("cognito-idp", "list_user_pools:MaxResults=60", "UserPools", "Name"),
    ("cognito-identity", "list_identity_pools:MaxResults=60", "IdentityPools", "IdentityPoolName"),
    ("comprehend", "list_document_classifiers", "DocumentClassifierPropertiesList", "DocumentClassifierArn"),
    ("comprehend", "list_entity_recognizers", "EntityRecognizerPropertiesList", "EntityRecognizerArn"),
    ("config", "describe_configuration_recorders", "ConfigurationRecorders", "name"),
    ("config", "describe_config_rules", "ConfigRules", "ConfigRuleName"),
    ("dynamodb", "list_tables", "TableNames", ""),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupName"),
    ("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("ec2", "describe_addresses", "Addresses", "AllocationId"),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("ecs", "list_clusters", "clusterArns", ""),
    ("ecs", "list_task_definitions", "taskDefinitionArns", ""),
    ("eks", "list_clusters", "clusters", ""),
    ("elasticache", "describe_cache_clusters", "CacheClusters", "CacheClusterId"),
    ("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("events", "list_rules", "Rules", "Name"),
    ("firehose", "list_delivery_streams", "DeliveryStreamNames", ""),
    ("guardduty", "list_detectors", "DetectorIds", ""),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("iam", "list_policies:Scope=Local", "Policies", "PolicyName"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("kinesis", "list_streams", "StreamNames", ""),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("opensearch", "list_domain_names", "DomainNames", "DomainName"),
    ("opensearchserverless", "list_collections", "collectionSummaries", "name"),
    ("pipes", "list_pipes", "Pipes", "Name"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    ("rds", "describe_db_proxies", "DBProxies", "DBProxyName"),
    ("rekognition", "list_collections", "CollectionIds", ""),
    ("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", "ResourceARN"),
    ("route53", "list_hosted_zones", "HostedZones", "Id"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sagemaker", "list_models", "Models", "ModelName"),
    ("sagemaker", "list_endpoints", "Endpoints", "EndpointName"),
    ("sagemaker", "list_domains", "Domains", "DomainName"),
    ("sagemaker", "list_feature_groups", "FeatureGroupSummaries", "FeatureGroupName"),
    ("scheduler", "list_schedules", "Schedules", "Name"),
    ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("servicediscovery", "list_namespaces", "Namespaces", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("sqs", "list_queues", "QueueUrls", ""),
    ("ssm", "describe_parameters", "Parameters", "Name"),
    ("stepfunctions", "list_state_machines", "stateMachines", "name"),
    ("synthetics", "describe_canaries", "Canaries", "Name"),
    ("vpc-lattice", "list_service_networks", "items", "name"),
    ("vpc-lattice", "list_services", "items", "name"),
    ("wafv2", "list_web_acls:Scope=REGIONAL", "WebACLs", "Name"),
    ("wafv2", "list_ip_sets:Scope=REGIONAL", "IPSets", "Name"),
    ("xray", "get_groups", "Groups", "GroupName"),
)

LINGERING = (":kms:", ":key/", ":natgateway/", ":ecs:")
"""By tag, keys are found for their waiting time, as pending deletion; AWS shows deleted NAT gateways, and what is
inactive in ECS, for a while. (Clusters and task definitions are listed by ECS itself, too.)"""


def inventory(client: Any) -> set[str]:
    """``service: thing`` for everything there is; ``client(name)`` makes boto3 clients."""
    return {
        f"{service}: {thing}"
        for service, thing in _things(client)
        if service != "resourcegroupstaggingapi" or not any(part in thing for part in LINGERING)
    }


def _things(client: Any) -> Iterator[tuple[str, str]]:
    for service, call, where, named in LISTINGS:
        operation, _, argument = call.partition(":")
        arguments: dict[str, Any] = {}
        if argument:
            key, value = argument.split("=")
            arguments[key] = int(value) if value.isdigit() else value
        for item in _all(client(service), operation, where, arguments):
            if service == "cloudformation" and item.get("StackStatus") == "DELETE_COMPLETE":
                continue
            if service == "ec2" and item.get("State") == "deleted":
                continue
            yield service, str(item[named] if named else item)


def _all(client: Any, operation: str, where: str, arguments: dict[str, Any]) -> Iterator[Any]:
    try:
        yield from _listed(client, operation, where, arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NotImplemented", "404"):
            raise
        # nothing can be in a service that the emulator does not know


def _listed(client: Any, operation: str, where: str, arguments: dict[str, Any]) -> Iterator[Any]:
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(where) or ()
    else:
        yield from getattr(client, operation)(**arguments).get(where) or ()
