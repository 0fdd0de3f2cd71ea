# The recovery plan of pharmacy updates. `lifeboat drill region-down` rehearses it.
application "pharmacy-updates" {
  owner = "pharmacy-updates@example.org"

  objectives {
    recovery_time  = "4h"
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

# Outside the blast radius of both: it holds the copies that a recovery needs.
site "vault" {
  account = "333333333333"
  region  = "eu-central-1"
}

variable "release" {
  description = "The release of the application to run."
  type        = string
  default     = "1.4.2"
}

terraform {
  root    = "infrastructure"
  overlay = ["shared/provider.tf"]

  state {
    bucket     = "pharmacy-updates-state-${site.account}-${site.region}"
    lock_table = "pharmacy-updates-state-lock"
    key        = "${stack.name}.tfstate"
  }

  variables = {
    aws_region  = site.region
    environment = "live"
  }
}

# What Terraform only reads: images that the build pushed, a secret and a parameter of the platform team.
image "change-event" {
  repository = "pharmacy-updates/change-event"
  tags       = [var.release]
  from       = [site.primary, site.vault]
}

image "message-replay" {
  repository = "pharmacy-updates/message-replay"
  tags       = [var.release]
  from       = [site.primary, site.vault]
}

secret "directory-of-services" {
  name = "pharmacy-updates/directory-of-services"
  keys = ["username", "password"]
  from = site.vault
}

# Signs what the functions tell each other: nobody needs to know it beforehand, so after a compromise it is made anew.
secret "signing-key" {
  name = "pharmacy-updates/signing-key"
  from = site.vault

  generate {
    length = 40
  }
}

parameter "opening-times-url" {
  name = "/pharmacy-updates/opening-times-url"
  from = site.vault
}

# The document forgot this stack: a build target applied it, years ago.
stack "api-key" {
  path = "api-key"
}

stack "shared-resources" {
  path = "shared-resources"
}

stack "blue" {
  path = "application"

  after = [
    stack.shared-resources,
    image.change-event,
    image.message-replay,
    secret.directory-of-services,
    secret.signing-key,
    parameter.opening-times-url,
  ]

  variables = {
    blue_green_environment = "blue"
    image_tag              = var.release
  }
}

stack "green" {
  path     = "application"
  optional = true

  after = [
    stack.shared-resources,
    image.change-event,
    image.message-replay,
    secret.directory-of-services,
    secret.signing-key,
    parameter.opening-times-url,
  ]

  variables = {
    blue_green_environment = "green"
    image_tag              = var.release
  }
}

# If the lost site comes back, its functions must not take events beside the new ones.
fence "old-site" {
  functions = ["live-*"]
}

stack "link" {
  path  = "blue-green-link"
  after = [stack.blue, fence.old-site]

  variables = {
    active    = "blue"
    queue_arn = stack.shared-resources.outputs.queue_arn
  }
}

# Exports of the tables, made every hour: `lifeboat protect`.
vault {
  site   = site.vault
  bucket = "pharmacy-updates-vault-333333333333"
}

table "message-history" {
  in      = stack.shared-resources
  address = "aws_dynamodb_table.message_history"
  name    = "live-pharmacy-message-history"
  point   = "latest"
}

# Each consumer has a key of its own, which people hold. The private keys of these two recipients were thrown away: nobody can read what is
# written for them.
api_key "consumers" {
  in         = stack.shared-resources
  usage_plan = stack.shared-resources.outputs.usage_plan_id
  url        = stack.shared-resources.outputs.status_url
  secret     = "pharmacy-updates/consumer-keys"
  from       = site.vault

  consumer {
    name          = "Profile Manager"
    contact       = "profile-manager@example.org"
    age_recipient = "age10p3evqcf7mvtmp0wupwvy4jt3r2u5wnzv2avxxpvgg56wzktjckqm5thrp"
  }

  consumer {
    name          = "Website"
    contact       = "website@example.org"
    ssh_recipient = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICGu0pGSs5p9xT4+XMTF6wMGaKqY4YZTafMp+OuJsyPG"
  }
}

verify "function" {
  resource {
    type = "lambda_function"
    id   = stack.blue.outputs.change_event_function
  }
}

verify "events-flow" {
  resource {
    type = "event_source_mapping"
    id   = stack.link.outputs.mapping_id
  }
}

verify "history" {
  resource {
    type = "dynamodb_table"
    id   = stack.shared-resources.outputs.table_name
  }
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

# An intruder has the account: nothing that it held is trusted, nor any copy that was made after the disaster began.
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

# A release wrote nonsense over the data: everything else lives.
scenario "bad-deploy" {
  lost       = "data"
  recover_to = site.primary
}
