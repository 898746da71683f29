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
  name                     = "shop-test-cicd-catalog"
  stack_prefix             = "shop-test-cicd-"
  function_prefix          = "shop-test-compute-"
  connection_arn           = null
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  topic_arn                = "arn:aws:sns:eu-west-1:123456789012:events"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  bucket                   = { name = "artifacts", arn = "arn:aws:s3:::artifacts" }
  account                  = { partition = "aws", region = "eu-west-1", id = "123456789012" }
  projects                 = { image = { name = "shop-test-cicd-image", arn = "arn:aws:codebuild:eu-west-1:123456789012:project/shop-test-cicd-image" } }
  deployments              = { catalog = { application = "shop-test-cicd-catalog", group = "shop-test-cicd-catalog", configuration = "CodeDeployDefault.ECSAllAtOnce", alarms = [] }, orders = { application = "shop-test-cicd-orders", group = "shop-test-cicd-orders", configuration = "c", alarms = ["orders-errors", "orders-slow"] } }
  strategies               = { orders = "Canary10Percent5Minutes" }
  pass_role_arns           = { catalog = ["arn:aws:iam::123456789012:role/catalog-task"] }
}

run "every_type_of_action_from_a_bucket" {
  module {
    source = "./modules/pipeline"
  }

  variables {
    settings = {
      source         = { connection = null, repository = null, branch = "main", full_clone = false, bucket = "sources", key = "catalog.zip" }
      manual         = false
      schedule       = "cron(0 3 * * ? *)"
      execution_mode = "QUEUED"
      triggers       = []
      variables      = { reason = { default_value = "routine", description = "Why" } }
      stages = [
        for stage in [
          { name = "Build", on_failure = "RETRY", action = { name = "Image", type = "build", project = "image", variables = { STAGE = "test" }, outputs = ["image"] } },
          { name = "Approve", on_failure = null, action = { name = "Review", type = "approval", comment = "Look at it" } },
          { name = "Catalog", on_failure = "ROLLBACK", action = { name = "Deploy", type = "deploy_ecs", service = "catalog", image_artifact = "image" } },
          { name = "Orders", on_failure = null, action = { name = "Deploy", type = "deploy_lambda", service = "orders" } },
          { name = "Extra", on_failure = null, action = { name = "Stack", type = "cloudformation", stack = "extra", deploy_role_arn = "arn:aws:iam::123456789012:role/cfn", capabilities = ["CAPABILITY_IAM"], parameters = { Stage = "test" } } },
          ] : {
          name = stage.name, on_failure = stage.on_failure
          actions = [merge({
            order          = 1, inputs = null, outputs = [], namespace = null, timeout_minutes = null, comment = null, link = null, project = null, variables = {}, service = null
            image_artifact = null, target_version = null, stack = null, template = "template.yaml", parameters = {}, capabilities = [], action_mode = "CREATE_UPDATE", deploy_role_arn = null
          }, stage.action)]
        }
      ]
    }
  }

  assert {
    condition     = aws_codepipeline.this.pipeline_type == "V2" && aws_codepipeline.this.execution_mode == "QUEUED" && join(" ", aws_codepipeline.this.stage[*].name) == "Source Build Approve Catalog Orders Extra"
    error_message = "the source comes first"
  }
  assert {
    condition     = one(aws_codepipeline.this.artifact_store).encryption_key[0].id == var.kms_key_arn
    error_message = "artifacts are encrypted with the layer's key"
  }
  assert {
    condition     = aws_codepipeline.this.stage[0].action[0].provider == "S3" && aws_codepipeline.this.stage[0].action[0].configuration.PollForSourceChanges == "false"
    error_message = "nothing polls the bucket"
  }
  assert {
    condition     = aws_codepipeline.this.stage[1].action[0].configuration.ProjectName == "shop-test-cicd-image" && jsondecode(aws_codepipeline.this.stage[1].action[0].configuration.EnvironmentVariables)[0].name == "STAGE"
    error_message = "a build with its variables"
  }
  assert {
    condition     = aws_codepipeline.this.stage[1].on_failure[0].retry_configuration[0].retry_mode == "FAILED_ACTIONS" && aws_codepipeline.this.stage[3].on_failure[0].result == "ROLLBACK"
    error_message = "what follows a failure"
  }
  assert {
    condition     = aws_codepipeline.this.stage[2].action[0].configuration == tomap({ NotificationArn = var.topic_arn, CustomData = "Look at it" }) && length(aws_codepipeline.this.stage[2].action[0].input_artifacts) == 0
    error_message = "an approval asks through the topic and takes nothing in"
  }
  assert {
    condition     = aws_codepipeline.this.stage[3].action[0].provider == "CodeDeployToECS" && aws_codepipeline.this.stage[3].action[0].input_artifacts == tolist(["source", "image"]) && aws_codepipeline.this.stage[3].action[0].configuration.Image1ContainerName == "IMAGE1_NAME"
    error_message = "ECS gets task definition, application specification and image"
  }
  assert {
    condition     = aws_codepipeline.this.stage[4].action[0].configuration == tomap({ FunctionName = "shop-test-compute-orders", FunctionAlias = "live", DeployStrategy = "Canary10Percent5Minutes", Alarms = "orders-errors,orders-slow" })
    error_message = "a function moves its alias as the service says, and back when its alarms ring"
  }
  assert {
    condition     = aws_codepipeline.this.stage[5].action[0].configuration.StackName == "shop-test-cicd-extra" && aws_codepipeline.this.stage[5].action[0].configuration.TemplatePath == "source::template.yaml"
    error_message = "a stack of this layer's prefix"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == [
      "Artifacts", "ArtifactBucket", "ArtifactKey", "SourceObject", "SourceBucket", "Builds", "AskForApproval", "TopicKey", "Deployments", "NewTaskDefinitions", "TaskRoles", "Functions", "Alarms", "Stacks", "StackRoles",
    ]
    error_message = "the role has what its actions need"
  }
  assert {
    condition     = !contains(flatten(data.aws_iam_policy_document.this.statement[*].resources), "*")
    error_message = "no permission is for everything"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.this.statement : length(statement.condition) == 1 if contains(["TaskRoles", "StackRoles"], statement.sid)])
    error_message = "a role is passed to one service only"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && toset([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.variable]) == toset(["aws:SourceAccount", "aws:SourceArn"])
    error_message = "bounded, and for this pipeline only"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.start["source"].event_pattern).detail.object.key == ["catalog.zip"]
    error_message = "a new object starts the pipeline"
  }
  assert {
    condition     = aws_cloudwatch_event_rule.start["schedule"].schedule_expression == "cron(0 3 * * ? *)" && aws_cloudwatch_event_rule.start["schedule"].event_pattern == null && length(aws_iam_role.start) == 2
    error_message = "the clock does, too"
  }
  assert {
    condition     = data.aws_iam_policy_document.start[0].statement[0].resources == toset(["arn:aws:codepipeline:eu-west-1:123456789012:shop-test-cicd-catalog"])
    error_message = "what starts it starts nothing else"
  }
}

