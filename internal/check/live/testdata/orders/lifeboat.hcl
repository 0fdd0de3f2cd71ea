application "orders" {
  owner = "orders@example.org"
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
  root = "infra"
  state {
    bucket     = "orders-state-${site.account}-${site.region}"
    lock_table = "orders-lock"
    key        = "${stack.name}.tfstate"
  }
  variables = {
    environment = "live"
  }
}

image "worker" {
  repository = "orders/worker"
  tags       = ["1.4.2"]
  from       = [site.primary, site.vault]
}

stack "base" {
  path = "base"
}

table "orders" {
  in      = stack.base
  address = "aws_dynamodb_table.orders"
  point   = "latest"
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "account-lost" {
  lost       = site.primary.account
  recover_to = site.standby
}

scenario "deleted" {
  lost       = "resources"
  recover_to = site.primary
}
