#!/bin/sh
# Builds the runner's image from the folder of its bundle: sh build-image.sh <name:tag>
# It is made of the images that base-images.env names by digest; where that was not recorded yet, it is now.
set -eu
cd "$(dirname "$0")"
image=${1:?name the image, e.g. runner:1}

if [ ! -s base-images.env ]; then
  echo 'No base images are recorded: they are as they are today.' >&2
  sh record-base-images.sh
fi
recorded() {
  sed -n "s/^$1=//p" base-images.env
}
for name in NODE_IMAGE TOFU_IMAGE OPA_IMAGE; do
  if ! recorded "$name" | grep -Eq '^[a-z0-9./:-]+@sha256:[0-9a-f]{64}$'; then
    echo "base-images.env names $name by no digest. Run record-base-images.sh, and build again." >&2
    exit 1
  fi
done
exec docker build --platform linux/amd64 --pull \
  --build-arg "NODE_IMAGE=$(recorded NODE_IMAGE)" \
  --build-arg "TOFU_IMAGE=$(recorded TOFU_IMAGE)" \
  --build-arg "OPA_IMAGE=$(recorded OPA_IMAGE)" \
  --tag "$image" .
