using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Perk.Core.Hosting;
using Perk.Core.Settings;
using Perk.Core.Telemetry;

namespace Perk.Cli.Serve;

/// <summary>Log lines on the console, and where the setting says so, logs, traces and metrics to an OpenTelemetry collector.</summary>
internal sealed class TelemetryExport : IDisposable
{
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <summary>Begins. The collector's address and the like are in the standard variables <c>OTEL_EXPORTER_OTLP_*</c>.</summary>
    /// <param name="exporter">Where to.</param>
    /// <param name="role">What this process is to others: <c>perk-serve</c>.</param>
    public TelemetryExport(TelemetryExporter exporter, string role)
    {
        var otlp = exporter == TelemetryExporter.Otlp;
        var resource = ResourceBuilder.CreateDefault().AddService(role, serviceInstanceId: PerkServices.Worker);
        Loggers = LoggerFactory.Create(log =>
        {
            log.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
            if (otlp) log.AddOpenTelemetry(options => options.SetResourceBuilder(resource).AddOtlpExporter());
        });
        if (!otlp) return;
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Traces.Source).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Instruments.Meter).AddOtlpExporter().Build();
    }

    /// <summary>Makes loggers.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        Loggers.Dispose();
    }
}
