#!/usr/bin/env bash
# install_test.sh BUILD CMAKE LIBDIR VERSION CONFIGURATION: installs BUILD into a folder of its own and makes Debian packages of it. Checks that exactly the
# files are there that should be, what the shared library exports and needs, that each header stands alone, that projects which know only the
# installed package build and run (by find_package and by pkg-config, in C and C++, shared and static), and the contents and dependencies of each
# package. Says what is wrong and ends with 1.
set -euo pipefail
build=$1 cmake=$2 libdir=$3 version=$4 configuration=$5
source=$(cd "$(dirname "$0")/../.." && pwd)
major=${version%%.*} minor=${version%.*}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root

fail() {
  echo "install: $*" >&2
  exit 1
}
same() {   # WHAT EXPECTED FOUND, both files
  diff -u "$2" "$3" >&2 || fail "$1: not as expected"
}
table=$build/tests/embedding/isolated_margin.rft
expected='Isolated margin for retail derivatives: '
runs() {   # PROGRAM, with the installed library
  local said
  said=$(LD_LIBRARY_PATH=$root/$libdir "$@" "$table") || fail "$* fails"
  [[ $said == "$expected"malformed || $said == "$expected"unknown_name ]] || fail "$* says: $said"
}

# ---- which files, in which package

headers="decide.h decision.h export.h gate.h integer.h kinds.h limits.h live_table.h mode_in_force.h reasons.def ringfence.h ringfence_c.h rule_table.h transfer.h version.h"
runtime_files() {
  echo "$libdir/libringfence.so.$major"
  echo "$libdir/libringfence.so.$version"
  echo "share/doc/libringfence$major/copyright"
}
dev_files() {
  printf 'include/ringfence/%s\n' $headers
  printf "$libdir/%s\n" libringfence.a libringfence.so pkgconfig/ringfence.pc cmake/ringfence/ringfence-{config,config-version,targets,"targets-$configuration"}.cmake
  printf 'share/doc/libringfence-dev/%s\n' README.md copyright rule_table.md
}
durable_headers=$(cd "$source/runtime/durable" && ls *.h)
durable_files() {
  printf 'include/ringfence/durable/%s\n' $durable_headers
  printf "$libdir/%s\n" libringfence_durable.a pkgconfig/ringfence-durable.pc cmake/ringfence/ringfence-durable{,-targets,"-targets-$configuration"}.cmake
  printf 'share/doc/libringfence-durable-dev/%s\n' copyright journal.md
}
python_files() {
  printf 'lib/python3/dist-packages/ringfence/%s\n' __init__.py _c.py _text.py
  printf 'share/doc/python3-ringfence/%s\n' copyright examples/gate_csv.py
}
command_files() { printf '%s\n' bin/ringfence bin/ringfence-checker share/doc/ringfence/copyright; }

"$cmake" --install "$build" --prefix "$root" >"$scratch/log" || { cat "$scratch/log" >&2; fail "cmake --install"; }
{ runtime_files; dev_files; durable_files; python_files; command_files; } | sort >"$scratch/expected"
(cd "$root" && find . ! -type d | sed 's|^\./||' | sort) >"$scratch/found"
same "installed files" "$scratch/expected" "$scratch/found"

# ---- the library alone, where nothing else can be found

missing=$(printf -- '-DCMAKE_DISABLE_FIND_PACKAGE_%s=ON ' PkgConfig fmt antlr4-runtime antlr4-generator nlohmann_json CLI11 date)
{ "$cmake" -S "$source" -B "$scratch/library" -G Ninja -DRINGFENCE_LIBRARY_ONLY=ON $missing && "$cmake" --build "$scratch/library" &&
  "$cmake" --install "$scratch/library" --prefix "$scratch/alone"; } >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "the library alone does not build"; }
{ runtime_files; dev_files; python_files; } | sort >"$scratch/expected"
(cd "$scratch/alone" && find . ! -type d | sed 's|^\./||' | sort) >"$scratch/found"
same "installed files of the library alone" "$scratch/expected" "$scratch/found"

# ---- the shared library

