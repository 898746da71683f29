# TLS is not negotiable; what is slow or changes the schema is logged. The environment's parameters come between.

locals {
  version_parts = split(".", var.database.engine_version)
  family        = local.postgres ? "postgres${local.version_parts[0]}" : "mysql${join(".", slice(local.version_parts, 0, 2))}"

  default_parameters = local.postgres ? {
    log_connections            = { value = "1", apply_method = "immediate" }
    log_disconnections         = { value = "1", apply_method = "immediate" }
    log_statement              = { value = "ddl", apply_method = "immediate" }
    log_min_duration_statement = { value = "1000", apply_method = "immediate" } # milliseconds
    } : {
    slow_query_log  = { value = "1", apply_method = "immediate" }
    long_query_time = { value = "1", apply_method = "immediate" } # seconds
    log_output      = { value = "FILE", apply_method = "immediate" }
  }

  forced_parameters = local.postgres ? {
    "rds.force_ssl" = { value = "1", apply_method = "immediate" }
    } : {
    require_secure_transport = { value = "1", apply_method = "immediate" }
  }

  parameters = merge(local.default_parameters, var.database.parameters, local.forced_parameters)
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-${replace(local.family, ".", "-")}"
  description = "Parameters of ${var.name}"
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
