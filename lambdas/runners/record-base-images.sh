#!/bin/sh
# Records in base-images.env, by digest, the images that the runner's image is made of, as their registries have them
# now. OpenTofu is recorded only when the image holds the very program of the release that OpenTofu's key has signed.
# Needs docker, curl, gpg and tar.
set -eu
cd "$(dirname "$0")"

node=public.ecr.aws/lambda/nodejs:24
tofu=ghcr.io/opentofu/opentofu:1.12.6-minimal
opa=openpolicyagent/opa:1.22.2-static
# As the project's installation guide gives it.
tofu_key=E3E6E43D84CB852EADB0051D0C0AF313E5FD9F80

by_digest() {
  digest=$(docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}')
  echo "$1@$digest"
}

check_tofu() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  version=${tofu##*:}
  version=${version%-minimal}
  archive=tofu_${version}_linux_amd64.tar.gz
  release=https://github.com/opentofu/opentofu/releases/download/v$version
  for file in "tofu_${version}_SHA256SUMS" "tofu_${version}_SHA256SUMS.gpgsig" "$archive"; do
    curl -fsSL --retry 3 --output "$work/$file" "$release/$file"
  done
  curl -fsSL --retry 3 --output "$work/key" https://get.opentofu.org/opentofu.asc
  mkdir -m 700 "$work/gpg"
  gpg --homedir "$work/gpg" --batch --quiet --import "$work/key"
  gpg --homedir "$work/gpg" --batch --quiet --status-fd 1 \
    --verify "$work/tofu_${version}_SHA256SUMS.gpgsig" "$work/tofu_${version}_SHA256SUMS" > "$work/status"
  grep -q "^\[GNUPG:\] VALIDSIG .* $tofu_key\$" "$work/status"
  (cd "$work" && grep " $archive\$" "tofu_${version}_SHA256SUMS" | sha256sum --check --status)
  tar -xzf "$work/$archive" -C "$work" tofu
  container=$(docker create --platform linux/amd64 "$1" tofu)
  docker cp "$container:/usr/local/bin/tofu" "$work/tofu-of-image"
  docker rm "$container" > /dev/null
  cmp "$work/tofu" "$work/tofu-of-image"
}

node_image=$(by_digest "$node")
tofu_image=$(by_digest "$tofu")
opa_image=$(by_digest "$opa")
check_tofu "$tofu_image"
cat > base-images.env <<RECORDED
NODE_IMAGE=$node_image
TOFU_IMAGE=$tofu_image
OPA_IMAGE=$opa_image
RECORDED
cat base-images.env
