include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "git::https://git.example.org/plover/modules.git//table?ref=v2.1.0"
}

inputs = {
  name = "plover-orders"
}
