data "aws_sns_topic" "received" {
  name = "intake-received"
}

data "aws_sns_topic" "rates" {
  name = "platform-rates"
}

module "invoices" {
  source   = "../../modules/table"
  name     = "billing-invoices"
  recovery = false
}

module "biller" {
  source = "../../modules/function"
  name   = "billing-run"
  env    = { RATES = data.aws_sns_topic.rates.arn }
}

resource "aws_sns_topic_subscription" "biller" {
  topic_arn = data.aws_sns_topic.received.arn
  protocol  = "lambda"
  endpoint  = module.biller.arn
}
