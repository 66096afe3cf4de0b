terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
provider "aws" {
  region = "us-east-1"
}

module "one" {
  source = "./child"
  name = "one"
}
module "many" {
  for_each = toset(["x"])
  source = "./child"
  name = "many-${each.key}"
  n = 2
}
output "first" { value = module.one.names[0] }
output "xs" { value = module.many["x"].all }
output "acct" {
  value = module.one.acct
  sensitive = true
}
locals { k = keys(module.many) }
output "ks" { value = local.k }
