#!/usr/bin/env bash
# Makes what ships, models/perk-1m, from nothing: the base model, then the meta-parameters for stories (memory) and for registers. Interrupted, the same command goes on.
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
perk train recipes/train-qa1-2.json --set workers=2 --threads 2 --model "$runs/base/model" --start "$runs/qa1-words/last" --out "$runs/qa1-2"
perk train recipes/train-registers.json --threads 2 --model "$runs/base/model" --out "$runs/registers"
perk train recipes/train-registers-2.json --threads 2 --model "$runs/base/model" --start "$runs/registers/last" --out "$runs/registers-2"
perk train recipes/train-registers-4.json --threads 2 --model "$runs/base/model" --start "$runs/registers-2/last" --out "$runs/registers-4"
perk train recipes/train-registers-long.json --set workers=2 --threads 2 --model "$runs/base/model" --start "$runs/registers-4/last" --out "$runs/registers-long"
mkdir -p models/perk-1m/memory models/perk-1m/registers
cp "$runs/base/model"/* models/perk-1m/
cp "$runs/qa1-2/last"/* models/perk-1m/memory/
cp "$runs/registers-long/last"/* models/perk-1m/registers/
