include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "git::https://git.example.org/plover/modules.git//api"
}

dependency "table" {
  config_path = "../table"

  mock_outputs                            = { name = "mock" }
  mock_outputs_allowed_terraform_commands = ["validate", "plan"]
}

inputs = {
  table = dependency.table.outputs.name
  image = "345678901234.dkr.ecr.eu-west-3.amazonaws.com/plover/api:latest"
}
