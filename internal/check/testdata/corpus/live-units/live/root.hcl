# Every module is fetched: this tree has no Terraform code of its own.
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  place   = read_terragrunt_config(find_in_parent_folders("region.hcl"))
}

remote_state {
  backend = "s3"
  config = {
    bucket = "plover-state-${local.account.locals.account_id}-${local.place.locals.region}"
    key    = "${path_relative_to_include()}/terraform.tfstate"
    region = local.place.locals.region
  }
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = file("./common/provider.tf.txt")
}
