using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>Where a host finds what evaluations need.</summary>
/// <param name="Suites">The folder of suites, a file each.</param>
/// <param name="Books">The folder of <see cref="ShippedBooks"/>.</param>
public sealed record EvaluationFiles(string Suites, string Books)
{
    /// <summary>What lies beside the running program.</summary>
    public static EvaluationFiles Shipped { get; } = new(EvaluationSuite.ShippedFolder, ShippedBooks.Folder);
}
