using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Perk.Cli.Tests.LongestFirst))]

namespace Perk.Cli.Tests;

/// <summary>The fault programs wait for leases most of the time: begun first, they run beside everything else.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(c => c.TestCollectionDisplayName.Contains(nameof(Faults.FaultProgramTests), StringComparison.Ordinal)).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];
}
