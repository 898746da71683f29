# Users sign in with IAM (elasticache:Connect) and hold no password. One of them, named as the cache, is for the services
# that use it; the environment may add more.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

locals {
  users = local.memcached ? {} : merge(
    { (var.name) = var.cache.access_string },
    { for name, user in var.cache.users : "${var.name}-${name}" => user.access_string },
  )
}

resource "aws_elasticache_user" "this" {
  for_each = local.users

  user_id       = each.key
  user_name     = each.key # IAM wants them equal
  engine        = var.cache.engine
  access_string = each.value

  authentication_mode {
    type = "iam"
  }
}

# A Redis group must have a user "default", whom clients without a name would be; this one is switched off.
resource "aws_elasticache_user" "default" {
  count = var.cache.engine == "redis" ? 1 : 0

  user_id       = "${var.name}-off"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

resource "aws_elasticache_user_group" "this" {
  count = local.memcached ? 0 : 1

  user_group_id = var.name
  engine        = var.cache.engine
  user_ids      = concat([for user in aws_elasticache_user.this : user.user_id], aws_elasticache_user.default[*].user_id)
}
