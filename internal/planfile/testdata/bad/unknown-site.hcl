scenario "a" {
  lost       = site.primry.region
  recover_to = site.stanby
}
scenario "b" {
  lost       = resources
  recover_to = "standby"
}
scenario "c" {
  lost       = "everything"
  recover_to = site.standby
}
scenario "d" {
  lost       = site.primary
  recover_to = site.standby.region
}
