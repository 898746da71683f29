variable "code_signing" {
  description = <<-EOT
    Functions run signed code only. Null: any code.
      signing_profile_version_arns: AWS Signer's profiles whose signatures count.
      enforce: false warns about other code instead of refusing it.
  EOT
  type = object({
    signing_profile_version_arns = set(string)
    enforce                      = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.code_signing == null ? true : length(var.code_signing.signing_profile_version_arns) > 0 && length(var.code_signing.signing_profile_version_arns) <= 20
    error_message = "code_signing.signing_profile_version_arns has 1 to 20 ARNs."
  }
}

variable "adot_layer_arn" {
  description = "Lambda layer of the AWS Distro for OpenTelemetry, which traced functions from a package get. Null: Lambda's own tracing only."
  type        = string
  default     = null

  validation {
    condition     = var.adot_layer_arn == null ? true : can(regex("^arn:[^:]+:lambda:[a-z0-9-]+:[0-9]{12}:layer:[^:]+:[0-9]+$", var.adot_layer_arn))
    error_message = "adot_layer_arn is the ARN of a version of a layer (arn:aws:lambda:…:layer:name:1)."
  }
}