library=$root/$libdir/libringfence.so.$version
# Those of the gate came with 1.1, those of deadlines with 1.2, those of modes that come with a transfer, and many transfers together, with 1.4,
# that which decides in one call with 1.5, that which has memory given with 1.6.
sed -nE 's/^RINGFENCE_API .*[ *](ringfence_[a-z_]+)\(.*/\1@@RINGFENCE_'"$major"'/p' "$root/include/ringfence/ringfence_c.h" |
  sed -E "/^ringfence_(mode_in_force|gate_open_mode_since|gate_mode_at)@/s/$/.2/; t; /^ringfence_(get_brought_modes|gate_submit_many)@/s/$/.4/; t; /^ringfence_decide_at_hand@/s/$/.5/; t; /^ringfence_gate_reserve@/s/$/.6/; t; s/^ringfence_gate_.*/&.1/" | sort >"$scratch/expected"
nm -D --defined-only "$library" | awk '{ print $3 }' | grep -v '^RINGFENCE_' | sort >"$scratch/exports"
grep '^ringfence_' "$scratch/exports" >"$scratch/found"
[ -s "$scratch/found" ] || fail "the shared library exports no C function"
same "C functions" "$scratch/expected" "$scratch/found"
grep -v '^ringfence_' "$scratch/exports" | grep -vE "^_ZNK?9ringfence.*@@RINGFENCE_CXX_$minor\$" && fail "the shared library exports what is not its interface"
grep -E '(5Image|5State|10load_check|6format)' "$scratch/exports" | grep -v 'unique_ptrINS0_5Image' && fail "the shared library exports its insides"
readelf -d "$library" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' | grep -vE '^(libstdc\+\+|libm|libgcc_s|libc)\.so\.[0-9]+$' && fail "the shared library needs more than the C++ standard library"
readelf -d "$library" | grep -q "SONAME.*\[libringfence.so.$major\]" || fail "the SONAME is wrong"

# ---- headers

for header in $headers $(printf 'durable/%s\n' $durable_headers); do
  [ "$header" = reasons.def ] && continue
  echo "#include <ringfence/$header>" | c++ -std=c++20 -Wall -Wextra -pedantic -Werror -I"$root/include" -x c++ -fsyntax-only - || fail "$header does not stand alone"
done

# ---- projects outside of the tree

cp -r "$source/tests/install/consumer" "$scratch/consumer"
{ "$cmake" -S "$scratch/consumer" -B "$scratch/consumer/build" -G Ninja -DCMAKE_PREFIX_PATH="$root" && "$cmake" --build "$scratch/consumer/build"; } >"$scratch/log" 2>&1 ||
  { cat "$scratch/log" >&2; fail "the consumer does not build by find_package"; }
for program in c_runtime cxx_runtime c_runtime_static cxx_runtime_static; do
  runs "$scratch/consumer/build/$program"
done
runs "$scratch/consumer/build/keep" "$scratch/kept"
readelf -d "$scratch/consumer/build/c_runtime" | grep -q "NEEDED.*libringfence.so.$major" || fail "ringfence::runtime is not the shared library"
readelf -d "$scratch/consumer/build/c_runtime_static" | grep -q 'NEEDED.*libringfence' && fail "ringfence::runtime_static is not the static library"
sed 's/find_package(ringfence 1.0/find_package(ringfence 99.0/' "$source/tests/install/consumer/CMakeLists.txt" >"$scratch/consumer/CMakeLists.txt"
"$cmake" -S "$scratch/consumer" -B "$scratch/consumer/later" -G Ninja -DCMAKE_PREFIX_PATH="$root" >"$scratch/log" 2>&1 && fail "find_package takes this version for a later one"

cp "$source/tests/install/consumer/CMakeLists.txt" "$scratch/consumer"
"$cmake" -S "$scratch/consumer" -B "$scratch/consumer/none" -G Ninja -DCMAKE_PREFIX_PATH="$scratch/alone" >"$scratch/log" 2>&1 && fail "find_package finds the durable gate where it is not"
grep -q "the component durable of ringfence is not installed" "$scratch/log" || fail "find_package does not say that the durable gate is not there"

