# What the variables' rules take from the rest of the module.
locals {
  purposes = ["data", "logs"]
}
