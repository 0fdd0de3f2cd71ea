# Eight at a time, as somebody would without Lifeboat: init, plan and apply of each folder under $CODE.
set -eu
one() {
  cp -r "$CODE/$1" "$WORK/$1"
  cd "$WORK/$1"
  "$TERRAFORM" init -input=false -backend-config="bucket=bench-state-$ACCOUNT" -backend-config="dynamodb_table=bench-lock" \
    -backend-config="key=$1.tfstate" -backend-config="region=$REGION"
  "$TERRAFORM" plan -input=false -out=saved
  "$TERRAFORM" apply -input=false saved
}
export -f one
ls "$CODE" | xargs -P8 -I{} bash -euc 'one {}'
