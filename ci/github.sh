#!/usr/bin/env bash
# The shell of action.yml, which tests run as well.
#
#   github.sh plan      plans, writes the plan, the comment and the findings, and says how it went
#   github.sh comment   posts the comment to the pull request, or updates the one that is there
#   github.sh seal      encrypts the plan, which holds the state and the variables
#   github.sh reviewed  finds the plan that was reviewed with the pull request of this commit
#   github.sh apply     decrypts the plan that was reviewed and applies exactly it
#
# Reads FORMWORK (the program), NAME, DIRECTORY, WORK (a directory for its files), ARGUMENTS, PULL_REQUEST, PASSPHRASE; needs gh for the comment.
set -euo pipefail

formwork=${FORMWORK:-formwork}
name=${NAME:-default}
directory=${DIRECTORY:-.}
work=${WORK:?a directory for plan and comment}
mkdir -p "$work"
work=$(cd "$work" && pwd)
plan=$work/plan.json
comment=$work/comment.md
export TF_IN_AUTOMATION=1
# As formwork writes it.
marker="<!-- formwork:plan:$(printf '%s' "$name" | LC_ALL=C sed -e 's/[^A-Za-z0-9._\/]/-/g' -e 's/^-*//' -e 's/-*$//' -e 's/--*/-/g') -->"

output() {
  echo "$1=$2"
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "$1=$2" >>"$GITHUB_OUTPUT"; fi
}

case ${1:-} in
plan)
  code=0
  # shellcheck disable=SC2086 # arguments are words
  "$formwork" -chdir="$directory" plan -input=false -no-color -detailed-exitcode -out="$plan" \
    -findings="$work/findings.sarif" ${ARGUMENTS:-} >"$work/plan.txt" 2>&1 || code=$?
  cat "$work/plan.txt"
  case $code in
  0 | 2) "$formwork" -chdir="$directory" show -markdown -name="$name" "$plan" >"$comment" ;;
  *)
    # What went wrong, from the end where it stands, within what a comment holds.
    {
      printf 'The plan failed.\n\n~~~~~~~~text\n'
      tail -c 30000 "$work/plan.txt" | sed 's/~~~~~~~~/~/g'
      printf '\n~~~~~~~~\n\n%s\n' "$marker"
    } >"$comment"
    ;;
  esac
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$comment" >>"$GITHUB_STEP_SUMMARY"; fi
  output exitcode "$code"
  output changes "$([ "$code" = 2 ] && echo true || echo false)"
  # Whether the job fails is said at its end, so that the comment is posted first.
  ;;
comment)
  pages=$work/comments.txt
  gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" \
    --jq ".[] | select(.user.type == \"Bot\") | select(.body | contains(\"$marker\")) | .id" >"$pages"
  id=$(head -n 1 "$pages")
  if [ -n "$id" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$comment" >/dev/null
    echo "updated comment $id"
  else
    gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" -F "body=@$comment" >/dev/null
    echo "posted a comment"
  fi
  ;;
seal)
  : "${PASSPHRASE:?The plan holds the state and the variables: a passphrase is needed to keep it.}"
  openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -salt -pass env:PASSPHRASE -in "$plan" -out "$work/plan.sealed"
  # A seal of its own over the ciphertext: nobody may slip in another plan.
  openssl dgst -sha256 -hmac "$PASSPHRASE" -r "$work/plan.sealed" | cut -d ' ' -f 1 >"$work/plan.seal"
  ;;
reviewed)
  # The pull request that this commit came from, and the run that kept the plan of its last commit.
  head=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" --jq '[.[] | select(.merged_at != null)][0].head.sha // ""')
  if [ -z "$head" ]; then
    echo "$GITHUB_SHA comes from no merged pull request: there is no reviewed plan." >&2
    exit 1
  fi
  artifact=formwork-$name-$head
  run=$(gh api "repos/$GITHUB_REPOSITORY/actions/artifacts?name=$artifact" --jq '[.artifacts[] | select(.expired | not)][0].workflow_run.id // ""')
  if [ -z "$run" ]; then
    echo "No plan is kept for $head: it had no changes, or was made too long ago. Nothing is applied."
  fi
  output artifact "$artifact"
  output run "$run"
  ;;
apply)
  : "${PASSPHRASE:?The passphrase that the plan was sealed with is needed.}"
  seal=$(openssl dgst -sha256 -hmac "$PASSPHRASE" -r "$work/plan.sealed" | cut -d ' ' -f 1)
  if [ "$seal" != "$(cat "$work/plan.seal")" ]; then
    echo "The plan was not sealed with this passphrase, or was changed since." >&2
    exit 1
  fi
  (umask 077 && openssl enc -d -aes-256-cbc -pbkdf2 -iter 200000 -pass env:PASSPHRASE -in "$work/plan.sealed" -out "$plan")
  trap 'rm -f "$plan"' EXIT
  # A plan that the state has moved on from is refused.
  "$formwork" -chdir="$directory" apply -input=false -no-color "$plan"
  ;;
*)
  echo "usage: $0 plan|comment|seal|reviewed|apply" >&2
  exit 2
  ;;
esac
