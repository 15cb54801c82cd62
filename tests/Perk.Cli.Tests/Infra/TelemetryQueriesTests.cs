using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Perk.Core.Jobs;
using Perk.Core.Telemetry;

namespace Perk.Cli.Tests.Infra;

/// <summary>Alerts and workbook ask for what the code emits, and the documentation says what to do about each alert.</summary>
public sealed partial class TelemetryQueriesTests
{
    /// <summary>What Azure Monitor takes.</summary>
    private static readonly string[] Windows = ["PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D", "P2D"];

    private static readonly string Operations = File.ReadAllText(Repository.At("docs/operations.md"));

    [Fact]
    public void Queries_MetricsAndTags_AreThoseOfTheCode()
    {
        var tags = MetricRow().Matches(Operations).ToDictionary(m => m.Groups["name"].Value, m => Tag().Matches(m.Groups["by"].Value).Select(t => t.Value).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(Measured().Order(), tags.Keys.Order());
        var statuses = Enum.GetNames<JobStatus>().Select(JsonNamingPolicy.CamelCase.ConvertName).ToHashSet(StringComparer.Ordinal);
        foreach (var (where, query) in Queries().Concat(Workbook()))
        {
            var metrics = MetricName().Matches(query).Select(m => m.Value).ToList();
            Assert.All(metrics, m => Assert.True(tags.ContainsKey(m), $"{where} asks for {m}, which nobody emits."));
            Assert.All(Asked().Matches(query).Select(m => m.Value), t => Assert.True(metrics.Exists(m => tags[m].Contains(t)), $"{where} asks for the tag {t}, which {string.Join(", ", metrics)} has not."));
            Assert.All(Status().Matches(query).SelectMany(m => Word().Matches(m.Value)).Select(m => m.Value), s => Assert.True(statuses.Contains(s), $"{where} asks for the status {s}."));
        }
    }

    [Fact]
    public void Workbook_Shows_EveryMetric()
    {
        var shown = Workbook().SelectMany(q => MetricName().Matches(q.Query)).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Measured().Except(shown));
    }

    [Fact]
    public async Task Alerts_Each_HasItsQueryAndARowThatSaysWhatToDo()
    {
        var main = await Bicep.PredictAsync("main", "PERK_ALERT_EMAIL=a@example.org", "PERK_MONTHLY_BUDGET=100", "PERK_BUDGET_START=2026-12-01");
        var alerts = main.Of("Microsoft.Insights/scheduledQueryRules");
        string[] names = [.. alerts.Select(a => a.GetProperty("name").GetString()!["perk-".Length..]).Order()];
        Assert.Equal(Directory.GetFiles(Repository.At("infra/queries"), "*.kql").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(), names);
        Assert.Equal(names, AlertRow().Matches(Operations[Operations.IndexOf("## Alerts", StringComparison.Ordinal)..Operations.IndexOf("## Known platform faults", StringComparison.Ordinal)]).Select(m => m.Value).Order());
        foreach (var alert in alerts)
        {
            var properties = alert.GetProperty("properties");
            var criterion = Assert.Single(properties.GetProperty("criteria").GetProperty("allOf").EnumerateArray());
            var name = alert.GetProperty("name").GetString()!["perk-".Length..];
            Assert.Equal(await File.ReadAllTextAsync(Repository.At($"infra/queries/{name}.kql"), TestContext.Current.CancellationToken), criterion.GetProperty("query").GetString());
            Assert.Equal((true, "Count", "GreaterThan", 0), (properties.GetProperty("enabled").GetBoolean(), criterion.GetProperty("timeAggregation").GetString(), criterion.GetProperty("operator").GetString(), criterion.GetProperty("threshold").GetInt32()));
            Assert.Contains(properties.GetProperty("windowSize").GetString(), Windows);
            Assert.Contains(properties.GetProperty("evaluationFrequency").GetString(), Windows);
            Assert.Single(properties.GetProperty("actions").GetProperty("actionGroups").EnumerateArray());
        }

        Assert.Single(main.Of("Microsoft.Consumption/budgets"));
        Assert.Empty((await Bicep.PredictAsync("main")).Of("Microsoft.Consumption/budgets"));
    }

    private static IEnumerable<string> Measured() =>
        typeof(Instruments).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<Instrument>().Select(i => i.Name);

    private static IEnumerable<(string Where, string Query)> Queries() =>
        Directory.GetFiles(Repository.At("infra/queries")).Select(f => (Path.GetFileName(f), File.ReadAllText(f)));

    private static IEnumerable<(string Where, string Query)> Workbook()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.At("infra/workbook.json")));
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Where(i => i.GetProperty("type").GetInt32() == 3)
            .Select(i => (i.GetProperty("name").GetString()!, i.GetProperty("content").GetProperty("query").GetString()!))];
    }

    [GeneratedRegex(@"^\| `(?<name>perk\.[a-z_.]+)` \| [^|]+ \| (?<by>[^|]*)\|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"perk\.[a-z_]+")]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<=Name == ')perk\.[a-z_.]+(?=')")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"(?<=Properties\[')[a-z_.]+(?='\])")]
    private static partial Regex Asked();

    [GeneratedRegex(@"(Status|perk\.status'\]\)) !?in \([^)]*\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Status();

    [GeneratedRegex(@"(?<=')[a-zA-Z]+(?=')")]
    private static partial Regex Word();

    [GeneratedRegex("(?<=^\\| `)[a-z-]+(?=` \\|)", RegexOptions.Multiline)]
    private static partial Regex AlertRow();
}
