using System.Diagnostics;

namespace Perk.Core.Telemetry;

/// <summary>Spans, for whoever listens to the source <see cref="Source"/>. A message carries its sender's, so that a trace goes on behind the queue.</summary>
public static class Traces
{
    /// <summary>The name of the source.</summary>
    public const string Source = "Perk.Serverless";

    private static readonly ActivitySource Activities = new(Source);

    /// <summary>The span of putting something into a queue.</summary>
    internal static Activity? Send(string queue) => Activities.StartActivity($"{queue} send", ActivityKind.Producer);

    /// <summary>The span of handling a message, under its sender's.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="messageId">The message's id.</param>
    /// <param name="traceparent">What the message carries; one that is malformed or null begins a trace.</param>
    internal static Activity? Handle(string queue, string messageId, string? traceparent)
    {
        var sender = ActivityContext.TryParse(traceparent, null, isRemote: true, out var known) ? known : default;
        return Activities.StartActivity($"{queue} process", ActivityKind.Consumer, sender)?
            .SetTag("messaging.destination.name", queue).SetTag("messaging.message.id", messageId);
    }

    /// <summary>The span of a piece of work.</summary>
    internal static Activity? Begin(string name) => Activities.StartActivity(name);

    /// <summary>What a message carries of the current trace: a new one where nobody traces, so that the parts of a job can be found all the same.</summary>
    internal static string Traceparent() => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }
        ? id
        : $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01";
}
