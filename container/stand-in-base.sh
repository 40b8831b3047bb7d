#!/usr/bin/env bash
# Makes a stand-in for the base image `node:<version>-bookworm-slim` in buildah's store, where no registry can be reached: Debian
# by debootstrap, Node and its npm from their npm packages. It has the official image's name, layout, user and size, so that
# the very Dockerfile is built on it. Only to look at what the Dockerfile makes (container/verify.sh): what is deployed is
# built on the official image.
#
#   sudo container/stand-in-base.sh            needs buildah, debootstrap, and npm; leaves docker.io/library/node:<version>-bookworm-slim
set -euo pipefail
cd "$(dirname "$0")/.."

node_tag=$(sed -n 's/^ARG NODE=//p' container/Dockerfile)
node_version=${node_tag%%-*}
suite=$(cut -d- -f2 <<<"$node_tag")
case $(uname -m) in x86_64) node_arch=x64 ;; aarch64) node_arch=arm64 ;; *) echo "There is no Node for $(uname -m) in npm." >&2; exit 1 ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

debootstrap --variant=minbase --include=ca-certificates,libatomic1,libstdc++6 "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
if [[ $suite != sid ]]; then
  printf 'deb http://deb.debian.org/debian %s main\ndeb http://deb.debian.org/debian %s-updates main\ndeb http://deb.debian.org/debian-security %s-security main\n' \
    "$suite" "$suite" "$suite" > "$root/etc/apt/sources.list"
fi
# What Debian's slim images leave out, now and of what is installed later.
cat > "$root/etc/dpkg/dpkg.cfg.d/docker" <<'CFG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/groff/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/linda/*
CFG
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/usr/share/doc" -depth -mindepth 1 -type d -empty -delete
rm -rf "$root"/usr/share/{man,info,locale,groff,lintian,linda}/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb \
  "$root"/var/log/*.log "$root"/etc/resolv.conf "$root"/etc/hostname

unpack() { (cd "$work" && tar -xzf "$(npm pack --silent "$1")" --one-top-level="$2" --strip-components=1); }
unpack "node-linux-$node_arch@$node_version" node
unpack npm@11 npm
mkdir -p "$root/usr/local/lib/node_modules"
cp "$work/node/bin/node" "$root/usr/local/bin/node"
cp -r "$work/node/include" "$root/usr/local/"
# Headers for other machines, as the official image leaves them out, too.
rm -rf "$root/usr/local/include/node/openssl/archs"
cp -r "$work/npm" "$root/usr/local/lib/node_modules/npm"
ln -s node "$root/usr/local/bin/nodejs"
for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$root/usr/local/bin/$name"; done
chmod -R go+rX "$root/usr/local"
chroot "$root" groupadd --gid 1000 node
chroot "$root" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
# Where a machine's own certificate authority stands between it and the world (a proxy), the build needs to know it, too.
if compgen -G '/usr/local/share/ca-certificates/*.crt' > /dev/null; then
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
  TMPDIR=/tmp chroot "$root" update-ca-certificates > /dev/null
  mkdir -p "$root/usr/local/etc"
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt' > "$root/usr/local/etc/npmrc"
fi

image=$(buildah from scratch)
# An archive keeps its owners, a folder does not: the home of the user node is that user's.
tar -C "$root" -cf "$work/root.tar" .
buildah add --quiet "$image" "$work/root.tar" / > /dev/null
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --env "NODE_VERSION=$node_version" \
  --entrypoint '[]' --cmd node --label "coldframe.stand-in=made by container/stand-in-base.sh, not the official image" "$image"
buildah commit --quiet --rm "$image" "docker.io/library/node:$node_tag" > /dev/null
echo "docker.io/library/node:$node_tag is a stand-in: Debian $suite, Node $(chroot "$root" node --version), npm $(chroot "$root" npm --version)."
