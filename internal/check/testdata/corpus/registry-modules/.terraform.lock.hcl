provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.64.0"
  constraints = ">= 5.40.0"
  hashes      = ["h1:o3UEDkQOtvEVBJ2vHsGSxAdVNkKHLfwbXoKVQCYLuYA="]
}

provider "registry.terraform.io/hashicorp/random" {
  version = "3.6.2"
  hashes  = ["h1:wmG0QFjQ2OfyPy6BB7mQ57WtoZZGGV07uAPQeDmIrAE="]
}
