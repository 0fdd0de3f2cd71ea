terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }
  }

  backend "s3" {
    bucket = "notify-tfstate-production"
    key    = "notify.tfstate"
    region = "ap-southeast-2"
  }
}

provider "aws" {
  region = "ap-southeast-2"

  assume_role {
    role_arn = "arn:aws:iam::555566667777:role/deploy-production"
  }
}

module "base" {
  source      = "../../base"
  environment = "production"
  region      = "ap-southeast-2"
}

module "state_bucket" {
  source = "../../apps/notify"
  name   = "notify-tfstate-production"
}
