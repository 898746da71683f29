output "bucket_names" {
  description = "Full name of each bucket."
  value       = { for key, bucket in module.bucket : key => bucket.name }
}

output "bucket_arns" {
  description = "ARN of each bucket."
  value       = { for key, bucket in module.bucket : key => bucket.arn }
}

output "bucket_regional_domain_names" {
  description = "Host name of each bucket in its region."
  value       = { for key, bucket in module.bucket : key => bucket.regional_domain_name }
}

output "access_log_bucket_name" {
  description = "Bucket that the access logs of all buckets go to."
  value       = module.access_logs.name
}

output "table_names" {
  description = "Full name of each table."
  value       = { for key, table in module.table : key => table.name }
}

output "table_arns" {
  description = "ARN of each table."
  value       = { for key, table in module.table : key => table.arn }
}

output "table_stream_arns" {
  description = "ARN of the stream of each table that has one."
  value       = { for key, table in module.table : key => table.stream_arn if var.tables[key].stream_view != null || var.tables[key].replica || length(var.tables[key].further_replicas) > 0 }
}

output "database_endpoints" {
  description = "Host name of each database; of an Aurora cluster, its writer."
  value       = { for key, database in local.all_databases : key => database.endpoint }
}

output "database_reader_endpoints" {
  description = "Host names for reading: an Aurora cluster's by its name, a read replica's as <database>/<replica>."
  value = merge(
    { for key, cluster in module.aurora : key => cluster.reader_endpoint },
    merge([for key, database in module.database : { for replica, host in database.reader_endpoints : "${key}/${replica}" => host }]...),
  )
}

output "database_ports" {
  description = "TCP port of each database."
  value       = { for key, database in local.all_databases : key => database.port }
}

output "database_names" {
  description = "Name of the first database inside each database."
  value       = { for key, database in local.all_databases : key => database.database_name }
}

output "database_arns" {
  description = "ARN of each instance or cluster."
  value       = { for key, database in local.all_databases : key => database.arn }
}

output "database_identifiers" {
  description = "Identifier of each instance or cluster, the dimension of its metrics."
  value       = { for key, database in local.all_databases : key => database.identifier }
}

output "database_kinds" {
  description = "What each database is, the kind of dimension its metrics have: instance or cluster."
  value = merge(
    { for key in keys(var.databases) : key => "instance" },
    { for key in keys(var.aurora_clusters) : key => "cluster" },
  )
}

output "database_resource_ids" {
  description = "Resource id of each database, part of the ARN in rds-db:connect policies."
  value       = { for key, database in local.all_databases : key => database.resource_id }
}

output "database_secret_arns" {
  description = "ARN of the secret of each database's master user."
  value       = { for key, database in local.all_databases : key => database.secret_arn }
}

output "database_client_security_group_ids" {
  description = "Security group that admits its members to a database, by database."
  value       = { for key, database in local.all_databases : key => database.client_security_group_id }
}

output "database_proxy_endpoints" {
  description = "Host name of the proxy of each database that has one."
  value       = { for key, proxy in merge(module.database_proxy, module.aurora_proxy) : key => proxy.endpoint }
}

output "database_proxy_resource_ids" {
  description = "Id (prx-…) of the proxy of each database that has one: part of the ARN in rds-db:connect policies of those who come through it."
  value       = { for key, proxy in merge(module.database_proxy, module.aurora_proxy) : key => proxy.resource_id }
}

output "database_proxy_users" {
  description = "Users that may come through the proxy of each database that has one; all others reach the database itself. Known when planning."
  value = merge(
    { for key, database in var.databases : key => sort(database.proxy.users) if database.proxy != null },
    { for key, cluster in var.aurora_clusters : key => sort(cluster.proxy.users) if cluster.proxy != null },
  )
}

output "database_proxy_secret_arns" {
  description = "ARN of the secret of each user that comes through a proxy, as <database>/<user>."
  value = merge([
    for key, proxy in merge(module.database_proxy, module.aurora_proxy) : { for user, arn in proxy.user_secret_arns : "${key}/${user}" => arn }
  ]...)
}

output "cache_endpoints" {
  description = "Host name of each cache; where clients discover shards or nodes, of that endpoint."
  value       = { for key, cache in module.cache : key => cache.endpoint }
}

output "cache_reader_endpoints" {
  description = "Host name for reading, of caches that have one."
  value       = { for key, cache in module.cache : key => cache.reader_endpoint }
}

output "cache_ports" {
  description = "TCP port of each cache."
  value       = { for key, cache in module.cache : key => cache.port }
}

output "cache_arns" {
  description = "ARN of each cache."
  value       = { for key, cache in module.cache : key => cache.arn }
}

output "cache_user_names" {
  description = "User that services sign in to a cache as, through IAM; null for Memcached."
  value       = { for key, cache in module.cache : key => cache.user_name }
}

output "cache_user_arns" {
  description = "ARN of each cache's users, by full name."
  value       = { for key, cache in module.cache : key => cache.user_arns }
}

output "cache_cluster_ids" {
  description = "Id of the first node (CacheClusterId) of each cache that has nodes."
  value       = { for key, cache in module.cache : key => cache.first_cluster_id if var.caches[key].serverless == null }
}

output "serverless_cache_names" {
  description = "Full name of each serverless cache."
  value       = { for key, cache in module.cache : key => cache.name if var.caches[key].serverless != null }
}

output "cache_client_security_group_ids" {
  description = "Security group that admits its members to a cache, by cache."
  value       = { for key, cache in module.cache : key => cache.client_security_group_id }
}

output "backup_vault_arn" {
  description = "ARN of the backup vault; null without backup."
  value       = one(aws_backup_vault.this[*].arn)
}

output "replica_bucket_names" {
  description = "Full name of the copy of each bucket that has one, in the replica region."
  value       = { for key, bucket in module.bucket_replica : key => bucket.name }
}

output "replica_kms_key_arn" {
  description = "ARN of the key of copies in the replica region; null when nothing is copied."
  value       = one(aws_kms_key.replica[*].arn)
}
