application "web" {
  owner = "web@example.org"
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
    bucket = "web-state-${site.account}-${site.region}"
    key    = "${stack.name}.tfstate"
  }
  variables = {
    region = site.region
    domain = "example.org"
  }
}

stack "web" {
  path = "web"
}

scenario "account-lost" {
  lost       = site.primary.account
  recover_to = site.standby
}
