# A small application with every kind of secret that a plan can have.
application "canary" {
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

variable "licence" {
  type      = string
  sensitive = true
}

terraform {
  root    = "infrastructure"
  overlay = ["shared/provider.tf"]

  state {
    bucket     = "canary-state-${site.account}"
    lock_table = "canary-lock"
  }

  variables = {
    aws_region = site.region
  }
}

secret "login" {
  name = "canary/login"
  keys = ["username", "password"]
  from = site.vault
}

secret "signing" {
  name = "canary/signing"
  from = site.vault

  generate {
    length = 40
  }
}

secret "typed" {
  name = "canary/typed"
}

parameter "address" {
  name = "/canary/address"
  from = site.vault
}

stack "api" {
  path = "api"
}

stack "app" {
  path = "app"

  variables = {
    licence = var.licence
  }

  secret_variables = {
    password = { secret = "canary/login", key = "password" }
    signing  = { secret = "canary/signing" }
    address  = { parameter = "/canary/address" }
  }
}

command "told" {
  argv = ["./told", "of", "the", "connection"]
  env  = { CONNECTION = stack.app.outputs.connection }
}

command "fails" {
  argv     = ["./fails"]
  env      = { LICENCE = var.licence }
  optional = true
}

command "plain" {
  argv  = ["./plain"]
  after = [stack.app]
}

api_key "consumers" {
  in         = stack.api
  usage_plan = stack.api.outputs.usage_plan
  url        = stack.api.outputs.url
  secret     = "canary/consumers"
  from       = site.vault

  consumer {
    name          = "Web"
    contact       = "web@example.org"
    age_recipient = "age16eaf484nxu8kdm9xvjj5kdxtm5zqrhfxp0zk0rptpsftfy2kkfrqhdafye"
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
