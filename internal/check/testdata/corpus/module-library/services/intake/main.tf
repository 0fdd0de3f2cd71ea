module "events" {
  source = "../../modules/table"
  name   = "intake-events"
}

module "archive" {
  source = "../../modules/bucket"
  name   = "intake-archive"
}

module "receiver" {
  source = "../../modules/function"
  name   = "intake-receiver"

  env = {
    TABLE_ARN = module.events.arn
    LEGACY    = "ledger-db.corp.local"
  }
}

resource "aws_sns_topic" "received" {
  name = "intake-received"
}
