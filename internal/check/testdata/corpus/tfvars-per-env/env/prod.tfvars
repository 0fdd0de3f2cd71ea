env    = "prod"
region = "us-east-2"
vpc_id = "vpc-0c1d2e3f405162738"
image  = "987654321098.dkr.ecr.us-east-2.amazonaws.com/rota"
