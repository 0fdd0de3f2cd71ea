site "same-region" {
  account = "444444444444"
  region  = "eu-west-2"
}
site "same-account" {
  account = "111111111111"
  region  = "us-east-1"
}
scenario "a" {
  lost       = site.primary.region
  recover_to = site.same-region
}
scenario "b" {
  lost       = site.primary.account
  recover_to = site.same-account
}
scenario "c" {
  lost       = site.primary.region
  recover_to = site.primary
}
