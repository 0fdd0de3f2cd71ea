locals {
  readers = [
    "arn:aws:iam::210987654321:role/ledger",
    "arn:aws:iam::210987654322:role/audit",
  ]
  retired   = "arn:aws:iam::210987654321:role/retired"
  user_pool = "eu-north-1_Ab3dEf6hI"
}

resource "aws_s3_bucket" "drop" {
  bucket = "orchard-drop-${data.aws_caller_identity.current.account_id}-${var.region}"
}

resource "aws_s3_bucket_policy" "drop" {
  bucket = aws_s3_bucket.drop.id
  policy = data.aws_iam_policy_document.drop.json
}

data "aws_iam_policy_document" "drop" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.drop.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = sort(local.readers)
    }
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.drop.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:userId"
      values   = ["AROAQ2W3E4R5T6Y7U8I9O:*"]
    }
  }
}

# Each partner holds an id and a secret of its own.
resource "aws_cognito_user_pool_client" "partner" {
  name                = "partner"
  user_pool_id        = local.user_pool
  generate_secret     = true
  allowed_oauth_flows = ["client_credentials"]
}

resource "aws_db_instance" "ledger" {
  identifier_prefix   = "orchard-ledger-"
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "ledger"
  deletion_protection = true
}

resource "aws_dynamodb_table" "archive" {
  count        = var.with_archive ? 1 : 0
  name         = "orchard-archive"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
