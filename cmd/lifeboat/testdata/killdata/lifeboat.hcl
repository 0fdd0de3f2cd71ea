# One table with data that can be loaded, restored and rewound: the recoveries that are killed while they do it.
application "killed" {
  owner = "on-call@example.org"

  objectives {
    recovery_time  = "1h"
    recovery_point = "1h"
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

# Another region of primary's account, for when primary's service is lost and its data can be read.
site "next" {
  account = "111111111111"
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
    bucket     = "killed-state-${site.account}-${site.region}"
    lock_table = "killed-lock"
  }

  variables = {
    aws_region = site.region
  }
}

stack "store" {
  path = "store"
}

vault {
  site   = site.vault
  bucket = "killed-vault"
}

table "history" {
  in      = stack.store
  address = "aws_dynamodb_table.history"
  name    = "history"
  point   = "before-disaster"
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "bad-deploy" {
  lost       = "data"
  recover_to = site.primary
}

scenario "resources-deleted" {
  lost       = "resources"
  recover_to = site.primary
}

scenario "region-imported" {
  lost       = site.primary.region
  recover_to = site.standby
  strategies = { history = "import" }
}

scenario "evacuated" {
  lost       = site.primary.service
  recover_to = site.next
}
