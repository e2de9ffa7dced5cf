#!/bin/bash -eu
# Builds every target with its seeds and the dictionary, from the root of the workspace. The image of the Dockerfile
# beside it sets WORK, OUT and SANITIZER, and brings a nightly toolchain with cargo-fuzz.

# Coverage is the compiler's, and comes by RUSTFLAGS of the image.
case "${SANITIZER:-address}" in
    coverage | none) sanitizer=none ;;
    *) sanitizer=$SANITIZER ;;
esac
cargo fuzz build --sanitizer "$sanitizer" --target-dir "$WORK/fuzz"

built="$WORK/fuzz/$(rustc -vV | sed -n 's/^host: //p')/release"
for target in $(cargo fuzz list); do
    cp "$built/$target" "$OUT/"
    cp fuzz/dict/restjson.dict "$OUT/$target.dict"
    (cd "fuzz/corpus/$target" && zip -q "$OUT/${target}_seed_corpus.zip" ./*.txt)
done
