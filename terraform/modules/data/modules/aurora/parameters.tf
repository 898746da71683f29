# TLS is not negotiable; what is slow or changes the schema is logged. The environment's parameters come between.

locals {
  version_parts = split(".", var.cluster.engine_version)
  family        = local.postgres ? "aurora-postgresql${local.version_parts[0]}" : "aurora-mysql${join(".", slice(local.version_parts, 0, 2))}"

  default_parameters = local.postgres ? {
    log_connections            = { value = "1", apply_method = "immediate" }
    log_disconnections         = { value = "1", apply_method = "immediate" }
    log_statement              = { value = "ddl", apply_method = "immediate" }
    log_min_duration_statement = { value = "1000", apply_method = "immediate" } # milliseconds
    } : {
    slow_query_log          = { value = "1", apply_method = "immediate" }
    long_query_time         = { value = "1", apply_method = "immediate" } # seconds
    server_audit_logging    = { value = "1", apply_method = "immediate" }
    server_audit_events     = { value = "CONNECT,QUERY_DCL,QUERY_DDL", apply_method = "immediate" }
    server_audit_excl_users = { value = "rdsadmin", apply_method = "immediate" }
  }

  forced_parameters = local.postgres ? {
    "rds.force_ssl" = { value = "1", apply_method = "immediate" }
    } : {
    require_secure_transport = { value = "ON", apply_method = "immediate" }
  }

  parameters = merge(local.default_parameters, var.cluster.parameters, local.forced_parameters)
}

resource "aws_rds_cluster_parameter_group" "this" {
  name        = "${var.name}-${replace(local.family, ".", "-")}"
  description = "Cluster parameters of ${var.name}"
  family      = local.family

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  # An upgrade to another major version needs the new group while the old one is still in use.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-instances-${replace(local.family, ".", "-")}"
  description = "Parameters of the instances of ${var.name}"
  family      = local.family

  dynamic "parameter" {
    for_each = var.cluster.instance_parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
