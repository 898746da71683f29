# The instances of a cluster: the first one writes, the others read and take over. Readers may come and go with the load.

resource "aws_rds_cluster_instance" "this" {
  count = var.instances

  identifier                 = "${var.name}-${count.index}"
  cluster_identifier         = aws_rds_cluster.this.id
  engine                     = aws_rds_cluster.this.engine
  engine_version             = aws_rds_cluster.this.engine_version
  instance_class             = local.serverless ? "db.serverless" : var.cluster.instance_class
  db_parameter_group_name    = aws_db_parameter_group.this.name
  db_subnet_group_name       = var.subnet_group_name
  ca_cert_identifier         = var.cluster.ca_certificate
  publicly_accessible        = false
  auto_minor_version_upgrade = true
  apply_immediately          = var.cluster.apply_immediately
  copy_tags_to_snapshot      = true
  promotion_tier             = min(count.index, 15)

  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = local.insights_retention_days

  tags = { Name = "${var.name}-${count.index}" }
}

resource "aws_appautoscaling_target" "readers" {
  count = var.cluster.reader_autoscaling == null ? 0 : 1

  service_namespace  = "rds"
  scalable_dimension = "rds:cluster:ReadReplicaCount"
  resource_id        = "cluster:${aws_rds_cluster.this.cluster_identifier}"
  min_capacity       = var.cluster.reader_autoscaling.min
  max_capacity       = var.cluster.reader_autoscaling.max

  # It counts the readers that are there.
  depends_on = [aws_rds_cluster_instance.this]
}

resource "aws_appautoscaling_policy" "readers" {
  count = var.cluster.reader_autoscaling == null ? 0 : 1

  name               = "${var.name}-readers"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.readers[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.readers[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.readers[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.cluster.reader_autoscaling.cpu_percent
    scale_in_cooldown  = 300
    scale_out_cooldown = 300

    predefined_metric_specification {
      predefined_metric_type = "RDSReaderAverageCPUUtilization"
    }
  }
}
