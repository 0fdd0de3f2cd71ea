variable "name" {
  type = string
}

resource "aws_s3_bucket" "state" {
  bucket = var.name
}
