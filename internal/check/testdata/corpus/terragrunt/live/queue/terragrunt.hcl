include "root" {
  path = find_in_parent_folders()
}

terraform {
  source = "../../modules//queue"
}

inputs = {
  name   = "parcels"
  region = "us-west-2"
}
