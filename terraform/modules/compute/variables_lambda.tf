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

variable "adot_layer_arns" {
  description = <<-EOT
    Layers of the AWS Distro for OpenTelemetry by the language of a function's runtime: python, nodejs, java or dotnet. Traced
    functions from a package get the one of theirs, and with it what starts them (AWS_LAMBDA_EXEC_WRAPPER). Another
    language, or none here: Lambda's own tracing only.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.adot_layer_arns), ["python", "nodejs", "java", "dotnet"])) == 0
    error_message = "adot_layer_arns is by language, python, nodejs, java or dotnet; got ${join(", ", keys(var.adot_layer_arns))}."
  }

  validation {
    condition     = alltrue([for arn in values(var.adot_layer_arns) : can(regex("^arn:[^:]+:lambda:[a-z0-9-]+:[0-9]{12}:layer:[^:]+:[0-9]+$", arn))])
    error_message = "adot_layer_arns are ARNs of versions of layers (arn:aws:lambda:…:layer:name:1); got ${join(", ", values(var.adot_layer_arns))}."
  }
}
