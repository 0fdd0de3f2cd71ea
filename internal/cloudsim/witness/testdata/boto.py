"""What TestBoto3 runs: boto3 as applications use it. An assertion or an exception fails the test."""
import io
import json
import sys
import urllib.request
import zipfile

import boto3
from boto3.s3.transfer import TransferConfig

session = boto3.session.Session()


def client(service, **how):
    return session.client(service, endpoint_url=sys.argv[1], **how)


def consumers():
    """API keys come in pages, and a value is taken once."""
    api = client("apigateway")
    for i in range(30):
        api.create_api_key(name=f"consumer-{i}", value=f"a-value-of-twenty-letters-{i}", enabled=True)
    pages = list(api.get_paginator("get_api_keys").paginate(PaginationConfig={"PageSize": 10}))
    assert [len(p["items"]) for p in pages] == [10, 10, 10], pages
    try:
        api.create_api_key(name="again", value="a-value-of-twenty-letters-1")
        raise AssertionError("a value was taken twice")
    except api.exceptions.ConflictException:
        pass


def data():
    """A table is waited for, filled by a batch writer, and read in pages."""
    tables = session.resource("dynamodb", endpoint_url=sys.argv[1])
    table = tables.create_table(
        TableName="events", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    quick = {"Delay": 1}  # boto3 looks every 20 seconds
    table.meta.client.get_waiter("table_exists").wait(TableName="events", WaiterConfig=quick)
    with table.batch_writer() as batch:
        for i in range(60):
            batch.put_item(Item={"id": str(i), "tags": {"a", "b"}, "nested": {"list": [i, None, True]}})
    items = [i for p in client("dynamodb").get_paginator("scan").paginate(TableName="events", PaginationConfig={"PageSize": 7}) for i in p["Items"]]
    assert len(items) == 60, len(items)
    assert table.get_item(Key={"id": "7"})["Item"]["nested"] == {"list": [7, None, True]}
    try:
        table.put_item(Item={"id": "7"}, ConditionExpression="attribute_not_exists(id)")
        raise AssertionError("a condition was not held")
    except tables.meta.client.exceptions.ConditionalCheckFailedException:
        pass
    table.delete()
    table.meta.client.get_waiter("table_not_exists").wait(TableName="events", WaiterConfig=quick)


def secrets():
    """Secrets come in pages; one that waits for its deletion is told from one that does not exist."""
    vault = client("secretsmanager")
    for i in range(25):
        vault.create_secret(Name=f"app/{i}", SecretString=json.dumps({"n": i}))
    names = [s["Name"] for p in vault.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 10}) for s in p["SecretList"]]
    assert len(set(names)) == 25, names
    vault.delete_secret(SecretId="app/1", RecoveryWindowInDays=7)
    for name, error in (("app/1", vault.exceptions.InvalidRequestException), ("none", vault.exceptions.ResourceNotFoundException)):
        try:
            vault.get_secret_value(SecretId=name)
            raise AssertionError(name)
        except error:
            pass


def objects():
    """A transfer in parts, a presigned URL, a conditional write."""
    store = client("s3")
    store.create_bucket(Bucket="boto-of-ours", CreateBucketConfiguration={"LocationConstraint": session.region_name})
    store.get_waiter("bucket_exists").wait(Bucket="boto-of-ours")
    body = b"0123456789" * 1_200_000
    store.upload_fileobj(io.BytesIO(body), "boto-of-ours", "large", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
    assert store.head_object(Bucket="boto-of-ours", Key="large")["ETag"].endswith('-3"')
    url = store.generate_presigned_url("get_object", Params={"Bucket": "boto-of-ours", "Key": "large"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == body
    try:
        store.put_object(Bucket="boto-of-ours", Key="large", Body=b"", IfNoneMatch="*")
        raise AssertionError("a conditional write was not held")
    except store.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == "PreconditionFailed", e


def functions():
    """A function is waited for; a role of the account can be assumed, and sees it."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    role = client("iam").create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "")
    compute = client("lambda")
    compute.create_function(FunctionName="app", Role=role, Runtime="python3.12", Handler="index.handler", Code={"ZipFile": code.getvalue()})
    compute.get_waiter("function_active_v2").wait(FunctionName="app", WaiterConfig={"Delay": 1})
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="drill")["Credentials"]
    seen = client("lambda", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
    assert [f["FunctionName"] for f in seen.list_functions()["Functions"]] == ["app"]
    table = client("dynamodb").create_table(
        TableName="watched", BillingMode="PAY_PER_REQUEST", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    stream = table["TableDescription"]["LatestStreamArn"]
    mapping = {"EventSourceArn": stream, "FunctionName": "app", "BatchSize": 500, "BisectBatchOnFunctionError": True}
    try:
        compute.create_event_source_mapping(**mapping)
        raise AssertionError("a stream was mapped from nowhere")
    except compute.exceptions.InvalidParameterValueException:
        pass
    made = compute.create_event_source_mapping(StartingPosition="TRIM_HORIZON", **mapping)
    listed = [m for p in compute.get_paginator("list_event_source_mappings").paginate(EventSourceArn=stream) for m in p["EventSourceMappings"]]
    assert [(m["UUID"], m["BatchSize"], m["StartingPosition"]) for m in listed] == [(made["UUID"], 500, "TRIM_HORIZON")], listed
    try:
        compute.create_event_source_mapping(StartingPosition="LATEST", **mapping)
        raise AssertionError("a stream was mapped to a function twice")
    except compute.exceptions.ResourceConflictException:
        pass


for part in (consumers, data, secrets, objects, functions):
    part()
print("boto3", boto3.__version__)
