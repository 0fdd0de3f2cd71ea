region           = "eu-west-1"
replica          = "arn:aws:s3:::parcels-tfstate-copy"
replication_role = "arn:aws:iam::606162636465:role/replication"
