application "pharmacy-updates" {
  owner = "team@example.org"
  objectives {
    recovery_time  = "4h"
    recovery_point = "5m"
  }
}

site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}

site "standby" {
  account     = "222222222222"
  region      = "eu-west-1"
  assume_role = "arn:aws:iam::222222222222:role/recovery"
}

terraform { # terraform or tofu, found on PATH
  root = "infrastructure"
  state {
    bucket     = "pharmacy-state-${site.account}-${site.region}"
    lock_table = "pharmacy-state-lock"
    key        = "${stack.name}.tfstate"
  }
  variables = {
    aws_region  = site.region
    environment = "live"
  }
}

image "change-event" {
  repository = "pharmacy/change-event"
  tags       = ["1.4.2"]
  from       = site.primary
}

stack "api-key" {
  path = "api-key"
}

stack "shared-resources" {
  path  = "shared-resources"
  after = [stack.api-key]
}

stack "blue" {
  path      = "application"
  after     = [stack.shared-resources, image.change-event]
  variables = { blue_green_environment = "blue" }
}

stack "green" {
  path      = "application"
  after     = [stack.blue]
  optional  = true
  variables = { blue_green_environment = "green" }
}

stack "link" {
  path  = "blue-green-link"
  after = [stack.blue]
  variables = {
    active    = "blue"
    queue_url = stack.shared-resources.outputs.queue_url
  }
}

table "message-history" {
  in      = stack.shared-resources
  address = "aws_dynamodb_table.message_history"
  point   = "latest" # or a time, or "before-disaster"
}

api_key "profile-manager" {
  in     = stack.shared-resources
  key_id = stack.shared-resources.outputs.api_key_id
  consumer {
    name          = "Profile Manager"
    contact       = "profile@example.org"
    age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
  }
}

verify "answers" {
  after = [stack.link]
  http {
    url    = stack.link.outputs.url
    status = 200
  }
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "account-compromised" {
  lost       = site.primary.account
  recover_to = site.standby
}

scenario "resources-deleted" {
  lost       = "resources"
  recover_to = site.primary # in place: every step only if needed
}
