# A table whose name is a variable of its stack, and a parameter that tells the name.
application "history" {
  owner = "on-call@example.org"

  objectives {
    recovery_time  = "1h"
    recovery_point = "5m"
  }
}

site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}

terraform {
  root    = "infrastructure"
  overlay = ["shared/provider.tf"]

  state {
    bucket     = "history-state-${site.account}"
    lock_table = "history-lock"
  }

  variables = {
    aws_region = site.region
  }
}

stack "data" {
  path = "data"

  variables = {
    table_name = table.history.name
  }
}

table "history" {
  in      = stack.data
  address = "aws_dynamodb_table.history"
  name    = "history-${site.region}"
  point   = "before-disaster"
}

verify "table" {
  resource {
    type = "dynamodb_table"
    id   = table.history.name
  }
}

scenario "bad-deploy" {
  lost       = "data"
  recover_to = site.primary
  strategies = { history = "swap" }
}
