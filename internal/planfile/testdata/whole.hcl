application "pharmacy-updates" {
  owner = "team@example.org"
  objectives {
    recovery_time  = "1h30m"
    recovery_point = "1d"
  }
}

variable "environment" {
  type        = string
  default     = "live"
  description = "Which environment is recovered."
  validation {
    condition     = contains(["live", "test"], var.environment)
    error_message = "It is live or test."
  }
}

locals {
  prefix = "${var.environment}-${site.region}"
  common = { prefix = local.prefix }
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

site "vault" {
  account = "333333333333"
  region  = "eu-central-1"
  profile = "vault"
}

terraform {
  binary      = "tofu"
  root        = "infrastructure"
  overlay     = ["providers.tf"]
  parallelism = 20
  variables   = { aws_region = site.region }
  state {
    bucket     = "pharmacy-state-${site.account}-${site.region}"
    key        = "${stack.name}.tfstate"
    lock_table = "pharmacy-state-lock"
    lockfile   = true
    kms_key    = "arn:aws:kms:${site.region}:${site.account}:alias/state"
    tags       = { owner = "team" }
  }
}

image "change-event" {
  repository = "pharmacy/change-event"
  tags       = ["1.4.2"]
  digests    = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
  from       = [site.vault, layout("images/change-event"), remote("ghcr.io/example/change-event")]
  in         = stack.blue
  address    = "aws_ecr_repository.change_event"
  settings {
    immutable        = true
    scan_on_push     = false
    kms_key          = "alias/images"
    lifecycle_policy = file("policy.json")
    policy           = jsonencode({ Version = "2012-10-17", Statement = [] })
  }
}

secret "token" {
  name = "pharmacy/token"
  keys = ["value", "previous"]
  from = site.vault
  generate {
    length = 40
    keys   = ["value"]
  }
}

parameter "version" {
  name = "/pharmacy/version"
  from = [site.vault]
}

stack "shared" {
  path   = "shared-resources"
  tables = "all"
}

stack "blue" {
  path        = "application"
  after       = [stack.shared, image.change-event, secret.token]
  optional    = true
  overlay     = ["application/extra.tf"]
  var_files   = ["blue.tfvars"]
  workspace   = "blue"
  backend_key = "app/${stack.name}/${site.region}"
  timeout     = "90m"
  env         = { TF_LOG = "warn" }
  variables   = merge(local.common, { colour = "blue", queue = stack.shared.outputs.queue })
  secret_variables = {
    token   = { secret = "pharmacy/token", key = "value", site = site.vault }
    version = { parameter = "/pharmacy/version" }
  }
}

table "messages" {
  in      = stack.shared
  address = "module.data.aws_dynamodb_table.messages[0]"
  point   = "-15m"
  compare = 1000
  after   = stack.blue
}

api_key "profile-manager" {
  in     = stack.shared
  key_id = stack.shared.outputs.key_id
  consumer {
    name          = "Profile Manager"
    contact       = "profile@example.org"
    age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
  }
}

manual "certificates" {
  instructions = "Ask for the certificates of the new account."
  who          = "platform team"
}

command "seed" {
  argv  = ["./seed", stack.shared.outputs.table]
  probe = concat(["./seed"], ["--check"])
  env   = { REGION = site.region }
  after = [stack.blue]
}

verify "answers" {
  after = [stack.blue]
  http {
    url      = "https://${stack.shared.outputs.host}/health"
    method   = "POST"
    status   = 202
    contains = "ok"
    headers  = { X-Key = stack.shared.outputs.key }
  }
}

verify "queue" {
  resource {
    type = "sqs_queue"
    id   = stack.shared.outputs.queue
  }
}

verify "smoke" {
  command = ["./smoke", "--site=${site.name}"]
  env     = { A = "b" }
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
  recover_to = site.primary
}

scenario "region-down-with-choice" {
  lost       = site.primary.region
  recover_to = site.standby
  strategies = { messages = "load" }
}
