terraform {
  required_version = "~> 1.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40" # .terraform.lock.hcl pins it
    }
    random = {
      source = "hashicorp/random"
    }
  }

  backend "s3" {
    bucket       = "shop-state-444455556666"
    key          = "shop"
    region       = "eu-central-1"
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "replica"
  region = var.replica_region
}
