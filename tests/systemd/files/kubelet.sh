#!/bin/sh
# A kubelet as far as an installation is concerned: it takes the same flags and merges the
# same files, and then the stand-in of the tests does what they say.
set -e
if [ "$1" = --version ]; then
  echo "Kubernetes v1.34.1"
  exit 0
fi
files=
for flag in "$@"; do
  case "$flag" in
    --config=*) files="$files ${flag#*=}" ;;
    --config-dir=*)
      for file in "${flag#*=}"/*.conf; do
        [ ! -e "$file" ] || files="$files $file"
      done
      ;;
  esac
done
value() {
  # shellcheck disable=SC2086 # several files
  sed -n "s/^$1: *//p" $files /dev/null | tail -n 1
}
url=$(value staticPodURL)
if [ -z "$url" ]; then
  echo "This kubelet has no staticPodURL"
  exec sleep infinity
fi
# shellcheck disable=SC2086
authorization=$(sed -n 's/^  Authorization: \["\(.*\)"\]$/\1/p' $files | tail -n 1)
interval=$(value httpCheckFrequency)
exec /usr/bin/kubelet-stand-in --url "$url" ${authorization:+--header "Authorization: $authorization"} \
  --poll-interval "${interval:-20s}" --node-name node-1 --log-root /var/log/pods \
  --root-dir /var/lib/kubelet --cri unix:///run/containerd/containerd.sock
