# An IP set of WAF holds one kind of address, so a set of the environment becomes one or two of them.

locals {
  ip_versions = merge([
    for name, set in var.ip_sets : {
      for version, addresses in {
        IPV4 = [for address in set.addresses : address if !strcontains(address, ":")]
        IPV6 = [for address in set.addresses : address if strcontains(address, ":")]
      } : "${name}-${lower(version)}" => { action = set.action, version = version, addresses = addresses }
      if length(addresses) > 0
    }
  ]...)
}

resource "aws_wafv2_ip_set" "this" {
  for_each = local.ip_versions

  name               = "${var.name}-${each.key}"
  description        = "Requests from these addresses: ${each.value.action}"
  scope              = var.scope
  ip_address_version = each.value.version
  addresses          = each.value.addresses
}
