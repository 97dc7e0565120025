#!/bin/bash
# Asks an address over HTTP until it answers as wanted.
set -euo pipefail

parameter() {
  python3 -I -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2], sys.argv[3]))' \
    "$PARAMETERS_FILE" "$1" "$2"
}

url=$(parameter url '')
wanted=$(parameter status 200)
tries=$(parameter tries 5)
case $url in
  http://* | https://*) ;;
  *)
    echo 'The url must begin with http:// or https://.'
    exit 2
    ;;
esac

status=none
for ((try = 1; try <= tries; try++)); do
  status=$(python3 -I - "$url" <<'PYTHON'
import sys
import urllib.error
import urllib.request

try:
    print(urllib.request.urlopen(sys.argv[1], timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
except OSError as error:
    print(f"none ({error})")
PYTHON
  )
  echo "try $try: $status"
  if [[ $status == "$wanted" ]]; then
    printf '{"status": %d, "tries": %d}\n' "$status" "$try" >"$RESULT_FILE"
    exit 0
  fi
  if ((try < tries)); then sleep 2; fi
done
echo "$url never answered with $wanted."
exit 1
