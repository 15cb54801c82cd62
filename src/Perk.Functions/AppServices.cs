using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using Perk.Core.Hosting;
using Perk.Core.Http;
using Perk.Core.Settings;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Functions;

/// <summary>What the app's functions are made of.</summary>
public static class AppServices
{
    /// <summary>Registers the core's parts and where telemetry goes.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configuration">The app settings.</param>
    /// <exception cref="SettingsException">Some settings cannot be used; the message names every one of them.</exception>
    public static IServiceCollection AddPerkApp(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = HostSettings.Read(configuration);
        settings.Http.RequireAccess(keys: Access.Level != AuthorizationLevel.Anonymous);
        var identity = TelemetryIdentity.From(configuration);
        services.AddPerk(settings).AddPerkTokens(settings.Http);
        services.AddLogging(log => log.AddFilter("Microsoft.AspNetCore", LogLevel.Warning)); // Five lines for each request else.
        if (settings.Telemetry == TelemetryExporter.Console) return services; // The host tells of the worker then, as it does of any.
        var telemetry = services.AddOpenTelemetry()
            .UseFunctionsWorkerDefaults()
            .WithTracing(traces => traces.AddSource(Traces.Source))
            .WithMetrics(metrics => metrics.AddMeter(Instruments.Meter));
        if (settings.Telemetry == TelemetryExporter.Otlp) telemetry.UseOtlpExporter();
        if (settings.Telemetry == TelemetryExporter.AzureMonitor) telemetry.UseAzureMonitorExporter(o => o.Credential = identity);
        return services;
    }
}
