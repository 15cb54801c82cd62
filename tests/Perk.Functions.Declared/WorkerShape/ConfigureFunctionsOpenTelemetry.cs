using OpenTelemetry;

namespace Microsoft.Azure.Functions.Worker.OpenTelemetry;

/// <summary>
/// The worker's part of OpenTelemetry. Shape of <c>src/DotNetWorker.OpenTelemetry/ConfigureFunctionsOpenTelemetry.cs</c>,
/// package Microsoft.Azure.Functions.Worker.OpenTelemetry 1.2.0 (commit e704163e).
/// </summary>
public static class ConfigureFunctionsOpenTelemetry
{
    /// <summary>
    /// Traces the worker's activity source; <c>ConfigureFunctionsOpenTelemetry.cs</c> as above.
    /// </summary>
    /// <remarks>
    /// There it also tells the host to leave the worker's telemetry to the worker, passes baggage on, and adds a resource
    /// detector (service name, version, process, Azure site).
    /// </remarks>
    public static IOpenTelemetryBuilder UseFunctionsWorkerDefaults(this IOpenTelemetryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithTracing(tracing => tracing.AddSource("Microsoft.Azure.Functions.Worker"));
    }
}
