# Sourced: this shell is the deploy role of $STAGE from here on. LECTERN_DEPLOY_ROLE names one in another account.
account=$(aws sts get-caller-identity --query Account --output text)
role=${LECTERN_DEPLOY_ROLE:-arn:aws:iam::$account:role/lectern-$STAGE-deploy}
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(
  aws sts assume-role --role-arn "$role" --role-session-name "deploy-${LECTERN_RELEASE:-manual}" --duration-seconds 3600 \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text
)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
