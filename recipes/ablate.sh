#!/usr/bin/env bash
# What each part of the method is worth: trainings of a few minutes (train-ablation.json) that differ in one thing, two at a time, each then asked at 1K.
# Interrupted, the same command goes on.
#   recipes/ablate.sh [RUNS]      RUNS: folder of the runs, runs/ablation if not given
set -euo pipefail
cd "$(dirname "$0")/.."
export runs=${1:-runs/ablation}
dotnet build -c Release src/Perk.Cli
export OMP_NUM_THREADS=1 # two runs have a core each

run() { # NAME START LENGTH FIELD=VALUE...: START is a run to go on from, or -
  local name=$1 start=$2 length=$3
  shift 3
  local set=()
  for field in "$@"; do set+=(--set "$field"); done
  if [ "$start" != - ]; then set+=(--start "$runs/$start/last"); fi
  local perk=(dotnet src/Perk.Cli/bin/Release/net10.0/perk.dll)
  "${perk[@]}" train recipes/train-ablation.json --threads 1 --model models/perk-1m --out "$runs/$name" "${set[@]}" > "$runs/$name.log" 2>&1
  "${perk[@]}" evaluate --task qa1 --world original --length "$length" --contexts 40 --questions 3 --model models/perk-1m \
    --checkpoint "$runs/$name/last" --out "$runs/$name/at-$length" > "$runs/$name-at-$length.log" 2>&1
  grep -h '^ *perk ' "$runs/$name-at-$length.log" | sed "s/^/$name at $length:/"
}
export -f run
mkdir -p "$runs"

xargs -P 2 -L 1 bash -c 'run "$@"' - <<'RUNS'
standard - 1K
seed-2 - 1K seed=2
half - 1K outer.steps=150
first-order-T0 - 1K outer.unrolledSteps=0
steps-2-from-scratch - 1K inner.steps=2
steps-2-T1-from-scratch - 1K inner.steps=2 outer.unrolledSteps=1
rank-8 - 1K lora.rank=8
rank-16 - 1K lora.rank=16
rank-64 - 1K lora.rank=64
no-weighting - 1K tokenWeight=null
fixed-step-sizes - 1K outer.stepSizeRate=0
mean - 1K inner.normalisation=meanOverTokens inner.rootEpsilon=0.02
epsilon-1e-8 - 1K inner.rootEpsilon=1e-8
epsilon-0.5 - 1K inner.rootEpsilon=0.5 stepSize=0.005
epsilon-50 - 1K inner.rootEpsilon=50 stepSize=0.1
sgd - 1K inner.optimizer=sgd stepSize=0.004
RUNS
xargs -P 2 -L 1 bash -c 'run "$@"' - <<'RUNS'
steps-2-appended half 1K inner.steps=2 outer.steps=150 appendedShare=0.3
steps-1-gone-on half 1K outer.steps=150
gone-on standard 8K outer.steps=100
amplified standard 8K outer.steps=100 amplification.share=0.6 amplification.greatest=64
RUNS
