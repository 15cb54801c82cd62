using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Telemetry;

namespace Perk.Core.Tests.Settings;

/// <summary><c>docs/operations.md</c> names what the code reads and measures, and nothing else.</summary>
public sealed partial class OperationsDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "operations.md"));

    [Fact]
    public void Settings_InTheTable_AreThoseThatAreRead() =>
        Assert.Equal(HostSettings.Keys.Order(), Setting().Matches(Rows("| key |")).Select(m => m.Value).Distinct().Order());

    [Fact]
    public void Metrics_InTheTable_AreThoseThatAreMeasured()
    {
        var measured = typeof(Instruments).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<Instrument>().Select(i => i.Name);
        Assert.Equal(measured.Order(), Metric().Matches(Rows("| metric ")).Select(m => m.Value).Order());
    }

    [Fact]
    public void KindsOfFaults_AreAllNamed() => Assert.Contains(
        $"`perk.fault` is one of none, {string.Join(", ", Enum.GetNames<FaultKind>().Select(JsonNamingPolicy.CamelCase.ConvertName))}.", Text);

    /// <summary>The rows of the table that begins so.</summary>
    private static string Rows(string heading)
    {
        var from = Text.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"There is no table that begins with '{heading}'.");
        return Text[from..Text.IndexOf("\n\n", from, StringComparison.Ordinal)];
    }

    [GeneratedRegex("(?<=`)Perk(?:Storage|__|[A-Z][a-z]+Schedule)[A-Za-z_]*(?=`)")]
    private static partial Regex Setting();

    [GeneratedRegex(@"(?<=^\| `)perk\.[a-z_.]+(?=`)", RegexOptions.Multiline)]
    private static partial Regex Metric();
}
