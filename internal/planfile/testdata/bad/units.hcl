# alone
application "shop" {
  objectives {
    recovery_time  = "4 hours"
    recovery_point = 5
  }
}
site "a" {
  account = 11111111111
  region  = "eu-west-2a"
}
site "b" {
  account     = "222222222222"
  region      = "eu-wset-1"
  assume_role = "arn:aws:iam::111111111111:role/recovery"
}
site "c" {
  account     = "333333333333"
  region      = "mars-north-1"
  assume_role = "recovery"
}
manual "m" {
  instructions = "wait"
  timeout      = "2 weeks"
}
manual "n" {
  instructions = "wait"
  timeout      = "-1h"
}
scenario "x" {
  lost       = "resources"
  recover_to = site.a
}
