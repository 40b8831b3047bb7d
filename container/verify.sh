#!/usr/bin/env bash
# Builds the image and looks at what it is: its size as a registry keeps it, how fast its browser starts, and whether the example
# suite and a Selenium suite pass in it with what Fargate gives (not root, 64 MB of /dev/shm, no privileges, a read-only root).
# Says passed or failed, and exits with 0 or 1. Needs Docker or Podman (which builds with Buildah), 10 GB and some minutes.
#
#   npm ci && container/verify.sh
#   ENGINE=podman container/verify.sh
#
# Where no registry can be reached, container/stand-in-base.sh makes a stand-in for the base image.
set -euo pipefail
cd "$(dirname "$0")/.."
exec npx node test/container/image/verify.ts
