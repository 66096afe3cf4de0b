#!/usr/bin/env bash
# The shell of action.yml, which tests run as well.
#
#   github.sh plan      plans, writes the plan, the comment and the findings, and says how it went
#   github.sh comment   posts the comment to the pull request, or updates the one that is there
#   github.sh seal      encrypts the plan, which holds the state and the variables
#   github.sh reviewed  finds the plan that was reviewed with the pull request of this commit
#   github.sh apply     decrypts the plan that was reviewed and applies exactly it
#
# Reads FORMWORK (the program), NAME, DIRECTORY, WORK (a directory for its files), ARGUMENTS, PULL_REQUEST, HEAD (the commit that is planned),
# SUMMARY_LIMIT (how many bytes the page of a run takes),
# ARTIFACT (as seal and reviewed say it), PASSPHRASE; needs gh for the comment and to find the plan again, openssl to seal it.
set -euo pipefail

formwork=${FORMWORK:-formwork}
name=${NAME:-default}
directory=${DIRECTORY:-.}
work=${WORK:?a directory for plan and comment}
mkdir -p "$work"
work=$(cd "$work" && pwd)
plan=$work/plan.json
comment=$work/comment.md
full=$work/full.md
# A little less than what GitHub takes, in bytes.
SUMMARY_LIMIT=${SUMMARY_LIMIT:-1000000}
export TF_IN_AUTOMATION=1
# As formwork writes it.
marker="<!-- formwork:plan:$(printf '%s' "$name" | LC_ALL=C sed -e 's/[^A-Za-z0-9._\/]/-/g' -e 's/^-*//' -e 's/-*$//' -e 's/--*/-/g') -->"

output() {
  echo "$1=$2"
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "$1=$2" >>"$GITHUB_OUTPUT"; fi
}

# What is printed is text of the configuration: GitHub must not take a line of it for a command.
quietly() {
  local token=
  if [ "${GITHUB_ACTIONS:-}" = true ]; then
    token=$(openssl rand -hex 16)
    echo "::stop-commands::$token"
  fi
  local code=0
  "$@" || code=$?
  if [ -n "$token" ]; then echo "::$token::"; fi
  return "$code"
}

# The name under which the plan of a commit is kept; slashes and the like are not allowed in it.
artifact() {
  echo "formwork-$(printf '%s' "$name" | LC_ALL=C tr -c 'A-Za-z0-9._-' '-')-$1"
}

# A seal over the ciphertext and what it is the plan of: nobody may slip in another plan, nor this one in another's place.
# $1: the salt. The key never stands in a command line.
seal() {
  local key inner
  key=$(openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -S "$1" -pass env:PASSPHRASE -P | sed -n 's/^key *= *//p')
  inner=$({ printf '%s\n%s\n' "$key" "$ARTIFACT" && cat "$work/plan.sealed"; } | openssl dgst -sha256 -r | cut -d ' ' -f 1)
  printf '%s\n%s\n' "$key" "$inner" | openssl dgst -sha256 -r | cut -d ' ' -f 1
}

