# The namespace in which services find one another. ECS Service Connect makes the entries; App Mesh's nodes are
# registered in it too.

locals {
  mesh_namespace = contains(["service_connect", "appmesh"], var.mesh.kind)
}

resource "aws_service_discovery_http_namespace" "mesh" {
  count = local.mesh_namespace ? 1 : 0

  name        = local.name
  description = "Services of ${var.name_prefix}"
}
