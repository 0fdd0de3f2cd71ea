# The application of the scripts: beside lifeboat.hcl as sites.lifeboat.hcl.
application "shop" {
  owner = "ann"
  objectives { recovery_time = "4h" }
}

site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}

site "standby" {
  account = "222222222222"
  region  = "eu-west-1"
}

scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}

scenario "resources-deleted" {
  lost       = "resources"
  recover_to = site.primary
}
