region = "eu-north-1"
stage  = "prod"
zone   = "orchard.example.org"
