resource "aws_sqs_queue" "this" {
  name                    = var.name
  sqs_managed_sse_enabled = true
}

module "dlq" {
  source = "./modules/dlq"
  name   = "${var.name}-dlq"
}