export PKG_CONFIG_PATH=$root/$libdir/pkgconfig
for name in ringfence ringfence-durable; do
  [ "$(pkg-config --modversion "$name")" = "$version" ] || fail "pkg-config gives another version"
  [ "$(pkg-config --variable=libdir "$name")" -ef "$root/$libdir" ] || fail "pkg-config gives another folder"
done
strict="-Wall -Wextra -pedantic -Werror"
cc -std=c11 $strict "$source/tests/install/consumer/decide.c" $(pkg-config --cflags --libs ringfence) -o "$scratch/c_pc" || fail "the C program does not build by pkg-config"
c++ -std=c++20 $strict "$source/tests/install/consumer/decide.cc" $(pkg-config --cflags --libs ringfence) -o "$scratch/cxx_pc" || fail "the C++ program does not build by pkg-config"
c++ -std=c++20 $strict "$source/tests/install/consumer/keep.cc" $(pkg-config --cflags --libs ringfence-durable) -o "$scratch/keep_pc" || fail "the durable program does not build by pkg-config"
runs "$scratch/keep_pc" "$scratch/kept_pc"
runs "$scratch/c_pc"
runs "$scratch/cxx_pc"

said=$(PYTHONPATH=$root/lib/python3/dist-packages LD_LIBRARY_PATH=$root/$libdir python3 -B -c 'import sys, ringfence; print(ringfence.Table.load(sys.argv[1]).policy)' "$table") ||
  fail "the Python module does not find the library"
[ "$said: " = "$expected" ] || fail "the Python module says: $said"

# ---- Debian packages

if ! command -v dpkg-deb >/dev/null || ! command -v dpkg-shlibdeps >/dev/null; then
  echo "installed and used; no Debian packages, dpkg-deb or dpkg-shlibdeps is not here"
  exit 0
fi
(cd "$build" && "${cmake%cmake}cpack" -B "$scratch/packages") >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "cpack"; }
architecture=$(dpkg --print-architecture)
package() { ls "$scratch/packages/$1_${version}"_{"$architecture",all}.deb 2>/dev/null; }
contents() {   # PACKAGE: files, as above
  dpkg-deb -c "$(package "$1")" | awk '$1 !~ /^d/ { print $6 }' | sed 's|^\./usr/||' | sort
}
depends() { dpkg-deb -f "$(package "$1")" Depends | tr ',' '\n' | sed -E 's/^ *([^ ]+).*/\1/' | sort -u; }
[ "$(ls "$scratch/packages"/*.deb | wc -l)" = 5 ] || fail "there are not five packages"
for pair in "libringfence$major:runtime_files" libringfence-dev:dev_files libringfence-durable-dev:durable_files python3-ringfence:python_files ringfence:command_files; do
  ${pair#*:} | sort >"$scratch/expected"
  contents "${pair%%:*}" >"$scratch/found"
  same "contents of ${pair%%:*}" "$scratch/expected" "$scratch/found"
done
depends "libringfence$major" | grep -vE '^(libc6|libstdc\+\+6|libgcc-s1)$' && fail "libringfence$major depends on more than the C++ standard library"
depends "libringfence$major" | grep -q '^libstdc++6$' || fail "shlibdeps found nothing"
[ "$(dpkg-deb -f "$(package libringfence-dev)" Depends)" = "libringfence$major (= $version)" ] || fail "libringfence-dev does not depend on its own library"
[ "$(depends libringfence-durable-dev | tr '\n' ' ')" = "libringfence-dev libsodium-dev libsqlite3-dev " ] || fail "libringfence-durable-dev does not depend on what it is linked with"
[ "$(depends python3-ringfence | tr '\n' ' ')" = "libringfence$major python3 " ] || fail "python3-ringfence does not depend on Python and the library"
depends ringfence | grep -q '^libz3-4$' || fail "ringfence does not depend on the solver that it links"
depends ringfence | grep -q libringfence && fail "ringfence depends on the library that it carries within it"
dpkg-deb --ctrl-tarfile "$(package "libringfence$major")" | tar -xOf - ./shlibs | grep -qx "libringfence $major libringfence$major (>= $version)" || fail "the shlibs of libringfence$major are wrong"
echo "installed, used by find_package and pkg-config, and packed: $(cd "$scratch/packages" && echo *.deb)"
