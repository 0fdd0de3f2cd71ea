site "twin" {
  account = "111111111111"
  region  = "eu-west-2"
}
scenario "to-itself" {
  lost       = site.primary.service
  recover_to = site.primary
}
scenario "to-the-same-place" {
  lost       = site.primary.service
  recover_to = site.twin
}
scenario "compromised" {
  lost        = site.primary.service
  recover_to  = site.standby
  compromised = true
}
