output "endpoint" {
  description = "Host name: of the configuration endpoint where clients discover shards or nodes, else of the primary."
  value = {
    replication_group = try(coalesce(aws_elasticache_replication_group.this[0].configuration_endpoint_address, aws_elasticache_replication_group.this[0].primary_endpoint_address), null)
    memcached         = try(aws_elasticache_cluster.this[0].cluster_address, null)
    serverless        = try(aws_elasticache_serverless_cache.this[0].endpoint[0].address, null)
  }[local.kind]
}

output "reader_endpoint" {
  description = "Host name for reading; null where the endpoint serves both."
  value = {
    replication_group = try(aws_elasticache_replication_group.this[0].reader_endpoint_address, null)
    memcached         = null
    serverless        = try(aws_elasticache_serverless_cache.this[0].reader_endpoint[0].address, null)
  }[local.kind]
}

output "port" {
  description = "TCP port."
  value       = local.port
}

output "arn" {
  description = "ARN of the cache."
  value = one(concat(
    aws_elasticache_replication_group.this[*].arn,
    aws_elasticache_cluster.this[*].arn,
    aws_elasticache_serverless_cache.this[*].arn,
  ))
}

output "user_name" {
  description = "Name and id of the user that services sign in as; null for Memcached."
  value       = local.memcached ? null : aws_elasticache_user.this[var.name].user_name
}

output "user_arns" {
  description = "ARN of each user, by name."
  value       = { for name, user in aws_elasticache_user.this : name => user.arn }
}

output "client_security_group_id" {
  description = "Security group of those who may connect."
  value       = module.access.client_security_group_id
}

output "name" {
  description = "Full name of the cache."
  value       = var.name
}

output "first_cluster_id" {
  description = "Id of the first node (CacheClusterId), the dimension of its metrics; null for serverless caches."
  value = try(
    sort(tolist(aws_elasticache_replication_group.this[0].member_clusters))[0],
    aws_elasticache_cluster.this[0].cluster_id,
    null,
  )
}
