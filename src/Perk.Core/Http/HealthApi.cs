using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>Whether this process is well; for probes, without keys, and without reasons, which its log has.</summary>
/// <param name="services">The account and the model, which may not be made where something is wrong.</param>
/// <param name="logger">Told why it is not ready.</param>
public sealed class HealthApi(IServiceProvider services, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>GET <see cref="Routes.Live"/>: 200.</summary>
    public static IResult Live() => Results.Json(new { status = "live" }, Json.Indented);

    /// <summary>GET <see cref="Routes.Ready"/>: 200 or 503 with a <see cref="Readiness"/>.</summary>
    public async Task<IResult> ReadyAsync(CancellationToken cancel)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(Patience);
        var storage = await IsAsync("the storage account cannot be used", () => services.GetRequiredService<StorageAccount>().RequireAsync(soon.Token));
        ServedModel? model = null;
        var files = await IsAsync("the model's files cannot be used", () => Task.FromResult(model = services.GetRequiredService<ServedModel>()));
        var ready = new Readiness(storage && files, storage, files, model is { IsLoaded: true }, model?.Id);
        return Results.Json(ready, Json.Indented, statusCode: ready.Ready ? 200 : 503);

        async Task<bool> IsAsync(string not, Func<Task> check)
        {
            try
            {
                await check();
                return true;
            }
            catch (Exception e)
            {
                HttpLog.NotReady(logger, not, e);
                return false;
            }
        }
    }
}

/// <summary>Whether a process can work.</summary>
/// <param name="Ready">All of it.</param>
/// <param name="Storage">The storage account answers.</param>
/// <param name="ModelFiles">The model's files are there, with the hashes that they must have.</param>
/// <param name="ModelLoaded">The model is in memory; it is loaded when it is first needed, and some roles never need it.</param>
/// <param name="Checkpoint">The checkpoint id.</param>
public sealed record Readiness(bool Ready, bool Storage, bool ModelFiles, bool ModelLoaded, string? Checkpoint);
