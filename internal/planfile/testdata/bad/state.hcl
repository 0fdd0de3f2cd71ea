# alone
application "shop" {}
site "a" {
  account = "111111111111"
  region  = "eu-west-2"
}
terraform {
  root = "infrastructure"
  state {
    bucket = "b"
    key    = "shop.tfstate"
  }
}
stack "one" {
  path = "application"
}
stack "two" {
  path = "api-key"
}
scenario "x" {
  lost       = "resources"
  recover_to = site.a
}
