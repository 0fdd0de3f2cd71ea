application "bookings" {
  owner = "bookings@example.org"
  objectives {
    recovery_time  = "10m"
    recovery_point = "5m"
  }
}

site "primary" {
  account = "414243444546"
  region  = "eu-west-1"
}

site "standby" {
  account = "414243444546"
  region  = "eu-central-1"
}

site "other" {
  account = "515253545556"
  region  = "eu-central-1"
}

site "vault" {
  account = "414243444546"
  region  = "eu-north-1"
}

terraform {
  root = "infra"
  state {
    bucket     = "bookings-state-${site.account}-${site.region}"
    lock_table = "bookings-lock"
    key        = "${stack.name}.tfstate"
  }
  variables = {
    region = site.region
  }
}

image "web" {
  repository = "bookings/web"
  tags       = ["2024.1"]
  from       = [site.primary, site.vault]
}

image "worker" {
  repository = "bookings/worker"
  tags       = ["2024.1"]
  from       = [site.vault, layout("images")]
}

secret "payments" {
  name = "bookings/payments"
  from = site.vault
}

stack "base" {
  path = "base"
}

stack "app" {
  path  = "app"
  after = [image.web, image.worker, secret.payments]
}

table "bookings" {
  name    = "bookings"
  in      = stack.base
  address = "aws_dynamodb_table.bookings"
  point   = "latest"
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "account-lost" {
  lost       = site.primary.account
  recover_to = site.other
}

scenario "deleted" {
  lost       = "resources"
  recover_to = site.primary
}
