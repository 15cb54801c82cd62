using System.Diagnostics.Metrics;
using System.Text.Json;
using Perk.Core.Jobs;

namespace Perk.Core.Telemetry;

/// <summary>What is measured, for whoever listens to the meter <see cref="Meter"/>. <c>docs/operations.md</c> has the table.</summary>
public static class Instruments
{
    /// <summary>The name of the meter.</summary>
    public const string Meter = "Perk.Serverless";

    private static readonly Meter Source = new(Meter);

    /// <summary>Jobs that ended: by queue, status and, where they did not succeed, the kind of fault.</summary>
    public static Counter<long> JobsEnded { get; } = Source.CreateCounter<long>("perk.jobs.ended", "{job}", "Jobs that ended");

    /// <summary>Tries that failed and are followed by another: by queue and kind of fault.</summary>
    public static Counter<long> Retries { get; } = Source.CreateCounter<long>("perk.jobs.retries", "{try}", "Tries that failed and are followed by another");

    /// <summary>Messages given up, by queue and <c>perk.cause</c>: malformed, or poison.</summary>
    public static Counter<long> DeadLetters { get; } = Source.CreateCounter<long>("perk.messages.dead_lettered", "{message}", "Messages given up");

    /// <summary>From the beginning of the successful try to its end, by queue.</summary>
    public static Histogram<double> JobDuration { get; } = Source.CreateHistogram<double>("perk.jobs.duration", "s", "Duration of the try that ended the job");

    /// <summary>Tokens written into adapters, counted once for each inner step.</summary>
    public static Counter<long> EncodedTokens { get; } = Source.CreateCounter<long>("perk.encode.tokens", "{token}", "Tokens written into adapters, once for each inner step");

    /// <summary>Tokens a second of a document, all inner steps together.</summary>
    public static Histogram<double> EncodeRate { get; } = Source.CreateHistogram<double>("perk.encode.rate", "{token}/s", "Tokens a second of a document");

    /// <summary>How far the loss per token fell from before the first inner step to before the last, in nats.</summary>
    public static Histogram<double> LossFall { get; } = Source.CreateHistogram<double>("perk.encode.loss_fall", "nat", "Fall of the loss per token over the inner steps");

    /// <summary>Questions answered.</summary>
    public static Counter<long> Answers { get; } = Source.CreateCounter<long>("perk.answers", "{answer}", "Questions answered");

    /// <summary>Adapters taken for questions, by <c>perk.result</c>: hit, or miss where one had to be loaded.</summary>
    public static Counter<long> CacheRequests { get; } = Source.CreateCounter<long>("perk.adapter_cache.requests", "{request}", "Adapters taken for questions");

    /// <summary>The share of questions that an evaluation answered right, from 0 to 1, by <c>perk.suite</c>, <c>perk.entry</c> and <c>perk.method</c>.</summary>
    public static Gauge<double> ExactMatch { get; } = Source.CreateGauge<double>("perk.evaluation.exact_match", "1", "Share of questions that an evaluation answered right");

    /// <summary>Results of evaluations that are worse than the earlier report's beyond their interval, by the same.</summary>
    public static Counter<long> Regressions { get; } = Source.CreateCounter<long>("perk.evaluation.regressions", "{result}", "Results of evaluations that are worse than before beyond their interval");

    /// <summary>Messages in a queue, hidden ones too.</summary>
    public static Gauge<long> QueueLength { get; } = Source.CreateGauge<long>("perk.queue.length", "{message}", "Messages in a queue");

    /// <summary>The age of the oldest visible message of a queue.</summary>
    public static Gauge<double> QueueAge { get; } = Source.CreateGauge<double>("perk.queue.age", "s", "Age of the oldest visible message of a queue");

    /// <summary>The tag of a queue.</summary>
    internal static KeyValuePair<string, object?> Queue(string name) => new("perk.queue", name);

    /// <summary>The tags of a result of an evaluation.</summary>
    internal static KeyValuePair<string, object?>[] Evaluated(string suite, string entry, string method) => [new("perk.suite", suite), new("perk.entry", entry), new("perk.method", method)];

    /// <summary>The tag of a job's status.</summary>
    internal static KeyValuePair<string, object?> Status(JobStatus status) => new("perk.status", Word(status));

    /// <summary>The tag of a kind of fault.</summary>
    internal static KeyValuePair<string, object?> Fault(FaultKind? kind) => new("perk.fault", kind is { } known ? Word(known) : "none");

    private static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
