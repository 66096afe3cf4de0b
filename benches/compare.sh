#!/usr/bin/env bash
# The example in sync on moto: `formwork plan` beside `terraform plan`, as whole processes, in turn.
# Needs: a release build, moto, terraform with the AWS provider installed. Usage: benches/compare.sh [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
port=${PORT:-5097}
formwork=${FORMWORK:-$PWD/target/release/formwork}
terraform=${TERRAFORM:-terraform}
python3 tests/moto_server.py "$port" & moto=$!
work=$(mktemp -d)
trap 'kill $moto; rm -rf "$work"' EXIT
cp examples/sfn-dynamodb/*.tf "$work"
sed -i 's#../../state/sfn-dynamodb.tfstate#terraform.tfstate#' "$work/main.tf"
# The endpoint comes from the environment: an `endpoints` block would make terraform slower.
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
cd "$work"
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
"$terraform" init -input=false >/dev/null
"$formwork" apply -auto-approve >/dev/null
once() { # NAME COMMAND...: wall, cpu and memory of one run
  local name=$1; shift
  /usr/bin/env python3 - "$name" "$@" <<'P'
import os, subprocess, sys, time
name, cmd = sys.argv[1], sys.argv[2:]
t = time.perf_counter()
child = subprocess.Popen(cmd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, u = os.wait4(child.pid, 0)
wall = time.perf_counter() - t
code = os.waitstatus_to_exitcode(status)
print(f"{name:<10} exit {code}  wall {wall*1000:8.1f} ms  cpu {(u.ru_utime+u.ru_stime)*1000:8.1f} ms  peak {u.ru_maxrss/1024:6.1f} MiB")
P
}
for _ in $(seq "$runs"); do
  once formwork "$formwork" plan -detailed-exitcode
  once terraform "$terraform" plan -detailed-exitcode
done
once version "$formwork" version
ls -l "$formwork" | awk '{printf "binary     %.1f MB\n", $5 / 1e6}'
