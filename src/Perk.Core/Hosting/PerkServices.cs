using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.Http;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Hosting;

/// <summary>The parts of a process, made once and when they are first needed; every host has the same.</summary>
public static class PerkServices
{
    /// <summary>Registers all parts. What is registered already stays: a host that has an account, a model or a clock registers it before.</summary>
    /// <param name="services">The container.</param>
    /// <param name="settings">What is set from outside.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddPerk(this IServiceCollection services, HostSettings settings)
    {
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(settings);
        services.TryAddSingleton<ILogger>(p => p.GetRequiredService<ILoggerFactory>().CreateLogger("perk"));
        services.TryAddSingleton(_ => StorageAccount.From(settings.Storage));
        services.TryAddSingleton<IObjectStore>(p => p.GetRequiredService<StorageAccount>().Objects);
        services.TryAddSingleton(p => ModelResolution.Resolve(settings.Model, p.GetRequiredService<IObjectStore>()));
        services.TryAddSingleton(_ => AcceleratorGate.Create());
        services.TryAddSingleton(EvaluationFiles.Shipped);
        services.TryAddSingleton(_ => new AdapterCache(settings.AdapterCacheBytes));
        services.TryAddSingleton(p => new JobLedger(p.GetRequiredService<IObjectStore>(), settings.Jobs, p.GetRequiredService<TimeProvider>(), Worker));
        services.TryAddSingleton(p => new WorkInFlight(p.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None));
        services.AddHostedService(p => p.GetRequiredService<WorkInFlight>());
        Type[] parts =
        [
            typeof(JobHost), typeof(EncodeJob), typeof(DocumentAsker), typeof(QuestionsJob), typeof(EvaluationJob), typeof(EvaluationSchedule), typeof(QueueHandlers), typeof(JobControl), typeof(JobSweep),
            typeof(QueueMeasure), typeof(Submission), typeof(Arrivals), typeof(DocumentRemoval), typeof(QueueWork), typeof(Upkeep),
        ];
        foreach (var part in parts) services.TryAddSingleton(part);
        services.TryAddSingleton<Func<ServedModel>>(p => p.GetRequiredService<ServedModel>);
        services.TryAddSingleton<Func<Submission>>(p => p.GetRequiredService<Submission>);
        return services.AddPerkHttp(settings.Http);
    }

    /// <summary>Who this process is, for people who read job records.</summary>
    public static string Worker { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";
}