case ${1:-} in
plan)
  code=0
  set -f
  # shellcheck disable=SC2086 # arguments are words
  "$formwork" -chdir="$directory" plan -input=false -no-color -detailed-exitcode -out="$plan" \
    -findings="$work/findings.sarif" ${ARGUMENTS:-} >"$work/plan.txt" 2>&1 || code=$?
  set +f
  quietly cat "$work/plan.txt"
  case $code in
  0 | 2)
    # The page of the run has room for what a comment has not; there it stands, or a file with it.
    link=()
    if [ -n "${GITHUB_RUN_ID:-}" ]; then
      link=("-link=${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/attempts/${GITHUB_RUN_ATTEMPT:-1}")
    fi
    "$formwork" -chdir="$directory" show -markdown -full -name="$name" "$plan" >"$full"
    "$formwork" -chdir="$directory" show -markdown -name="$name" ${link[@]+"${link[@]}"} "$plan" >"$comment"
    ;;
  *)
    # What went wrong, from the end where it stands, within what a comment holds.
    {
      printf 'The plan failed.\n\n~~~~~~~~text\n'
      tail -c 30000 "$work/plan.txt" | sed 's/~~~~~~~~/~/g'
      printf '\n~~~~~~~~\n\n%s\n' "$marker"
    } >"$comment"
    cp "$comment" "$full"
    ;;
  esac
  # What a step says on the page of the run is lost as a whole if it is longer than 1 MiB: then the text is kept as a file.
  kept=false
  if [ "$(wc -c <"$full")" -gt "$SUMMARY_LIMIT" ]; then kept=true; fi
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    if [ "$kept" = true ]; then
      cat "$comment"
      printf '\nThe full text is among the artifacts of this run: **%s**.\n' "$(artifact "text-${HEAD:-$GITHUB_SHA}")"
    else
      cat "$full"
    fi >>"$GITHUB_STEP_SUMMARY"
  fi
  output exitcode "$code"
  output changes "$([ "$code" = 2 ] && echo true || echo false)"
  if [ "$kept" = true ]; then output full "$(artifact "text-${HEAD:-$GITHUB_SHA}")"; fi
  # Whether the job fails is said at its end, so that the comment is posted first.
  ;;
comment)
  # Only a comment of one's own is updated: others may quote the marker.
  me=$(gh api graphql -f query='query { viewer { login } }' --jq .data.viewer.login)
  pages=$work/comments.txt
  gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" \
    --jq ".[] | select(.user.login == \"$me\") | select(.body | contains(\"$marker\")) | .id" >"$pages"
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
  ARTIFACT=$(artifact "${HEAD:?the commit that is planned}")
  openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -salt -pass env:PASSPHRASE -in "$plan" -out "$work/plan.sealed"
  salt=$(openssl rand -hex 8)
  echo "$salt $(seal "$salt")" >"$work/plan.seal"
  output artifact "$ARTIFACT"
  ;;
reviewed)
  # The pull request that this commit came from, and the run that kept the plan of its last commit.
  head=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" --jq '[.[] | select(.merged_at != null)][0].head.sha // ""')
  if [ -z "$head" ]; then
    echo "$GITHUB_SHA comes from no merged pull request: there is no reviewed plan." >&2
    exit 1
  fi
  ARTIFACT=$(artifact "$head")
  # Runs of forks keep their artifacts here, too: theirs do not count.
  run=$(gh api --method GET "repos/$GITHUB_REPOSITORY/actions/artifacts" -f "name=$ARTIFACT" \
    --jq '[.artifacts[] | select(.expired | not) | .workflow_run | select(.repository_id == .head_repository_id)][0].id // ""')
  if [ -z "$run" ]; then
    echo "No plan is kept for $head: it had no changes, or was made too long ago. Nothing is applied."
  fi
  output artifact "$ARTIFACT"
  output run "$run"
  ;;
apply)
  : "${PASSPHRASE:?The passphrase that the plan was sealed with is needed.}"
  : "${ARTIFACT:?the name that the plan was kept under}"
  read -r salt kept <"$work/plan.seal"
  if ! [[ $salt =~ ^[0-9a-f]{16}$ ]] || [ "$(seal "$salt")" != "$kept" ]; then
    echo "The plan was not sealed with this passphrase, is that of another commit, or was changed since." >&2
    exit 1
  fi
  trap 'rm -f "$plan"' EXIT
  (umask 077 && openssl enc -d -aes-256-cbc -pbkdf2 -iter 200000 -pass env:PASSPHRASE -in "$work/plan.sealed" -out "$plan")
  # A plan that the state has moved on from is refused.
  quietly "$formwork" -chdir="$directory" apply -input=false -no-color "$plan"
  ;;
*)
  echo "usage: $0 plan|comment|seal|reviewed|apply" >&2
  exit 2
  ;;
esac
