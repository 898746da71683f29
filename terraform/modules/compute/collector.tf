# What the OpenTelemetry collector beside a service does: it takes OTLP, and sends traces to X-Ray and metrics to
# CloudWatch. (The X-Ray SDKs and daemon end on 2027-02-25.) ECS hands a task's collector its configuration from a parameter.
# https://aws-otel.github.io/docs/setup/ecs/config-through-ssm
#
# Functions have the configuration of their layer, or a file of their package's own.

locals {
  collected         = { for name, service in local.ecs_services : name => service if service.tracing && var.ecs.collector_image != null }
  collector_metrics = try(var.collector.metrics, false)
  collector_on = var.collector == null ? [] : concat(
    length(local.collected) > 0 ? ["ecs"] : [],
    local.eks_enabled ? ["eks"] : [],
  )

  # Known when planning, as are the task definitions that name it.
  collector_parameter     = "/${var.name_prefix}/compute/collector"
  collector_parameter_arn = "arn:${local.partition}:ssm:${var.region}:${var.account_id}:parameter${local.collector_parameter}"

  collector_metric_log_group = "/${var.name_prefix}/compute/metrics"

  collector_configs = {
    for runtime, settings in {
      # A sidecar shares the network of its task; on EKS the collector is a service that others reach. Container Insights
      # measures tasks where it is on.
      ecs = { host = "localhost", detectors = ["env", "ecs"], receivers = var.ecs.container_insights == "disabled" ? ["awsecscontainermetrics"] : [] }
      eks = { host = "0.0.0.0", detectors = ["env", "eks"], receivers = [] }
      } : runtime => {
      extensions = { health_check = {} }
      receivers = merge(
        {
          otlp = {
            protocols = {
              grpc = { endpoint = "${settings.host}:4317" }
              http = { endpoint = "${settings.host}:4318" }
            }
          }
        },
        { for name in settings.receivers : name => { collection_interval = "60s" } if local.collector_metrics },
      )
      processors = {
        memory_limiter    = { check_interval = "1s", limit_mib = var.collector.memory_limit_mib }
        resourcedetection = { detectors = settings.detectors, override = false, timeout = "5s" }
        batch             = { timeout = "5s", send_batch_size = 256 }
      }
      exporters = merge(
        { awsxray = { region = var.region, index_all_attributes = false } },
        {
          for name in ["awsemf"] : name => {
            region                  = var.region
            namespace               = "${var.name_prefix}/services"
            log_group_name          = local.collector_metric_log_group
            dimension_rollup_option = "NoDimensionRollup"
          } if local.collector_metrics
        },
      )
      service = {
        telemetry  = { logs = { level = var.collector.log_level } }
        extensions = ["health_check"]
        pipelines = merge(
          { traces = { receivers = ["otlp"], processors = ["memory_limiter", "resourcedetection", "batch"], exporters = ["awsxray"] } },
          {
            for name in ["metrics"] : name => {
              receivers = concat(["otlp"], settings.receivers), processors = ["memory_limiter", "resourcedetection", "batch"], exporters = ["awsemf"]
            } if local.collector_metrics
          },
        )
      }
    } if contains(local.collector_on, runtime)
  }
}

resource "aws_ssm_parameter" "collector" {
  #checkov:skip=CKV2_AWS_34:The collector's configuration holds no secret
  #checkov:skip=CKV_AWS_337:The collector's configuration holds no secret; it is read without a key
  count = contains(local.collector_on, "ecs") ? 1 : 0

  name        = local.collector_parameter
  description = "Configuration of the OpenTelemetry collector beside containers"
  type        = "String"
  value       = yamlencode(local.collector_configs["ecs"])
}

resource "aws_cloudwatch_log_group" "collector_metrics" {
  #checkov:skip=CKV_AWS_338:Its events carry metrics, which CloudWatch keeps for 15 months
  count = local.collector_metrics && length(local.collector_on) > 0 ? 1 : 0

  name              = local.collector_metric_log_group
  retention_in_days = var.collector.metric_log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}
