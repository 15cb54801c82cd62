using Perk.Core.Models;

namespace Perk.Core.Training;

/// <summary>A sequence of a pretraining.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Sequence">Its tokens and what the loss of each weighs.</param>
public sealed record TrainingSample(MixtureKind Kind, WeightedSequence Sequence);
