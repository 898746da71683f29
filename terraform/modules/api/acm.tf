# Certificates, proven by a record in their domain's zone.

locals {
  # A wildcard and the name below it are proven by one record.
  certificate_names = merge([
    for key, certificate in var.certificates : {
      for name in distinct([for name in concat([certificate.domain_name], tolist(certificate.subject_alternative_names)) : trimprefix(name, "*.")]) :
      "${key}/${name}" => { certificate = key, name = name }
    }
  ]...)

  # Of a certificate that AWS has issued: nothing can use it before.
  certificate_arns = { for key, validation in aws_acm_certificate_validation.this : key => validation.certificate_arn }
}

resource "aws_acm_certificate" "this" {
  for_each = var.certificates

  domain_name               = each.value.domain_name
  subject_alternative_names = each.value.subject_alternative_names
  validation_method         = "DNS"
  key_algorithm             = each.value.key_algorithm

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  tags = { Name = "${local.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "certificate" {
  for_each = local.certificate_names

  zone_id = coalesce(var.certificates[each.value.certificate].zone_id, try(aws_route53_zone.this[var.certificates[each.value.certificate].zone].zone_id, null))
  name    = local.certificate_proofs[each.key].resource_record_name
  type    = local.certificate_proofs[each.key].resource_record_type
  records = [local.certificate_proofs[each.key].resource_record_value]
  ttl     = 300
  # Certificates of this account for one name ask for one record.
  allow_overwrite = true
}

locals {
  certificate_proofs = {
    for key, entry in local.certificate_names : key => [
      for option in aws_acm_certificate.this[entry.certificate].domain_validation_options : option
      if trimprefix(option.domain_name, "*.") == entry.name
    ][0]
  }
}

resource "aws_acm_certificate_validation" "this" {
  for_each = var.certificates

  certificate_arn         = aws_acm_certificate.this[each.key].arn
  validation_record_fqdns = [for key, entry in local.certificate_names : aws_route53_record.certificate[key].fqdn if entry.certificate == each.key]
}