run "triggers_of_a_connection" {
  module {
    source = "./modules/pipeline"
  }

  variables {
    connection_arn = "arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000"
    settings = {
      source         = { connection = "github", repository = "example/shop", branch = "main", full_clone = true, bucket = null, key = null }
      manual         = false
      schedule       = null
      execution_mode = "SUPERSEDED"
      variables      = {}
      triggers = [
        { event = "push", branches = { includes = ["main"], excludes = [] }, tags = null, file_paths = { includes = ["terraform/**"], excludes = ["**/*.md"] }, pull_request = [] },
        { event = "pull_request", branches = { includes = ["main"], excludes = [] }, tags = null, file_paths = null, pull_request = ["OPEN"] },
      ]
      stages = [{ name = "Approve", on_failure = null, actions = [{
        name           = "Review", type = "approval", order = 1, inputs = null, outputs = [], namespace = null, timeout_minutes = 60, comment = null, link = null, project = null, variables = {}, service = null
        image_artifact = null, target_version = null, stack = null, template = "template.yaml", parameters = {}, capabilities = [], action_mode = "CREATE_UPDATE", deploy_role_arn = null
      }] }]
    }
  }

  assert {
    condition     = aws_codepipeline.this.trigger[0].git_configuration[0].push[0].file_paths[0].excludes == tolist(["**/*.md"]) && aws_codepipeline.this.trigger[0].git_configuration[0].pull_request[0].events == tolist(["OPEN"])
    error_message = "filters by path, and pull requests"
  }
  assert {
    condition     = aws_codepipeline.this.stage[0].action[0].configuration.OutputArtifactFormat == "CODEBUILD_CLONE_REF" && aws_codepipeline.this.stage[0].action[0].configuration.DetectChanges == "true"
    error_message = "the repository with its history"
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.start) == 0 && contains([for statement in data.aws_iam_policy_document.this.statement : statement.sid], "SourceConnection")
    error_message = "no rule, the connection instead"
  }
}
