variable "name" {
  type = string
}

data "aws_caller_identity" "this" {}

data "aws_region" "this" {}

resource "aws_s3_bucket" "this" {
  bucket = join("-", [var.name, data.aws_caller_identity.this.account_id, data.aws_region.this.name])
}
