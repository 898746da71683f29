# What the OpenTelemetry collector beside a service does: it takes OTLP, and sends traces to X-Ray and metrics to
# CloudWatch. (The X-Ray SDKs and daemon end on 2027-02-25.) Collectors read it from a parameter when they start.
# https://aws-otel.github.io/docs/setup/ecs/config-through-ssm

locals {
  adot_metrics = try(var.adot.metrics, false)

  adot_configs = {
    for runtime, settings in {
      # A sidecar shares the network of its task; on EKS the collector is a service that others reach.
      ecs    = { host = "localhost", detectors = ["env", "ecs"], receivers = ["awsecscontainermetrics"], processors = ["memory_limiter", "resourcedetection", "batch"] }
      eks    = { host = "0.0.0.0", detectors = ["env", "eks"], receivers = [], processors = ["memory_limiter", "resourcedetection", "batch"] }
      lambda = { host = "localhost", detectors = ["env", "lambda"], receivers = [], processors = ["resourcedetection"] } # a batch would wait for a function that sleeps
      } : runtime => {
      extensions = { for name in ["health_check"] : name => {} if runtime != "lambda" }
      receivers = merge(
        {
          otlp = {
            protocols = {
              grpc = { endpoint = "${settings.host}:4317" }
              http = { endpoint = "${settings.host}:4318" }
            }
          }
        },
        { for name in settings.receivers : name => { collection_interval = "60s" } if local.adot_metrics },
      )
      processors = {
        for name, processor in {
          memory_limiter    = { check_interval = "1s", limit_mib = try(var.adot.memory_limit_mib, 100) }
          resourcedetection = { detectors = settings.detectors, override = false, timeout = "5s" }
          batch             = { timeout = "5s", send_batch_size = 256 }
        } : name => processor if contains(settings.processors, name)
      }
      exporters = merge(
        { awsxray = { region = var.region, index_all_attributes = false } },
        {
          for name in ["awsemf"] : name => {
            region                  = var.region
            namespace               = "${var.name_prefix}/services"
            log_group_name          = local.adot_metric_log_group
            dimension_rollup_option = "NoDimensionRollup"
          } if local.adot_metrics
        },
      )
      service = {
        telemetry  = { logs = { level = try(var.adot.log_level, "warn") } }
        extensions = runtime == "lambda" ? [] : ["health_check"]
        pipelines = merge(
          { traces = { receivers = ["otlp"], processors = settings.processors, exporters = ["awsxray"] } },
          { for name in ["metrics"] : name => { receivers = concat(["otlp"], settings.receivers), processors = settings.processors, exporters = ["awsemf"] } if local.adot_metrics },
        )
      }
    } if var.adot != null
  }

  adot_metric_log_group = "/${var.name_prefix}/observability/metrics"
}

resource "aws_ssm_parameter" "adot" {
  #checkov:skip=CKV2_AWS_34:The collector's configuration holds no secret; services' roles read it without a key
  #checkov:skip=CKV_AWS_337:The collector's configuration holds no secret; services' roles read it without a key
  for_each = local.adot_configs

  name        = "/${var.name_prefix}/observability/adot/${each.key}"
  description = "Configuration of the OpenTelemetry collector beside services on ${each.key}"
  type        = "String"
  value       = yamlencode(each.value)
}

resource "aws_cloudwatch_log_group" "adot_metrics" {
  #checkov:skip=CKV_AWS_338:Its events carry metrics, which CloudWatch keeps for 15 months
  count = local.adot_metrics ? 1 : 0

  name              = local.adot_metric_log_group
  retention_in_days = var.adot.metric_log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}
