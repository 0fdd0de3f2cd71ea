# A small application with the real provider: quick enough to be killed many times.
application "killed" {
  owner = "on-call@example.org"

  objectives {
    recovery_time = "1h"
  }
}

site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}

site "standby" {
  account = "222222222222"
  region  = "eu-west-1"
}

site "vault" {
  account = "333333333333"
  region  = "eu-central-1"
}

terraform {
  root    = "infrastructure"
  overlay = ["shared/provider.tf"]

  state {
    bucket     = "killed-state-${site.account}"
    lock_table = "killed-lock"
  }

  variables = {
    aws_region = site.region
  }
}

image "app" {
  repository = "killed/app"
  tags       = ["1"]
  from       = site.vault
}

secret "reader" {
  name = "killed/reader"
  from = site.vault
}

stack "keys" {
  path = "keys"
}

stack "store" {
  path = "store"

  variables = {
    key_arn = stack.keys.outputs.key_arn
  }
}

stack "reader" {
  path  = "reader"
  after = [image.app, secret.reader]

  variables = {
    table_name = stack.store.outputs.table_name
  }
}

verify "history" {
  resource {
    type = "dynamodb_table"
    id   = stack.store.outputs.table_name
  }
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "account-compromised" {
  lost        = site.primary.account
  recover_to  = site.standby
  compromised = true
}

scenario "resources-deleted" {
  lost       = "resources"
  recover_to = site.primary
}

scenario "state-lost" {
  lost       = "state"
  recover_to = site.primary
}
