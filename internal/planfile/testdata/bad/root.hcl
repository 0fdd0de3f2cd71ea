# alone
application "shop" {
  objectives { recovery_time = "4h" }
}
site "a" {
  account = "111111111111"
  region  = "eu-west-2"
}
terraform {
  root   = "infrastucture"
  binary = "terrafrom"
  state {
    key = "state"
  }
}
stack "x" {
  path = "x"
}
