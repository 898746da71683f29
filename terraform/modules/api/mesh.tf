locals {
  lattice_services = toset([])
}
