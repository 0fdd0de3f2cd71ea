# eu-central-1 is home, eu-west-1 holds the copy
region         = "eu-central-1"
replica_region = "eu-west-1"
zones          = ["eu-central-1a", "eu-central-1b"]
project        = "shop"
owner_account  = "444455556666"
build          = "20240131120000"
