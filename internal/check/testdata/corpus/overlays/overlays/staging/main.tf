terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }
  }

  backend "s3" {
    bucket = "notify-tfstate-staging"
    key    = "notify.tfstate"
    region = "ap-southeast-2"
  }
}

provider "aws" {
  region = "ap-southeast-2"

  assume_role {
    role_arn = "arn:aws:iam::555566667777:role/deploy-staging"
  }
}

module "base" {
  source      = "../../base"
  environment = "staging"
  region      = "ap-southeast-2"
}

module "state_bucket" {
  source = "../../apps/notify"
  name   = "notify-tfstate-staging"
}
