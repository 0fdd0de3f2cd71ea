application "network" {
  owner = "network@example.org"
}

site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}

site "standby" {
  account = "222222222222"
  region  = "eu-west-1"
}

terraform {
  root = "infra"
  state {
    bucket = "network-state-${site.account}-${site.region}"
    key    = "${stack.name}.tfstate"
  }
  variables = {
    region = site.region
    domain = "example.org"
  }
}

stack "network" {
  path = "network"
}

scenario "account-lost" {
  lost       = site.primary.account
  recover_to = site.standby
}
