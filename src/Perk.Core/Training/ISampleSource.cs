using Perk.Core.Models;

namespace Perk.Core.Training;

/// <summary>Draws training text of one kind.</summary>
internal interface ISampleSource
{
    /// <summary>Draws a sequence.</summary>
    /// <param name="random">All that decides it.</param>
    /// <returns>Null where what was drawn is too long: it is drawn again.</returns>
    WeightedSequence? Draw(Random random);
}
