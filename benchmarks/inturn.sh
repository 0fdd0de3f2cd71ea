# The example's five stacks, one after another, as the application's recovery document says it: init, plan and apply of each.
set -eu
apply() { # NAME FOLDER VARIABLE=VALUE...
  name=$1 folder=$2
  shift 2
  mkdir "$WORK/$name"
  cp "$CODE/$folder"/*.tf "$CODE"/shared/*.tf "$WORK/$name"
  cd "$WORK/$name"
  "$TERRAFORM" init -input=false -backend-config="bucket=pharmacy-updates-state-$ACCOUNT-$REGION" \
    -backend-config="dynamodb_table=pharmacy-updates-state-lock" -backend-config="key=$name.tfstate" -backend-config="region=$REGION"
  "$TERRAFORM" plan -input=false -out=saved -var="aws_region=$REGION" -var=environment=live "${@/#/-var=}"
  "$TERRAFORM" apply -input=false saved
}
apply api-key api-key
apply shared-resources shared-resources
apply blue application blue_green_environment=blue image_tag=1.4.2
apply green application blue_green_environment=green image_tag=1.4.2
queue=$(cd "$WORK/shared-resources" && "$TERRAFORM" output -raw queue_arn)
apply link blue-green-link active=blue "queue_arn=$queue"
