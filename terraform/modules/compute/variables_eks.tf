variable "eks" {
  description = <<-EOT
    The cluster of services with the runtime eks. Null: none. Everybody and everything gets in through IAM (access
    entries); the Kubernetes API is reached from inside the VPC.
      version: of Kubernetes; a cluster goes up by one minor version at a time, and never down.
      support: STANDARD upgrades a version at the end of its standard support; EXTENDED keeps it for a fee.
      public_access_cidrs: IPv4 ranges that reach the API from outside, too. None: private only.
      service_cidr: range of the cluster's own addresses; must not overlap with the VPC's.
      namespace: Kubernetes namespace of the services.
      zonal_shift: lets AWS move traffic away from a zone in trouble.
      node_groups: instances by name. capacity: "on_demand" or "spot"; os: "al2023" or "bottlerocket"; taints:
        key => {value, effect (NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE)}; max_unavailable_percent: how many are replaced at once.
      fargate_profiles: pods that run without nodes, by name: selectors of a namespace and labels.
      addons: EKS add-ons by name, version null for EKS's default, configuration as JSON. Roles that AWS documents for an add-on
        are made and given to it through Pod Identity.
      access: people and pipelines by name: the principal, EKS's policies (such as AmazonEKSViewPolicy) with the namespaces they are
        for (none: the whole cluster), and Kubernetes groups.
      pod_roles: further roles for service accounts by name; through Pod Identity, or through the cluster's OIDC provider (irsa)
        where pods can't reach the agent, as on Fargate.
      load_balancer_controller: role and service account with which the AWS Load Balancer Controller binds services to the
        platform's target groups.
  EOT
  type = object({
    version             = optional(string, "1.34")
    support             = optional(string, "STANDARD")
    public_access_cidrs = optional(set(string), [])
    service_cidr        = optional(string, "172.20.0.0/16")
    namespace           = optional(string, "default")
    zonal_shift         = optional(bool, true)
    node_groups = optional(map(object({
      instance_types          = list(string)
      capacity                = optional(string, "on_demand")
      architecture            = optional(string, "arm64")
      os                      = optional(string, "bottlerocket")
      min_size                = optional(number, 1)
      max_size                = number
      volume_gib              = optional(number, 50)
      max_unavailable_percent = optional(number, 33)
      labels                  = optional(map(string), {})
      taints                  = optional(map(object({ value = optional(string), effect = string })), {})
    })), {})
    fargate_profiles = optional(map(object({
      selectors = list(object({ namespace = string, labels = optional(map(string), {}) }))
    })), {})
    addons = optional(map(object({ version = optional(string), configuration = optional(string) })), {
      vpc-cni                         = { configuration = "{\"enableNetworkPolicy\":\"true\"}" }
      kube-proxy                      = {}
      coredns                         = {}
      eks-pod-identity-agent          = {}
      amazon-cloudwatch-observability = {}
    })
    access = optional(map(object({
      principal_arn     = string
      policies          = optional(map(set(string)), {})
      kubernetes_groups = optional(set(string), [])
    })), {})
    pod_roles = optional(map(object({
      service_account = string
      namespace       = optional(string, "kube-system")
      irsa            = optional(bool, false)
      policy          = optional(string)
      policy_arns     = optional(set(string), [])
    })), {})
    load_balancer_controller = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.eks == null ? true : can(regex("^1\\.(3[1-9])$", var.eks.version))
    error_message = "eks.version is a version that EKS offers, 1.31 or newer; got \"${try(var.eks.version, "")}\"."
  }

  # https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
  validation {
    condition     = var.eks == null ? true : var.eks.support == "EXTENDED" || !contains(["1.31", "1.32", "1.33"], var.eks.version)
    error_message = "Kubernetes ${try(var.eks.version, "")} is past its standard support: take 1.34 or newer, or set eks.support: EXTENDED and pay for it."
  }

  validation {
    condition     = var.eks == null ? true : contains(["STANDARD", "EXTENDED"], var.eks.support)
    error_message = "eks.support is STANDARD or EXTENDED; got \"${try(var.eks.support, "")}\"."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for cidr in var.eks.public_access_cidrs : can(cidrhost(cidr, 0)) && cidr != "0.0.0.0/0"])
    error_message = "eks.public_access_cidrs are IPv4 ranges of your own, never 0.0.0.0/0; got ${join(", ", try(var.eks.public_access_cidrs, []))}."
  }

  validation {
    condition     = var.eks == null ? true : can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.[0-9.]+/(1[2-9]|2[0-4])$", var.eks.service_cidr)) && can(cidrhost(var.eks.service_cidr, 0))
    error_message = "eks.service_cidr is a private range between /12 and /24, as in 172.20.0.0/16; got \"${try(var.eks.service_cidr, "")}\"."
  }

  # Two ranges overlap when their addresses agree in as many bits as the wider one has.
  validation {
    condition = var.eks == null ? true : try(
      cidrhost("${split("/", var.eks.service_cidr)[0]}/${min(split("/", var.eks.service_cidr)[1], split("/", var.vpc_cidr)[1])}", 0)
      != cidrhost("${split("/", var.vpc_cidr)[0]}/${min(split("/", var.eks.service_cidr)[1], split("/", var.vpc_cidr)[1])}", 0),
      true,
    )
    error_message = "eks.service_cidr ${try(var.eks.service_cidr, "")} overlaps with the VPC's range ${var.vpc_cidr}."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for group in values(var.eks.node_groups) : length(group.instance_types) > 0 && alltrue([for type in group.instance_types : can(regex(local.ec2_instance_types, type))])])
    error_message = "eks.node_groups.<name>.instance_types are types such as m7g.large; got ${join(", ", flatten([for name, group in merge(var.eks[*].node_groups...) : [for type in group.instance_types : "${type} (${name})"]]))}."
  }

  # A "g" after the generation is Graviton: m7g, c7gn, t4g.
  validation {
    condition     = var.eks == null ? true : alltrue([for group in values(var.eks.node_groups) : alltrue([for type in group.instance_types : can(regex("^[a-z]+[0-9]+g[a-z]*\\.", type)) == (group.architecture == "arm64")])])
    error_message = "eks.node_groups.<name>.architecture is that of its instance_types, arm64 for Graviton; look at ${join(", ", [for name, group in merge(var.eks[*].node_groups...) : "${name} (${group.architecture}: ${join(" ", group.instance_types)})"])}."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for group in values(var.eks.node_groups) : contains(["arm64", "x86_64"], group.architecture) && contains(["on_demand", "spot"], group.capacity) && contains(["al2023", "bottlerocket"], group.os)])
    error_message = "In eks.node_groups, architecture is arm64 or x86_64, capacity on_demand or spot, os al2023 or bottlerocket; look at ${join(", ", [for name, group in merge(var.eks[*].node_groups...) : "${name} (${group.architecture}, ${group.capacity}, ${group.os})"])}."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for group in values(var.eks.node_groups) : group.min_size >= 0 && group.max_size >= max(1, group.min_size) && group.max_unavailable_percent >= 1 && group.max_unavailable_percent <= 100])
    error_message = "In eks.node_groups, max_size is at least 1 and at least min_size, max_unavailable_percent lies between 1 and 100."
  }

  validation {
    condition     = var.eks == null ? true : alltrue(flatten([for group in values(var.eks.node_groups) : [for taint in values(group.taints) : contains(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"], taint.effect)]]))
    error_message = "A taint's effect is NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for profile in values(var.eks.fargate_profiles) : length(profile.selectors) >= 1 && length(profile.selectors) <= 5])
    error_message = "A Fargate profile has one to five selectors; look at ${join(", ", keys(merge(var.eks[*].fargate_profiles...)))}."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for entry in values(var.eks.access) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/", entry.principal_arn))])
    error_message = "eks.access.<name>.principal_arn is the ARN of a role or user; got ${join(", ", [for entry in values(merge(var.eks[*].access...)) : entry.principal_arn])}."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for addon in values(var.eks.addons) : addon.configuration == null ? true : can(jsondecode(addon.configuration))])
    error_message = "eks.addons.<name>.configuration is JSON; look at ${join(", ", keys(merge(var.eks[*].addons...)))}."
  }

  validation {
    condition     = var.eks == null ? true : alltrue([for role in values(var.eks.pod_roles) : role.policy == null ? true : can(jsondecode(role.policy).Statement)])
    error_message = "eks.pod_roles.<name>.policy is an IAM policy as JSON; look at ${join(", ", keys(merge(var.eks[*].pod_roles...)))}."
  }

  validation {
    condition     = var.eks != null || alltrue([for service in values(var.services) : service.runtime != "eks"])
    error_message = "Services with the runtime eks need layers.compute.variables.eks; look at ${join(", ", [for name, service in var.services : name if service.runtime == "eks"])}."
  }
}
