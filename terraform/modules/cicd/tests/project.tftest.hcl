mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock", bucket_regional_domain_name = "mock.s3.eu-west-1.amazonaws.com" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_codebuild_project" {
    defaults = { arn = "arn:aws:codebuild:eu-west-1:123456789012:project/mock" }
  }
  mock_resource "aws_codepipeline" {
    defaults = { arn = "arn:aws:codepipeline:eu-west-1:123456789012:mock" }
  }
  mock_resource "aws_codeconnections_connection" {
    defaults = { arn = "arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name                     = "shop-test-cicd-image"
  log_group_name           = "/shop-test/cicd/image"
  connection_arn           = null
  uses_connection          = false
  push_images_of           = ["catalog"]
  repository_arns          = { catalog = "arn:aws:ecr:eu-west-1:123456789012:repository/catalog" }
  bucket                   = { name = "artifacts", arn = "arn:aws:s3:::artifacts" }
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  secrets_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
  log_retention_in_days    = 365
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  vpc                      = { id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  publishes                = []
  prepares                 = []
  function_prefix          = "shop-test-compute-"
  account                  = { partition = "aws", region = "eu-west-1", id = "123456789012" }
  settings = {
    description            = "Images"
    buildspec              = "buildspec.yaml"
    source                 = { type = "codepipeline", location = null, version = null }
    image                  = null
    architecture           = "arm64"
    compute_type           = "small"
    privileged             = true
    environment            = { STAGE = "test" }
    secrets                = { TOKEN = "registry:token", KEY = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-abc123:value" }
    parameters             = { LEVEL = "/shop/level" }
    timeout_minutes        = 30
    queued_timeout_minutes = 60
    concurrent_builds      = 2
    cache                  = "local"
    in_vpc                 = true
    assume_role_arns       = ["arn:aws:iam::123456789012:role/other"]
    managed_policy_arns    = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    policy_statements      = ["{\"Effect\": \"Allow\", \"Action\": \"s3:ListBucket\", \"Resource\": \"arn:aws:s3:::docs\"}"]
  }
}

run "a_build_that_makes_images_in_the_vpc" {
  module {
    source = "./modules/project"
  }

  assert {
    condition     = aws_codebuild_project.this.encryption_key == var.kms_key_arn && aws_cloudwatch_log_group.this.kms_key_id == var.logs_kms_key_arn && aws_cloudwatch_log_group.this.name == "/shop-test/cicd/image"
    error_message = "what it makes and what it says is encrypted"
  }
  assert {
    condition     = aws_codebuild_project.this.environment[0].type == "ARM_CONTAINER" && aws_codebuild_project.this.environment[0].compute_type == "BUILD_GENERAL1_SMALL" && aws_codebuild_project.this.environment[0].privileged_mode
    error_message = "the environment that was asked for"
  }
  assert {
    condition     = { for variable in aws_codebuild_project.this.environment[0].environment_variable : variable.name => variable.type } == { STAGE = "PLAINTEXT", LEVEL = "PARAMETER_STORE", TOKEN = "SECRETS_MANAGER", KEY = "SECRETS_MANAGER" }
    error_message = "secrets stay where they are"
  }
  assert {
    condition     = aws_codebuild_project.this.cache[0].modes == tolist(["LOCAL_CUSTOM_CACHE", "LOCAL_DOCKER_LAYER_CACHE"]) && aws_codebuild_project.this.concurrent_build_limit == 2
    error_message = "layers are kept where images are made"
  }
  assert {
    condition     = aws_codebuild_project.this.vpc_config[0].subnets == toset(["subnet-1"])
    error_message = "in the VPC"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == [
      "OwnLogs", "Artifacts", "ArtifactBucket", "ArtifactKey", "OwnReports", "NamedSecrets", "SecretsKey", "NamedParameters", "NamedRoles", "ServicesImages", "SignInToEcr", "LookAtNetwork", "OwnNetworkInterfaces", "LendNetworkInterfaces",
    ]
    error_message = "the role has what the build names"
  }
  assert {
    condition     = toset(local.secret_arns) == toset(["arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-??????", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-abc123"])
    error_message = "secrets by name and by ARN"
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.this.statement : [statement.actions, statement.resources, [for condition in statement.condition : condition.values]] if statement.sid == "SecretsKey"
    ] == [[toset(["kms:Decrypt"]), toset([var.secrets_kms_key_arn]), [tolist(["secretsmanager.eu-west-1.amazonaws.com"])]]]
    error_message = "the secrets' key decrypts for Secrets Manager alone"
  }
  assert {
    condition     = local.parameter_arns == tolist(["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/level"])
    error_message = "parameters by name"
  }
  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.this.statement : statement.sid if contains(statement.resources, "*")]) == toset(["SignInToEcr", "LookAtNetwork"])
    error_message = "everything only where AWS has nothing narrower"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && length(aws_iam_role_policy_attachment.named) == 1
    error_message = "bounded, with the policies that were named"
  }
}

run "a_plain_build_of_a_repository" {
  module {
    source = "./modules/project"
  }

  variables {
    uses_connection = true
    connection_arn  = "arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000"
    push_images_of  = []
    settings = {
      description            = ""
      buildspec              = null
      source                 = { type = "github", location = "https://github.com/example/shop.git", version = "main" }
      image                  = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/build:1"
      architecture           = "x86_64"
      compute_type           = "2xlarge"
      privileged             = false
      environment            = {}
      secrets                = {}
      parameters             = {}
      timeout_minutes        = 30
      queued_timeout_minutes = 60
      concurrent_builds      = null
      cache                  = "s3"
      in_vpc                 = false
      assume_role_arns       = []
      managed_policy_arns    = []
      policy_statements      = []
    }
  }

  assert {
    condition     = aws_codebuild_project.this.source[0].auth[0].type == "CODECONNECTIONS" && aws_codebuild_project.this.source_version == "main" && aws_codebuild_project.this.artifacts[0].type == "NO_ARTIFACTS"
    error_message = "the source through the connection"
  }
  assert {
    condition     = aws_codebuild_project.this.environment[0].image_pull_credentials_type == "SERVICE_ROLE" && !aws_codebuild_project.this.environment[0].privileged_mode
    error_message = "an image of one's own is pulled with the build's role"
  }
  assert {
    condition     = aws_codebuild_project.this.cache[0].location == "artifacts/cache/shop-test-cicd-image" && length(aws_codebuild_project.this.vpc_config) == 0
    error_message = "a cache in S3, no VPC"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["OwnLogs", "Artifacts", "ArtifactBucket", "ArtifactKey", "OwnReports", "SourceConnection"]
    error_message = "nothing that it does not need"
  }
}

run "a_build_that_prepares_deployments" {
  module {
    source = "./modules/project"
  }

  variables {
    push_images_of = ["catalog"]
    publishes      = ["orders"]
    prepares       = ["catalog"]
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if statement.sid == "NewVersions"]) == toset(["arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders"])
    error_message = "new versions of this function only"
  }
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.this.statement : contains(statement.actions, "lambda:UpdateAlias")])
    error_message = "a build can't move traffic"
  }
  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.this.statement : statement.sid if contains(statement.resources, "*")]) == toset(["SignInToEcr", "LookAtNetwork", "ReadTaskDefinitions"])
    error_message = "everything only where AWS has nothing narrower"
  }
}
