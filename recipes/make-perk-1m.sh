#!/usr/bin/env bash
# Makes the checkpoint that ships, models/perk-1m, from nothing: base model, then meta-parameters. Interrupted, the same command goes on.
#   recipes/make-perk-1m.sh [RUNS]      RUNS: folder of the runs, runs/perk-1m if not given
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs/perk-1m}
dotnet build -c Release src/Perk.Cli
perk() { dotnet src/Perk.Cli/bin/Release/net10.0/perk.dll "$@"; }
export OMP_NUM_THREADS=1 # two workers have a thread each
perk pretrain recipes/pretrain-1m.json --out "$runs/base"
perk train recipes/train-qa1.json --threads 2 --model "$runs/base/model" --out "$runs/qa1"
perk train recipes/train-qa1-long.json --threads 2 --model "$runs/base/model" --start "$runs/qa1/best" --out "$runs/qa1-long"
perk train recipes/train-qa1-words.json --threads 2 --model "$runs/base/model" --start "$runs/qa1-long/last" --out "$runs/qa1-words"
mkdir -p models/perk-1m/memory
cp "$runs/base/model"/* models/perk-1m/
cp "$runs/qa1-words/last"/* models/perk-1m/memory/
