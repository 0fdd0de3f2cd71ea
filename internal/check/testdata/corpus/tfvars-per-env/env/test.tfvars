env    = "test"
region = "us-east-2"
vpc_id = "vpc-0d1e2f30415263748"
image  = "987654321098.dkr.ecr.us-east-2.amazonaws.com/rota"
