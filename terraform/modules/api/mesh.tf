# Who takes part in the service mesh.

locals {
  called_services = toset(concat(flatten([for service in values(var.services) : service.uses.services]), tolist(var.mesh.services)))

  # Who calls each of them.
  callers = {
    for service_name in local.called_services : service_name => sort([
      for caller_name, caller in var.services : caller_name if contains(caller.uses.services, service_name)
    ])
  }
}
