#!/usr/bin/env bash
# The job of vm-provisioning without an orchestrator: the same tofu and ansible commands, one after the other.
# Prints the end of each stage with its time. The folder it is given holds module/, play/ and audit/, laid out
# as the runner lays them out; hosts come from the same host controller.
set -euo pipefail
work=$1 hosts_url=$2 token_file=$3

mark() { echo "$1 $EPOCHREALTIME"; }

mark begin
cd "$work/module"
tofu init -input=false -no-color >>"$work/log"
mark init
tofu validate -no-color >>"$work/log"
mark validate
tofu plan -input=false -no-color -lock-timeout=10s -out="$work/plan.bin" >>"$work/log"
mark plan
tofu show -json "$work/plan.bin" >"$work/plan.json"
mark show

tofu apply -input=false -no-color -lock-timeout=10s "$work/plan.bin" >>"$work/log"
mark apply
tofu output -json -no-color >"$work/outputs.json"
python3 - "$work" <<'PYTHON'
import json, sys

outputs = json.load(open(f"{sys.argv[1]}/outputs.json"))
hosts = [{**{k: h[k] for k in ("name", "address", "size", "tags", "owner")}, "expiresAt": h["expires_at"]}
         for h in outputs["inventory"]["value"]]
json.dump({"hosts": hosts}, open(f"{sys.argv[1]}/wanted.json", "w"))
PYTHON
curl --silent --show-error --fail --request PUT --header "Authorization: Bearer $(cat "$token_file")" \
  --header 'Content-Type: application/json' --data "@$work/wanted.json" "$hosts_url" >"$work/hosts.json"
mark hosts

python3 - "$work" <<'PYTHON'
import json, sys

hosts = json.load(open(f"{sys.argv[1]}/hosts.json"))["hosts"]
known = {h["name"]: {"ansible_host": h["address"], "ansible_port": h["port"], "ansible_user": h["user"],
                     "ansible_python_interpreter": "/usr/bin/python3"} for h in hosts}
json.dump({"all": {"hosts": known}}, open(f"{sys.argv[1]}/hosts-inventory.json", "w"))
with open(f"{sys.argv[1]}/known-hosts", "w") as file:
    for h in hosts:
        name = h["address"] if h["port"] == 22 else f"[{h['address']}]:{h['port']}"
        file.writelines(f"{name} {key}\n" for key in h["hostKeys"])
PYTHON
play() {
  cd "$work/$1/project"
  ANSIBLE_CONFIG="$work/$1/ansible.cfg" ansible-playbook --inventory "$work/hosts-inventory.json" \
    --extra-vars "@$work/$1/env/extravars" --diff play.yml >>"$work/log"
}
play play
mark configure

play audit
mark scan
