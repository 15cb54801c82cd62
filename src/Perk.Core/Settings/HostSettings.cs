using Microsoft.Extensions.Configuration;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Models;
using Perk.Core.Storage;
using Perk.Core.Tensors;

namespace Perk.Core.Settings;

/// <summary>Everything that is set from outside, read and checked once at the start. <c>docs/operations.md</c> has the table.</summary>
public sealed record HostSettings
{
    /// <summary>The setting of <see cref="SweepSchedule"/>. It and the next have no <c>__</c>: the Functions host looks timers' schedules up by these names.</summary>
    public const string SweepKey = "PerkSweepSchedule";

    /// <summary>The setting of <see cref="EvaluationSchedule"/>.</summary>
    public const string EvaluationKey = "PerkEvaluationSchedule";

    /// <summary>The storage account.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>What to encode and answer with.</summary>
    public ModelSettings Model { get; init; } = new();

    /// <summary>How hosts share jobs.</summary>
    public JobOptions Jobs { get; init; } = new();

    /// <summary>When a host looks for stale runs, lost messages, poison messages and uploads, and measures the queues; UTC.</summary>
    public string SweepSchedule { get; init; } = "0 */5 * * * *";

    /// <summary>When the evaluation suite is run; null for never. UTC.</summary>
    public string? EvaluationSchedule { get; init; }

    /// <summary>The suite's name.</summary>
    public string EvaluationSuite { get; init; } = "nightly";

    /// <summary>The HTTP surface.</summary>
    public HttpSettings Http { get; init; } = new();

    /// <summary>How long a question waits before it looks again for a document that is not encoded yet.</summary>
    public TimeSpan QuestionWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of adapters kept in memory.</summary>
    public long AdapterCacheBytes { get; init; } = 256L << 20;

    /// <summary>Where traces and metrics go.</summary>
    public TelemetryExporter Telemetry { get; init; } = TelemetryExporter.Console;

    /// <summary>Every key that is read, in the form of an environment variable.</summary>
    public static IReadOnlyList<string> Keys
    {
        get
        {
            var reader = new SettingsReader(new ConfigurationBuilder().Build());
            Read(reader);
            return reader.Keys;
        }
    }

    /// <summary>Reads and checks all settings.</summary>
    /// <param name="configuration">Where they are: environment variables, most often.</param>
    /// <exception cref="SettingsException">Some cannot be used; the message names every one of them.</exception>
    public static HostSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = Read(reader);
        reader.FaultUnknown("Perk");
        reader.FaultUnknown(StorageSettings.Key);
        reader.ThrowIfFaulty();
        return settings;
    }

    private static HostSettings Read(SettingsReader read)
    {
        var (week, standard) = (TimeSpan.FromDays(7), new HostSettings());
        var (second, shortest, longest) = (TimeSpan.FromSeconds(1), JobOptions.ShortestLease, JobOptions.LongestLease);
        var jobs = standard.Jobs;
        return new HostSettings
        {
            Storage = StorageSettings.Read(read),
            Model = ModelSettings.Read(read),
            Jobs = jobs with
            {
                Lease = read.Span("Perk__Jobs__Lease", shortest, longest) ?? jobs.Lease,
                StaleAfter = read.Span("Perk__Jobs__StaleAfter", shortest, week) ?? jobs.StaleAfter,
                ResendAfter = read.Span("Perk__Jobs__ResendAfter", shortest, week) ?? jobs.ResendAfter,
                TimeLimit = read.Span("Perk__Jobs__TimeLimit", second, week),
            },
            SweepSchedule = read.Schedule(SweepKey) ?? standard.SweepSchedule,
            EvaluationSchedule = read.Schedule(EvaluationKey),
            EvaluationSuite = SuiteOf(read) ?? standard.EvaluationSuite,
            Http = HttpSettings.Read(read),
            QuestionWait = read.Span("Perk__Questions__Wait", second, week) ?? standard.QuestionWait,
            AdapterCacheBytes = read.Number("Perk__Questions__AdapterCacheMiB", 0, 1 << 20) is { } mib ? (long)mib << 20 : standard.AdapterCacheBytes,
            Telemetry = read.Word<TelemetryExporter>("Perk__Telemetry") ?? standard.Telemetry,
        };
    }

    private static string? SuiteOf(SettingsReader read)
    {
        const string key = "Perk__Evaluation__Suite";
        var suite = read.Text(key);
        if (suite is not null && NameRules.SuiteFault(suite) is { } fault) read.Fault(key, $"cannot be used: {fault}");
        return suite;
    }
}

/// <summary>Where traces and metrics go.</summary>
public enum TelemetryExporter
{
    /// <summary>Log lines on the console; metrics among them with each sweep.</summary>
    Console,

    /// <summary>An OpenTelemetry collector, named by the standard variables <c>OTEL_EXPORTER_OTLP_*</c>; log lines too.</summary>
    Otlp,

    /// <summary>Application Insights, named by the standard variable <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>; in the Functions app only.</summary>
    AzureMonitor,
}

/// <summary>What to encode and answer with; what is null is as the checkpoint or the command line says.</summary>
public sealed record ModelSettings
{
    /// <summary>The base model's folder; null for the one that ships.</summary>
    public string? Folder { get; init; }

    /// <summary>The checkpoint's folder.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The id of a checkpoint in the container <c>models</c>, in place of folders.</summary>
    public string? CheckpointId { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</summary>
    public string? Device { get; init; }

    /// <summary>What the base model computes in.</summary>
    public ComputeType? ComputeType { get; init; }

    /// <summary>MiB that micro-batches keep to.</summary>
    public int? MaxMemoryMiB { get; init; }

    /// <summary>The longest segment in tokens.</summary>
    public int? SegmentTokens { get; init; }

    /// <summary>What a segment never goes beyond.</summary>
    public SegmentUnit? SegmentUnit { get; init; }

    internal static ModelSettings Read(SettingsReader read)
    {
        var device = read.Text(ComputeDevice.Variable)?.ToLowerInvariant();
        if (device is not (null or "auto" or "cpu" or "cuda")) read.Fault(ComputeDevice.Variable, $"is '{device}'; it must be auto, cpu or cuda.");
        var (folder, checkpoint) = (read.Text("Perk__Model"), read.Text("Perk__Checkpoint"));
        var id = NameRules.CheckpointIdFault(checkpoint) is null && !Directory.Exists(checkpoint) ? checkpoint : null;
        if (id is not null) checkpoint = null;
        RequireFolder(read, "Perk__Model", folder);
        RequireFolder(read, "Perk__Checkpoint", checkpoint);
        if (folder is not null && id is not null) read.Fault("Perk__Model", "is set beside the id of a checkpoint, which brings its base model along; leave it out.");
        return new ModelSettings
        {
            Folder = folder,
            Checkpoint = checkpoint,
            CheckpointId = id,
            Device = device,
            ComputeType = read.Word<ComputeType>("Perk__ComputeType"),
            MaxMemoryMiB = read.Number("Perk__MaxMemoryMiB", 1, 1 << 24),
            SegmentTokens = read.Number("Perk__SegmentTokens", SegmenterOptions.LeastMaxTokens, SegmenterOptions.GreatestMaxTokens),
            SegmentUnit = read.Word<SegmentUnit>("Perk__SegmentUnit"),
        };
    }

    private static void RequireFolder(SettingsReader read, string key, string? folder)
    {
        if (folder is not null && !Directory.Exists(folder)) read.Fault(key, $"is '{folder}'; there is no such folder.");
    }
}
