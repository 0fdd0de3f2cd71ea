# So that in a disaster every resource is asked for, and not only who is asking.
provider "aws" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  max_retries                 = 1
}
