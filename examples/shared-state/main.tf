# A state that a team shares: kept in a bucket, locked beside it, one for each workspace.
#
#   formwork -chdir=examples/shared-state -sandbox apply                              # without an account: the sandbox has its own state
#   formwork -chdir=examples/shared-state init -backend-config=bucket=YOUR-BUCKET     # on AWS, with your own bucket
#   formwork -chdir=examples/shared-state workspace new staging
#   formwork -chdir=examples/shared-state apply
#
# Another configuration reads the outputs with
#
#   data "terraform_remote_state" "shared" {
#     backend   = "s3"
#     workspace = "staging"
#     config    = { bucket = "YOUR-BUCKET", key = "shared-state/terraform.tfstate", region = "eu-central-1" }
#   }
#
# The directory works with `terraform` unchanged, at the same time: both take the same lock.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {
    bucket       = "example-terraform-states"
    key          = "shared-state/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_dynamodb_table" "sessions" {
  name         = "sessions-${terraform.workspace}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

output "table" {
  description = "The name of the table."
  value       = aws_dynamodb_table.sessions.name
}
