using Perk.Core.Models;

namespace Perk.Core.MetaLearning;

/// <summary>A context and its questions as meta-training reads them.</summary>
/// <param name="Segments">What the inner loop writes.</param>
/// <param name="Questions">Prompts without the context, with the answers they should get; the loss is on the answers.</param>
public sealed record TrainingProblem(IReadOnlyList<TokenSegment> Segments, IReadOnlyList<WeightedSequence> Questions);
