terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region = var.region
}

variable "region" {
  type = string
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "entries" {
  description             = "entries"
  deletion_window_in_days = 30
  multi_region            = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/ledger-deployer" }
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/ledger-app" }
      },
    ]
  })
}

# Its policy is the default one: the account decides.
resource "aws_kms_key" "balances" {
  description             = "balances"
  deletion_window_in_days = 30
  multi_region            = true
}

# Whoever the variable names: nobody knows that here.
resource "aws_kms_key" "reports" {
  description             = "reports"
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.reports.json
}

variable "administrators" {
  type    = list(string)
  default = null
}

data "aws_iam_policy_document" "reports" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = var.administrators
    }
  }
}

resource "aws_kms_key" "exports" {
  description             = "exports"
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.exports.json
}

data "aws_iam_policy_document" "exports" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_kms_key" "archive" {
  description             = "archive"
  deletion_window_in_days = 30
}

resource "aws_kms_key_policy" "archive" {
  key_id = aws_kms_key.archive.id
  policy = data.aws_iam_policy_document.archive.json
}

data "aws_iam_policy_document" "archive" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.current.arn]
    }
  }
}

resource "aws_dynamodb_table" "entries" {
  name                        = "entries"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.entries.arn
  }
}

resource "aws_dynamodb_table" "balances" {
  name                        = "balances"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.balances.arn
  }
}
