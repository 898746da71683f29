mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = {
      json          = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
      minified_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    }
  }
}

variables {
  name_prefix          = "shop-test"
  region               = "eu-west-1"
  account_id           = "123456789012"
  logs_kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_id               = "vpc-0123456789abcdef0"
  vpc_cidr             = "10.20.0.0/16"
  private_subnet_ids   = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  public_subnet_ids    = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
  user_pool_arn        = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abcdefghi"
  user_pool_issuer     = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abcdefghi"
  user_pool_client_ids = { web = "web-client", batch = "batch-client" }
}

run "zones_certificates_records" {
  command = plan

  variables {
    zones        = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    certificates = { public = { domain_name = "shop.example", subject_alternative_names = ["*.shop.example", "www.shop.example"], zone = "public" } }
    alb          = { certificate = "public" }
    records = {
      lb   = { zone = "internal", name = "lb", target = "alb" }
      www  = { zone = "public", name = "www", target = "alb", health_check = "www", set_identifier = "main", failover = "PRIMARY" }
      spf  = { zone = "public", type = "TXT", values = ["v=spf1 -all"] }
      else = { zone_id = "Z0123456789", name = "a.example", alias = { name = "b.example", zone_id = "Z1" } }
    }
    health_checks = { www = { fqdn = "www.shop.example", type = "HTTPS_STR_MATCH", search_string = "ok" } }
  }

  assert {
    condition     = toset(keys(aws_route53_record.certificate)) == toset(["public/shop.example", "public/www.shop.example"])
    error_message = "a wildcard is proven with the name below it"
  }
  assert {
    condition     = aws_route53_record.this["lb"].name == "lb.shop.internal" && aws_route53_record.this["spf"].name == "shop.example" && aws_route53_record.this["spf"].ttl == 300
    error_message = "names lie in their zone"
  }
  assert {
    condition     = length(aws_route53_zone.this["public"].vpc) == 0 && one(aws_route53_zone.this["internal"].vpc).vpc_id == var.vpc_id
    error_message = "a private zone answers in the VPC"
  }
  assert {
    condition     = aws_route53_record.this["www"].failover_routing_policy[0].type == "PRIMARY" && aws_route53_record.this["else"].alias[0].zone_id == "Z1"
    error_message = "one of several, or something else of AWS"
  }
  assert {
    condition     = aws_route53_health_check.this["www"].enable_sni && aws_route53_health_check.this["www"].search_string == "ok"
    error_message = "asked with the name"
  }
  assert {
    condition     = !aws_route53_zone.this["public"].force_destroy
    error_message = "a protected zone keeps its records"
  }

}
