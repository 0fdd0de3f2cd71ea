application "ledger" {
  owner = "ledger@example.org"
  objectives {
    recovery_time  = "12h"
    recovery_point = "1h"
  }
}

site "primary" {
  account = "717273747576"
  region  = "eu-west-1"
}

site "standby" {
  account = "818283848586"
  region  = "eu-central-1"
}

site "vault" {
  account = "919293949596"
  region  = "eu-north-1"
}

vault {
  site   = site.vault
  bucket = "ledger-copies"
}

terraform {
  root = "infra"
  state {
    bucket     = "ledger-state-${site.account}-${site.region}"
    lock_table = "ledger-lock"
    key        = "${stack.name}.tfstate"
  }
  variables = {
    region = site.region
  }
}

stack "store" {
  path = "store"
}

table "entries" {
  name    = "entries"
  in      = stack.store
  address = "aws_dynamodb_table.entries"
  point   = "before-disaster"
}

table "balances" {
  name    = "balances"
  in      = stack.store
  address = "aws_dynamodb_table.balances"
  point   = "-1h"
}

verify "pages" {
  after = [stack.store]
  http {
    url = "https://ledger.example.org/health"
  }
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "account-lost" {
  lost       = site.primary.account
  recover_to = site.standby
}

scenario "damaged" {
  lost       = "data"
  recover_to = site.primary
}

scenario "deleted" {
  lost       = "resources"
  recover_to = site.primary
}
