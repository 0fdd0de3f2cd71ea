generate "backend" {
  path      = "backend.tf"
  if_exists = "overwrite"
  contents  = <<EOF
terraform {
  backend "s3" {
    bucket = "plover-state-${get_env("STAGE")}"
    key    = "legacy.tfstate"
    region = "eu-west-3"
  }
}
EOF
}

terraform {
  source = "git::https://git.example.org/plover/modules.git//legacy?ref=v0.9.2"
}
